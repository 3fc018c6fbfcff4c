"""The books of the three example years, as in tests/life."""

from tests.life.conftest import beijing, guizhou, nanning, shelf

__all__ = ["beijing", "guizhou", "nanning", "shelf"]
