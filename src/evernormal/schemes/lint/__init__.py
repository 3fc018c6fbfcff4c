"""Lint: what a scheme file may say and hardly means."""

from evernormal.schemes.lint.finding import Finding, Level
from evernormal.schemes.lint.whole_scheme import FIRMS_MIN, lint

__all__ = ["FIRMS_MIN", "Finding", "Level", "lint"]
