"""The SCHEME of a command: an id of the library, or a path."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evernormal.cli.screen import fail
from evernormal.domain.policy import Scheme
from evernormal.schemes import (
    SchemeProblems,
    library_path,
    list_schemes,
    load_scheme,
    read_library_scheme,
)

SCHEME_FILE = "scheme.toml"
CASES_FILE = "cases.toml"


@dataclass(frozen=True, slots=True)
class SchemeFiles:
    """A scheme's two files as they stand, before they are read as TOML.

    name   as people call it: the id, or the path given
    path   the scheme file's name for messages; cases_path, that of the cases
    cases  None where there is no cases.toml
    """

    name: str
    path: str
    text: bytes
    cases_path: str
    cases: bytes | None
    is_library: bool

    def load(self) -> Scheme:
        """Read the scheme.

        raises   SchemeProblems
        """
        if self.is_library:
            return read_library_scheme(self.name)[0]
        return load_scheme(self.text, path=self.path)


def find_schemes(arguments: Sequence[str]) -> list[SchemeFiles]:
    """The schemes named, or all of the library; ends the command where one is not there."""
    return [find_scheme(argument) for argument in arguments or list_schemes()]


def find_scheme(argument: str) -> SchemeFiles:
    """The scheme named; ends the command with the nearest ids where it is not there."""
    known = list_schemes()
    name = argument.strip("/")
    if name in known:
        folder = library_path() / name
        return _files(name, folder / SCHEME_FILE, shown=f"schemes/{name}/", is_library=True)
    path = Path(argument)
    file = path / SCHEME_FILE if path.is_dir() else path
    if not file.is_file():
        if path.is_dir():
            fail(f"The folder {argument} holds no {SCHEME_FILE}. Name the folder that holds it.")
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"Nearest in the library: {', '.join(near)}." if near else "See: rules table."
        fail(f"There is no scheme {argument!r}, neither in the library nor as a path. {hint}")
    shown = "" if file.parent == Path() else f"{file.parent.as_posix()}/"
    return _files(argument, file, shown=shown, is_library=False)


def load_or_fail(files: SchemeFiles) -> Scheme:
    """Read a scheme; ends the command with every mistake of its file."""
    try:
        return files.load()
    except SchemeProblems as refusal:
        fail(str(refusal))


def _files(name: str, file: Path, *, shown: str, is_library: bool) -> SchemeFiles:
    cases = file.with_name(CASES_FILE)
    return SchemeFiles(
        name=name,
        path=f"{shown}{file.name}",
        text=file.read_bytes(),
        cases_path=f"{shown}{CASES_FILE}",
        cases=cases.read_bytes() if cases.is_file() else None,
        is_library=is_library,
    )
