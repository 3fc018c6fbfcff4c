"""The one Django app."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The tables of a programme year."""

    name = "evernormal.store"
    label = "store"
