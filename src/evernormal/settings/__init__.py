"""Django settings, read from the environment and checked at start (docs/reference/settings.md)."""

import os
from pathlib import Path

from evernormal.settings.database import database_settings, lake_folder

SECRET_KEY = "not used: no page, session or cookie is served yet"  # noqa: S105 - guards nothing
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
INSTALLED_APPS = ["evernormal.store"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": database_settings(
        os.environ.get("EVERNORMAL_DATABASE_URL", ""), embedded_folder=Path("var")
    )
}
USAGE_LAKE = lake_folder(os.environ.get("EVERNORMAL_USAGE_LAKE", ""), database=DATABASES["default"])
