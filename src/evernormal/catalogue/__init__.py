"""Reading the device catalogue and the export rules (docs/reference/catalogue.md)."""

from evernormal.catalogue.library import (
    catalogue_path,
    library_catalogue,
    load_catalogue,
    read_catalogue,
)
from evernormal.catalogue.problems import CatalogueProblem, CatalogueProblems

__all__ = [
    "CatalogueProblem",
    "CatalogueProblems",
    "catalogue_path",
    "library_catalogue",
    "load_catalogue",
    "read_catalogue",
]
