"""Schemes: rules as dated, sourced data, read from TOML, with worked cases beside them."""

from evernormal.schemes.cases import CaseResult, Difference, run_cases
from evernormal.schemes.library import (
    UnknownScheme,
    library_path,
    list_schemes,
    read_library_cases,
    read_library_scheme,
)
from evernormal.schemes.problems import SchemeProblem, SchemeProblems
from evernormal.schemes.scheme_file import load_scheme

__all__ = [
    "CaseResult",
    "Difference",
    "SchemeProblem",
    "SchemeProblems",
    "UnknownScheme",
    "library_path",
    "list_schemes",
    "load_scheme",
    "read_library_cases",
    "read_library_scheme",
    "run_cases",
]
