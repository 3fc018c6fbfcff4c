"""A figure of public policy is nothing without its source, nor a scheme without a worked case."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tests.architecture.tree import ROOT, refuse, tracked_files, write_tree


def scheme_files(root: Path) -> list[Path]:
    folder = root / "schemes"
    return [p for p in tracked_files(root) if p.is_relative_to(folder) and p.name == "scheme.toml"]


def dated_values(table: object, path: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    """Yield each dated value (an entry of a list called `from`) with its place in the file."""
    if isinstance(table, dict):
        for key, item in table.items():
            if key == "from" and isinstance(item, list):
                yield from ((f"{path}.from[{n}]".lstrip("."), v) for n, v in enumerate(item))
            else:
                yield from dated_values(item, f"{path}.{key}")
    elif isinstance(table, list):
        for number, item in enumerate(table):
            name = item.get("id", number) if isinstance(item, dict) else number
            yield from dated_values(item, f"{path}[{name}]")


def is_in_both_languages(text: object) -> bool:
    return isinstance(text, dict) and all(str(text.get(k, "")).strip() for k in ("en", "zh"))


def whole_sources(table: dict[str, object]) -> set[object]:
    """Give the id of every source that says what was read, of whom, and when."""
    sources = table.get("source")
    return {
        source["id"]
        for source in (sources if isinstance(sources, list) else [])
        if is_in_both_languages(source.get("title"))
        and is_in_both_languages(source.get("issuer"))
        and isinstance(source.get("read_on"), date)
    }


def is_sourced(value: dict[str, object], sources: set[object]) -> bool:
    return value.get("source") in sources and is_in_both_languages(value.get("clause"))


def unsourced(path: Path) -> list[str]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    values, sources = list(dated_values(table)), whole_sources(table)
    if not values:
        return ["no dated value at all"]
    return [where for where, value in values if not is_sourced(value, sources)]


def lacking_cases(path: Path) -> list[str]:
    """List what is wrong with the worked cases beside a scheme."""
    beside = path.with_name("cases.toml")
    if not beside.is_file():
        return ["no cases.toml beside it"]
    cases = tomllib.loads(beside.read_text(encoding="utf-8")).get("case", [])
    if not cases:
        return ["cases.toml has no [[case]]"]
    return [
        f"cases.toml: case {case.get('name', number)} has no {key}"
        for number, case in enumerate(cases)
        for key in ("name", "given", "then", "source")
        # A case may differ in nothing from the facts that all share: then `given` is empty.
        if not case.get(key) and not (key == "given" and case.get(key) == {})
    ]


def problems_in_schemes(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root).as_posix()}: {problem}"
        for path in scheme_files(root)
        for problem in unsourced(path) + lacking_cases(path)
    ]


def test_every_value_has_a_source_and_every_scheme_a_case() -> None:
    assert len(scheme_files(ROOT)) >= 40
    refuse(
        problems_in_schemes(ROOT),
        instead="Give the value a clause in both languages and the id of a [[source]], that source "
        "a title and an issuer in both languages and read_on, and the scheme a cases.toml whose "
        "[[case]] entries have name, given, then and source.",
    )


def test_a_value_without_source_and_a_scheme_without_case_are_found(tmp_path: Path) -> None:
    source = (
        '[[source]]\nid = "notice"\ntitle = { en = "Notice 1", zh = "通知1" }\n'
        'issuer = { en = "City", zh = "市" }\nread_on = 2026-01-01\n'
    )
    named = 'source = "notice"\nclause = { en = "3", zh = "第三条" }\n'
    good = f'[[rule]]\nid = "rate"\n[[rule.from]]\ndate = 2025-01-01\n{named}'
    bare = '[[rule]]\nid = "cap"\n[[rule.from]]\ndate = 2025-01-01\nvalue = 1\n'
    of_another = f"{bare}{named.replace('notice', 'other')}"
    in_one_language = f"{bare}{named.replace('第三条', '')}"
    case = '[[case]]\nname = "a"\ngiven = { x = 1 }\nthen = { y = 1 }\nsource = "Notice 1"\n'
    root = write_tree(
        tmp_path,
        {
            "schemes/good/scheme.toml": source + good,
            "schemes/good/cases.toml": case,
            "schemes/bad/scheme.toml": source + good + bare + of_another + in_one_language,
            "schemes/bad/cases.toml": case.replace("Notice 1", ""),
            "schemes/lone/scheme.toml": 'id = "lone"\n',
            "schemes/idle/scheme.toml": source.replace("市", "") + good,
            "schemes/idle/cases.toml": case,
        },
    )

    assert problems_in_schemes(root) == [
        "schemes/bad/scheme.toml: rule[cap].from[0]",
        "schemes/bad/scheme.toml: rule[cap].from[0]",
        "schemes/bad/scheme.toml: rule[cap].from[0]",
        "schemes/bad/scheme.toml: cases.toml: case a has no source",
        "schemes/idle/scheme.toml: rule[rate].from[0]",
        "schemes/lone/scheme.toml: no dated value at all",
        "schemes/lone/scheme.toml: no cases.toml beside it",
    ]
