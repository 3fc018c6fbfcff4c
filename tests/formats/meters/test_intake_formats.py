"""A folder with a usage file of each format: the same use, whoever wrote it down."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evernormal.domain.metering import UsageRecord
from evernormal.formats.intake import InputProblems, YearInput, read_year
from evernormal.formats.intake.programme_schema import USAGE_FORMATS, USAGE_SETTINGS
from tests.formats.broken_folder import sound_folder

START = datetime(2025, 1, 31, 16, tzinfo=UTC)
END = START + timedelta(hours=48)
EPOCH, HOURS = int(START.timestamp()), 48
WINDOW = 'window_starts_at = {}\nwindow_ends_at = {}\nstep_seconds = 3600\ncluster = "c"\n'


def _matrix(first: int, last: int) -> str:
    """Eight cards from hour `first` of the use to hour `last`, after which nobody holds them."""
    held = [
        {
            "metric": {"UUID": f"GPU-{n}", "modelName": "a100", "namespace": "jiayi", "pod": "p"},
            "values": [[EPOCH + 3600 * hour, "1"] for hour in range(first, min(last, HOURS))],
        }
        for n in range(8)
    ]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": held}})


def _window(first: int, last: int) -> str:
    moments = ((START + timedelta(hours=hour)).isoformat() for hour in (first, last))
    return WINDOW.format(*moments)


_POD = {
    "kind": "Pod",
    "metadata": {"name": "p", "uid": "u", "namespace": "jiayi"},
    "spec": {
        "nodeName": "n",
        "containers": [{"resources": {"requests": {"nvidia.com/gpu": "8"}}}],
    },
    "status": {
        "phase": "Succeeded",
        "conditions": [
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": START.isoformat()}
        ],
        "containerStatuses": [{"state": {"terminated": {"finishedAt": END.isoformat()}}}],
    },
}
_JOB = {
    "account": "jiayi",
    "cluster": "c",
    "job_id": 1,
    "state": {"current": "COMPLETED"},
    "time": {"start": EPOCH, "end": EPOCH + 3600 * HOURS, "elapsed": 3600 * HOURS},
    "tres": {"allocated": [{"type": "gres", "name": "gpu:a100", "count": 8}]},
}
# Format -> what the file holds, what [[usage]] says beside the usual, and the card type in it.
FILES: Mapping[str, tuple[str, str, str]] = {
    "csv": (
        (
            "cluster,job,account,device_class,cards,starts_at,ends_at,state,final,revision\n"
            f"c,1,jiayi,a100,8,{START.isoformat()},{END.isoformat()},COMPLETED,yes,\n"
        ),
        "",
        "a100",
    ),
    "slurm-json": (json.dumps({"jobs": [_JOB]}), "", "a100"),
    "slurm-parsable2": (
        (
            "JobID|Cluster|Account|State|Start|End|AllocTRES\n"
            f"1|c|jiayi|COMPLETED|{EPOCH}|{EPOCH + 3600 * HOURS}|gres/gpu:a100=8\n"
        ),
        "",
        "a100",
    ),
    "swf": (
        f"; UnixStartTime: {EPOCH}\n1 0 0 {3600 * HOURS} 64 -1 -1 64 -1 -1 1 3 5 1 1 1 -1 -1\n",
        'cluster = "c"\ncard_type = "a100"\nprocessors_per_card = 8\n',
        "a100",
    ),
    "focus-csv": (
        (
            "ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ConsumedQuantity,ConsumedUnit,"
            "ResourceId,SkuId,SubAccountId\n"
            f"Usage,{START.isoformat()},{END.isoformat()},384,GPU-Hours,i-1,a100,jiayi\n"
        ),
        'cluster = "c"\n',
        "a100",
    ),
    "kubernetes-json": (json.dumps({"items": [_POD]}), 'cluster = "c"\n', "nvidia.com/gpu"),
    "prometheus-json": (_matrix(0, 60), _window(0, 60), "a100"),
}


def folder(*formats: str, **changes: str) -> dict[str, bytes]:
    """The sound folder with files of these formats for its own; `changes` in programme.toml."""
    files = sound_folder()
    del files["usage/2025.csv"]
    text = files["programme.toml"].decode().partition("[[usage]]")[0]
    for form in formats:
        content, settings, card_type = FILES[form]
        files[f"usage/{form}"] = content.encode()
        text += (
            f'[[usage]]\nfile = "usage/{form}"\nformat = "{form}"\nprovider = "P1"\n'
            f"received_at = 2025-06-01T09:00:00+08:00\n{settings}"
            f'device_classes = {{ "{card_type}" = "A100-80G" }}\n'
        )
        if form == "swf":
            # A group has no name in the format, only a number.
            files["contracts.csv"] = files["contracts.csv"].replace(b",jiayi", b",5")
    for old, new in changes.items():
        text = text.replace(old, new)
    files["programme.toml"] = text.encode()
    return files


def codes(files: Mapping[str, bytes]) -> list[tuple[str, int | str | None, str]]:
    with pytest.raises(InputProblems) as refusal:
        read_year(files)
    return [(p.file, p.column, p.code) for p in refusal.value.problems]


def card_seconds(records: tuple[UsageRecord, ...]) -> int:
    second = timedelta(seconds=1)
    return sum(r.cards * ((r.ends_at - r.key.starts_at) // second) for r in records)


def test_there_is_a_file_of_every_format() -> None:
    assert FILES.keys() == set(USAGE_FORMATS)


@pytest.mark.parametrize("form", USAGE_FORMATS)
def test_the_same_use_in_each_format(form: str) -> None:
    (usage,) = read_year(folder(form)).usage

    assert card_seconds(usage.records) == 8 * 48 * 3600
    assert {r.account for r in usage.records} == {"5" if form == "swf" else "jiayi"}
    assert {r.key.device_class for r in usage.records} == {"A100-80G"}
    assert {r.key.starts_at for r in usage.records} == {START}
    assert all(r.is_final and r.key.provider_id == "P1" for r in usage.records)
    assert {r.key.cluster for r in usage.records} == {"c"}


def test_a_run_that_goes_on_in_the_next_answer_keeps_its_start() -> None:
    files = folder("prometheus-json", "csv")
    text = files["programme.toml"].decode()
    _, one, _ = text.split("[[usage]]")
    first = one.replace("/prometheus-json", "/one").replace(_window(0, 60), _window(0, 24))
    second = one.replace("/prometheus-json", "/two").replace(_window(0, 60), _window(24, 60))
    files["programme.toml"] = "[[usage]]".join([text.split("[[usage]]")[0], first, second]).encode()
    files["usage/one"], files["usage/two"] = _matrix(0, 24).encode(), _matrix(24, 60).encode()
    del files["usage/prometheus-json"], files["usage/csv"]

    before, after = (usage.records for usage in read_year(files).usage)

    assert [r.key for r in before] == [r.key for r in after]
    assert (card_seconds(before), card_seconds(after)) == (8 * 24 * 3600, 8 * 48 * 3600)
    assert not any(r.is_final for r in before)
    assert all(r.is_final for r in after)


@pytest.mark.parametrize("form", sorted(USAGE_SETTINGS))
def test_what_a_format_does_not_tell_must_be_said(form: str) -> None:
    needed, _ = USAGE_SETTINGS[form]
    files = folder(form)
    lines = files["programme.toml"].decode().splitlines(keepends=True)
    kept = (line for line in lines if line.split(" = ")[0] not in needed)
    files["programme.toml"] = "".join(kept).encode()

    found = ("programme.toml", "usage[1].format", "usage.setting_missing")
    assert codes(files) == [found] * len(needed)


def test_what_nothing_reads_must_not_be_said() -> None:
    files = folder("csv", **{'format = "csv"': 'format = "csv"\ncluster = "c"'})
    assert codes(files) == [("programme.toml", "usage[1].cluster", "usage.setting_unused")]


def test_a_setting_that_cannot_be_read_is_one_problem() -> None:
    files = folder("prometheus-json", **{START.isoformat(): '"noon"'})
    assert codes(files) == [("programme.toml", "usage[1].window_starts_at", "time.form")]


@pytest.mark.parametrize("form", ["csv", "slurm-json", "slurm-parsable2", "focus-csv"])
def test_a_file_that_tells_of_no_use_says_so(form: str) -> None:
    files = folder(form)
    text = files[f"usage/{form}"].decode()
    header = '{"jobs": []}' if form == "slurm-json" else text.split("\n")[0]
    files[f"usage/{form}"] = header.encode()
    assert codes(files) == [(f"usage/{form}", None, "usage.no_use")]


def test_a_correction_in_csv_may_take_a_use_back() -> None:
    def read(cards: int, revision: str) -> YearInput:
        files = folder("csv")
        text = files["usage/csv"].decode()
        files["usage/csv"] = (
            text.replace("a100,8,", f"a100,{cards},").removesuffix("\n") + f"{revision}\n"
        ).encode()
        return read_year(files)

    (original,) = read(8, "").usage[0].records
    (taken_back,) = read(0, "1").usage[0].records
    assert taken_back == replace(original, cards=0, revision=1)
    with pytest.raises(InputProblems) as refusal:
        read(0, "0")
    assert [p.code for p in refusal.value.problems] == ["usage.no_cards"]
