"""One concept, one word, in code and in both languages; every refusal can be said in each."""

import dataclasses
import enum
import importlib
import pkgutil
import re
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import evernormal
import evernormal.domain
from evernormal.domain.errors import DomainError
from tests.architecture.tree import ROOT, refuse

GLOSSARY = ROOT / "docs" / "glossary.toml"
REFUSALS = ROOT / "docs" / "reference" / "refusals.md"
LOCALES = ROOT / "src" / "evernormal" / "locale"

CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


# --- The glossary ---------------------------------------------------------------------------------


def public_types() -> Iterator[type]:
    """Every dataclass and enum that a stage of the domain exports."""
    for stage in pkgutil.iter_modules(evernormal.domain.__path__, "evernormal.domain."):
        module = importlib.import_module(stage.name)
        for name in module.__all__ if hasattr(module, "__all__") else ():
            found = getattr(module, name)
            if isinstance(found, type) and (
                dataclasses.is_dataclass(found) or issubclass(found, enum.Enum)
            ):
                yield found


def glossary_terms(table: object) -> Iterator[dict[str, Any]]:
    """Every entry of the glossary, however its tables are nested."""
    if isinstance(table, list):
        for item in table:
            yield from glossary_terms(item)
    elif isinstance(table, dict):
        if "en" in table or "zh" in table or "type" in table:
            yield table
        else:
            for item in table.values():
                yield from glossary_terms(item)


def problems_in_glossary(terms: Iterable[dict[str, Any]], types: Iterable[type]) -> list[str]:
    problems = []
    named: set[str] = set()
    for term in terms:
        names = term.get("type", [])
        named.update(names)
        problems += [
            f"{term.get('en') or names or term}: no word in {language!r}"
            for language in ("en", "zh")
            if not str(term.get(language, "")).strip()
        ]
    real = {found.__name__: found.__module__ for found in types}
    problems += [f"{real[name]}.{name}: in no entry" for name in sorted(real.keys() - named)]
    problems += [f"{name}: no such public type" for name in sorted(named - real.keys())]
    return problems


# --- Refusals -------------------------------------------------------------------------------------


