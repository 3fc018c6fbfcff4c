"""The catalogue's files: what travels with the program is right, and every mistake is told."""

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

import evernormal.catalogue.library
from evernormal.catalogue import (
    CatalogueProblems,
    catalogue_path,
    library_catalogue,
    load_catalogue,
    read_catalogue,
)
from evernormal.catalogue.library import EXPORT_RULES, SHEETS
from evernormal.catalogue.sheet import FILE_BYTES_MAX
from evernormal.domain.device import (
    AmbiguousDevice,
    Confidence,
    Precision,
    SparseFigure,
    Workload,
    refuse_sparse,
)

pytestmark = pytest.mark.one_database

FILES = {name: (catalogue_path() / name).read_bytes() for name in (*SHEETS, EXPORT_RULES)}


def problems(**changed: bytes) -> list[str]:
    """What loading says when files are changed, by their name without its ending."""
    files = {name: changed.get(name.partition(".")[0], text) for name, text in FILES.items()}
    with pytest.raises(CatalogueProblems) as refused:
        load_catalogue(files)
    return [str(problem) for problem in refused.value.problems]


def edited(name: str, pattern: str, text: str) -> bytes:
    """A file of the catalogue with the first match replaced."""
    before = FILES[name].decode()
    after = re.sub(pattern, text, before, count=1, flags=re.MULTILINE)
    assert after != before
    return after.encode()


def test_the_library_holds_every_device_with_its_evidence() -> None:
    known = library_catalogue()

    assert len(known.devices) == 44
    for device in known.devices:
        assert device.dense, device.id
        for name, value in device.evidence.items():
            assert value.source, (device.id, name)
    h100 = known.get("NVIDIA H100 80GB HBM3")
    assert h100.dense[Precision.FP16] == Fraction("989.4")
    assert h100.evidence_of("dense.FP16").confidence is Confidence.READ
    assert [one.workload for one in h100.software] == [Workload.TRAINING, Workload.SERVING]
    assert known.get("昇腾910B3").id == "ascend_910b3"
    with pytest.raises(AmbiguousDevice):
        known.get("Ascend-910B")


def test_what_nobody_read_stays_marked() -> None:
    device = library_catalogue().get("mlu590")

    names = ("name", "dense.FP16", "memory_gb", "tdp_w", "mfu", "sold_freely_from")
    assert {device.evidence_of(name).confidence for name in names} == {Confidence.GENERAL_KNOWLEDGE}


@pytest.mark.parametrize(
    ("name", "precision", "quoted", "dense"),
    [
        ("l40s", Precision.FP8, "1466", "733"),
        ("rtx_4090", Precision.INT8, "1321", "660.6"),
        ("rtx_4090", Precision.FP8, "1321", "330.3"),
        ("a100_sxm_80", Precision.FP16, "624", "312"),
        ("h200_sxm", Precision.FP8, "3958", "1,979"),
    ],
)
def test_sparse_figures_that_circulate_are_refused(
    name: str, precision: Precision, quoted: str, dense: str
) -> None:
    known = library_catalogue()

    with pytest.raises(SparseFigure) as refused:
        refuse_sparse(known.get(name), precision, Fraction(quoted), known=known.sparse)

    assert refused.value.dense == dense


def test_a_sparse_figure_in_the_files_is_refused_with_the_dense_one() -> None:
    pattern = r"^l40s,dense\.FP8,733,DENSE"

    told = problems(figures=edited("figures.csv", pattern, "l40s,dense.FP8,1466,DENSE"))
    assert len(told) == 1
    assert re.match(r"figures.csv:\d+: value: 1,466 is no dense FP8 rate of l40s.*733", told[0])
    told = problems(figures=edited("figures.csv", pattern, "l40s,dense.FP8,1466,SPARSE"))
    assert "Sparse rates are refused" in told[0]


