"""The life of a voucher is read from the books of the three example years."""

import os

import pytest

from tests.life.shelf import Books, Shelf


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Give the shelf of books that all test processes of this session share."""
    own = tmp_path_factory.getbasetemp()
    root = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return Shelf(root / "shelf")


@pytest.fixture
def beijing(shelf: Shelf) -> Books:
    return shelf.of("beijing-2023")


@pytest.fixture
def nanning(shelf: Shelf) -> Books:
    return shelf.of("nanning-2025")


@pytest.fixture
def guizhou(shelf: Shelf) -> Books:
    return shelf.of("guizhou-2026")