def refusals() -> list[type[DomainError]]:
    """Every refusal that any room of the package defines, by module and name."""
    for module in pkgutil.walk_packages(evernormal.__path__, "evernormal."):
        if not module.name.endswith(".__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    found = {c for c in subclasses_of(DomainError) if c.__module__.startswith("evernormal.")}
    return sorted(found, key=lambda c: (c.__module__, c.__qualname__))


def subclasses_of(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses_of(child)


def problems_in_codes(
    kinds: Iterable[type[DomainError]], *, reference: str, languages: Mapping[str, object]
) -> list[str]:
    """List codes that are missing, malformed, doubled, undocumented, untranslated or dead."""
    owners, problems = owners_of_codes(kinds)
    for code, name in owners.items():
        if f"`{code}`" not in reference:
            problems.append(f"{name}: `{code}` is not in docs/reference/refusals.md")
    for language, texts in languages.items():
        translated = dict(flat(texts)).keys()
        problems += [
            f"{name}: {code} is not under [refusal] in {language}.toml"
            for code, name in owners.items()
            if code not in translated
        ]
        dead = sorted(translated - owners.keys())
        problems += [f"{language}.toml: nothing raises {code}" for code in dead]
    return problems


def owners_of_codes(kinds: Iterable[type[DomainError]]) -> tuple[dict[str, str], list[str]]:
    """Find the refusal behind each code, and the codes that are no good in themselves."""
    owners: dict[str, str] = {}
    problems = []
    for kind in kinds:
        name = f"{kind.__module__}.{kind.__qualname__}"
        if "code" not in vars(kind):
            if not kind.__subclasses__():
                problems.append(f"{name}: no code of its own")
            continue
        if not CODE.fullmatch(kind.code):
            problems.append(f"{name}: {kind.code!r} is not dotted.lower_case")
        if kind.code in owners:
            problems.append(f"{name}: {kind.code} belongs to {owners[kind.code]}")
        owners[kind.code] = name
    return owners, problems


# --- Translations ---------------------------------------------------------------------------------


def flat(table: object, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Dotted key and text, for each text of a (nested) table."""
    if isinstance(table, dict):
        for key, value in table.items():
            yield from flat(value, f"{prefix}.{key}" if prefix else key)
    else:
        yield prefix, str(table)


def placeholders(text: str) -> list[str]:
    return sorted(field for _, field, _, _ in string.Formatter().parse(text) if field is not None)


def problems_in_translations(english: object, chinese: object) -> list[str]:
    en, zh = dict(flat(english)), dict(flat(chinese))
    problems = [f"{key}: only in en.toml" for key in en if key not in zh]
    problems += [f"{key}: only in zh_Hans.toml" for key in zh if key not in en]
    for key in [key for key in en if key in zh]:
        if placeholders(en[key]) != placeholders(zh[key]):
            problems.append(
                f"{key}: {placeholders(en[key])} but {placeholders(zh[key])} in zh_Hans"
            )
        problems += [f"{key}: empty" for text in (en[key], zh[key]) if not text.strip()]
    return problems


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


# --- The rules, on the repository -----------------------------------------------------------------


def test_every_public_domain_type_is_in_the_glossary() -> None:
    types = list(public_types())
    assert len(types) > 40, "the stages of the domain export their types by __all__"
    refuse(
        problems_in_glossary(glossary_terms(read(GLOSSARY)), types),
        instead='Give the type an entry in docs/glossary.toml: en, zh, meaning, type = ["Name"]. '
        "No word for it? Then it is not a concept of the domain: do not export it.",
    )


def test_every_refusal_has_a_code_that_is_documented_and_translated() -> None:
    kinds = refusals()
    assert len(kinds) > 15
    languages = {name: read(LOCALES / f"{name}.toml")["refusal"] for name in ("en", "zh_Hans")}
    refuse(
        problems_in_codes(
            kinds, reference=REFUSALS.read_text(encoding="utf-8"), languages=languages
        ),
        instead="Give the refusal one dotted code, a row in docs/reference/refusals.md and a text "
        "under [refusal] in src/evernormal/locale/en.toml and zh_Hans.toml.",
    )


def test_both_languages_say_the_same_things() -> None:
    refuse(
        problems_in_translations(read(LOCALES / "en.toml"), read(LOCALES / "zh_Hans.toml")),
        instead="Write the text in both languages, with the same {placeholders}.",
    )


# --- The rules, on samples that break them --------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Sheaf:
    weight: int


class Grain(enum.Enum):
    RICE = "RICE"


class Uncoded(DomainError):
    pass


class Shouted(DomainError):
    code = "HOLD"


class Taken(DomainError):
    code = "sample.taken"


class TakenAgain(DomainError):
    code = "sample.taken"


def test_a_missing_a_dead_and_an_untranslated_word_are_found() -> None:
    terms = tomllib.loads("""
        [[term]]
        en = "sheaf"
        zh = ""
        type = ["Sheaf"]
        [[term]]
        en = "barn"
        zh = "仓"
        type = ["Barn"]
    """)

    assert problems_in_glossary(glossary_terms(terms), [Sheaf, Grain]) == [
        "sheaf: no word in 'zh'",
        f"{__name__}.Grain: in no entry",
        "Barn: no such public type",
    ]


def test_bad_codes_are_found() -> None:
    here = __name__
    assert problems_in_codes(
        [Uncoded, Shouted, Taken, TakenAgain],
        reference="`HOLD`",
        languages={"en": {"HOLD": "x", "sample": {"taken": "x", "gone": "x"}}},
    ) == [
        f"{here}.Uncoded: no code of its own",
        f"{here}.Shouted: 'HOLD' is not dotted.lower_case",
        f"{here}.TakenAgain: sample.taken belongs to {here}.Taken",
        f"{here}.TakenAgain: `sample.taken` is not in docs/reference/refusals.md",
        "en.toml: nothing raises sample.gone",
    ]
    assert problems_in_codes([Taken], reference="`sample.taken`", languages={"en": {}}) == [
        f"{here}.Taken: sample.taken is not under [refusal] in en.toml"
    ]


def test_half_translated_texts_are_found() -> None:
    english = {"a": {"one": "{asked} of {left}", "two": "x", "three": "x", "four": "{x}"}}
    chinese = {"a": {"one": "{asked}", "three": " ", "four": "{x}", "five": "五"}}

    assert problems_in_translations(english, chinese) == [
        "a.two: only in en.toml",
        "a.five: only in zh_Hans.toml",
        "a.one: ['asked', 'left'] but ['asked'] in zh_Hans",
        "a.three: empty",
    ]


def test_a_real_refusal_and_a_real_type_are_seen() -> None:
    assert "HoldExceedsBalance" in {kind.__name__ for kind in refusals()}
    assert {"Fen", "Period", "RoundingMode"} <= {found.__name__ for found in public_types()}