@pytest.mark.parametrize(
    ("name", "pattern", "text", "said"),
    [
        ("figures.csv", r"^t4,dense.FP16,65,DENSE", "t4,dense.FP16,65,", "A rate says DENSE"),
        ("figures.csv", r"^t4,dense.FP16,65", "t4,dense.FP16,6x5", "value: Write a number above 0"),
        ("figures.csv", r"^t4,dense.FP16", "t5,dense.FP16", "device: devices.csv has no such id"),
        ("figures.csv", r"^t4,dense.FP16", "t4,dense.FP17", "figure: Write one of: bandwidth_gb_s"),
        ("figures.csv", r"^(t4,dense.FP16.*)$", r"\1\n\1", "figure: Line 9 says the same"),
        ("figures.csv", r"^(t4,dense.FP16.*)$", r"\1,more", "It has to have 7 cells"),
        ("figures.csv", r"^device,", "card,", "Its first line has to name: device,figure"),
        (
            "figures.csv",
            r"metax_c500_pcie,bandwidth_gb_s,1800",
            "metax_c500_pcie,bandwidth_gb_s,18000",
            "GB/s for each GB of memory of metax_c500_pcie is 281.25, above 100",
        ),
        (
            "devices.csv",
            r",epoch_chips,READ,",
            ",nowhere,READ,",
            "source: sources.csv has no such id",
        ),
        (
            "devices.csv",
            r",DATACENTRE,HBM2,",
            ",SHELF,HBM2,",
            "sale: Write one of: DATACENTRE, CONSU",
        ),
        ("devices.csv", r",2017-06-21,", ",21.06.2017,", "sold_freely_from: Write a day, as in"),
        (
            "devices.csv",
            r",READ,,FP16 tensor",
            ",READ,weight,FP16 tensor",
            "unread: Name fields out of",
        ),
        ("devices.csv", r"^t4,Tesla T4", "T 4,Tesla T4", "id: Write an id of lower-case"),
        ("devices.csv", r"^t4,Tesla T4,(.*),US,", r"t4,Tesla T4,\1,usa,", "Write a country in two"),
        ("devices.csv", r"^t4,Tesla T4", 't4,"Tesla" T4', "This is no CSV"),
        ("training_mfu.csv", r"^t4,0.15", "t4,0.95", "An MFU band rises"),
        ("software.csv", r"^v100_sxm2_32,TRAINING,1,", "v100_sxm2_32,TRAINING,0,", "whole number"),
        ("aliases.csv", r"^T4,t4", ",t4", "alias: Write words"),
        ("export_rules.toml", r'^kind = "CONTROL"', 'kind = "BAN"', "kind: Write one of: CONTROL"),
        ("export_rules.toml", r"^tpp = \{ at_least = 4800 \}", "tpp = 4800", "Write its bounds"),
        ("export_rules.toml", r"^tpp = \{ at_least = 4800 \}", "tpp = { over = 1 }", "no such key"),
        ("export_rules.toml", r"^io_gb_s = .*$", 'weight = "x"', "There is no such key"),
        (
            "export_rules.toml",
            r"^io_gb_s = .*\ntpp = .*$",
            'sale = "CONSUMER"',
            "Compare at least one",
        ),
        ("export_rules.toml", r'^control = "3A090"\n', "", "control: A rule of kind CONTROL names"),
        ("export_rules.toml", r'^review = "PRESUM.*\n', "", "review: CONTROL and REVIEW say"),
        (
            "export_rules.toml",
            r"^ends_on = 2023-11-17",
            "ends_on = 2022-01-01",
            "ends_on: It has to be",
        ),
        (
            "export_rules.toml",
            r"^starts_on = 2022-10-07",
            "starts_on = 7",
            "starts_on: Write a day",
        ),
        (
            "export_rules.toml",
            r'^id = "us_2023_consumer"',
            'id = "us_2022_3a090"',
            "Another has this id",
        ),
        ("export_rules.toml", r'"ascend_910b1"', '"ascend_911"', "devices.csv has no ascend_911"),
        ("export_rules.toml", r"^destinations = \[.*\]", "destinations = 1", "Write a list"),
        ("export_rules.toml", r"^state_funded = true", "state_funded = 1", "Write true or false"),
        ("export_rules.toml", r'"30/100"', '"0.3"', "Write two whole numbers"),
        ("export_rules.toml", r"^kind = ", "kind == ", "correct it"),
        ("export_rules.toml", r"^\[\[note\]\]", "[[letter]]", "There is no such list"),
        ("export_rules.toml", r"^\[\[rule\.when\]\]\nio.*\ntpp.*$", "when = []", "when: Add a"),
    ],
)
def test_a_mistake_is_told_with_its_place(name: str, pattern: str, text: str, said: str) -> None:
    told = problems(**{name.partition(".")[0]: edited(name, pattern, text)})

    assert any(said in line for line in told), told
    assert all(re.match(r"[a-z_]+\.(csv|toml)(:\d+)?: ", line) for line in told)


def test_all_mistakes_are_told_at_once() -> None:
    rules = edited("export_rules.toml", r'^kind = "CONTROL"', 'kind = "BAN"')
    figures = edited("figures.csv", r"^t4,dense.FP16,65", "t4,dense.FP16,6x5")

    told = problems(export_rules=rules, figures=figures)

    assert [line.split(":")[0] for line in told] == ["export_rules.toml", "figures.csv"]


@pytest.mark.parametrize("name", ["figures", "export_rules"])
@pytest.mark.parametrize(
    "spoil", [lambda _: b"\xff\xfe", lambda text: text + b" " * (FILE_BYTES_MAX + 1)]
)
def test_a_file_of_another_kind_is_refused(name: str, spoil: Callable[[bytes], bytes]) -> None:
    file = next(one for one in FILES if one.startswith(name + "."))

    assert any(line.startswith(file) for line in problems(**{name: spoil(FILES[file])}))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for name in SHEETS:
        (tmp_path / name).write_bytes(FILES[name])

    with pytest.raises(CatalogueProblems, match=r"^export_rules.toml: It is missing"):
        read_catalogue(tmp_path)


def test_an_installed_package_brings_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "library").mkdir()
    monkeypatch.setattr(evernormal.catalogue.library, "__file__", str(tmp_path / "library.py"))

    assert catalogue_path() == tmp_path / "library"
