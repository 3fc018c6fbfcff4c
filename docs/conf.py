"""How Sphinx builds the documentation; `make docs` runs it."""

import evernormal

project = "Evernormal 常平"
author = copyright = "The Evernormal contributors"
release = version = evernormal.__version__

extensions = ["myst_parser", "sphinx.ext.doctest"]
source_suffix = {".md": "markdown"}
exclude_patterns: list[str] = []
language = "en"
locale_dirs = ["locale"]
gettext_compact = False

# `#section` links between pages are checked like any other.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist"]
# ```text tree``` and its like are fences with a word more than Pygments knows.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = project
# No font, script or picture comes from elsewhere: the pages read the same without a network.
html_show_sphinx = False
