"""The catalogue that travels with the program."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from evernormal.catalogue.device_files import read_devices
from evernormal.catalogue.export_rules_file import read_export_rules
from evernormal.catalogue.problems import CatalogueProblem, CatalogueProblems
from evernormal.domain.device import Catalogue

EXPORT_RULES = "export_rules.toml"
SHEETS = (
    "devices.csv",
    "figures.csv",
    "training_mfu.csv",
    "software.csv",
    "aliases.csv",
    "sparse.csv",
    "sources.csv",
)


def catalogue_path() -> Path:
    """Find the folder that holds the catalogue.

    Inside the package when it was installed from a wheel; else the repository's own `catalogue`.
    """
    package = Path(__file__).resolve().parent
    installed = package / "library"
    return installed if installed.is_dir() else package.parents[2] / "catalogue"


@cache
def library_catalogue() -> Catalogue:
    """Read the catalogue that travels with the program.

    raises   CatalogueProblems
    """
    return read_catalogue(catalogue_path())


def read_catalogue(folder: Path) -> Catalogue:
    """Read a catalogue's folder.

    raises   CatalogueProblems with every mistake, each with file, line, place and what to do
    source   docs/reference/catalogue.md
    """
    names = (*SHEETS, EXPORT_RULES)
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        message = "It is missing: put it into the folder."
        raise CatalogueProblems(CatalogueProblem(name, 0, "", message) for name in missing)
    return load_catalogue({name: (folder / name).read_bytes() for name in names})


def load_catalogue(files: Mapping[str, bytes]) -> Catalogue:
    """Make the catalogue of its files' bytes, by name.

    raises   CatalogueProblems
    """
    devices, sparse, problems = read_devices(files)
    ids = {device.id for device in devices}
    vendors = {device.vendor for device in devices}
    rules, wrong = read_export_rules(
        files[EXPORT_RULES], path=EXPORT_RULES, devices=ids, vendors=vendors
    )
    if problems or wrong:
        raise CatalogueProblems([*problems, *wrong])
    return Catalogue(devices, rules, sparse)
