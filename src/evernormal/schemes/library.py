"""The library of schemes that travels with the program."""

from collections.abc import Sequence
from pathlib import Path

from evernormal.domain.errors import DomainError
from evernormal.domain.policy import Scheme
from evernormal.schemes.problems import SchemeProblem, SchemeProblems
from evernormal.schemes.scheme_file import load_scheme


class UnknownScheme(DomainError):
    """The library has no scheme of this name."""

    code = "scheme.unknown"

    def __init__(self, *, scheme_id: str, known: Sequence[str]) -> None:
        self.scheme_id, self.known = scheme_id, tuple(known)
        super().__init__(f"There is no scheme {scheme_id!r}. Use one of: {', '.join(known)}.")


def library_path() -> Path:
    """Find the folder that holds the schemes, as <country>/<place>/<year>.

    Inside the package when it was installed from a wheel; else the repository's own `schemes`.
    """
    package = Path(__file__).resolve().parent
    installed = package / "library"
    return installed if installed.is_dir() else package.parents[2] / "schemes"


def list_schemes() -> list[str]:
    """List the id of every scheme in the library, in order."""
    root = library_path()
    return sorted(p.parent.relative_to(root).as_posix() for p in root.glob("*/*/*/scheme.toml"))


def read_library_scheme(scheme_id: str) -> tuple[Scheme, bytes]:
    """Read a scheme of the library, and the bytes it was read from.

    raises   UnknownScheme with the ids there are; SchemeProblems when its file has mistakes
    """
    known = list_schemes()
    if scheme_id not in known:
        raise UnknownScheme(scheme_id=scheme_id, known=known)
    path = f"schemes/{scheme_id}/scheme.toml"
    text = library_path().joinpath(scheme_id, "scheme.toml").read_bytes()
    scheme = load_scheme(text, path=path)
    if scheme.id != scheme_id:
        message = f"The file stands in {scheme_id}, its id is {scheme.id}. Make them the same."
        raise SchemeProblems([SchemeProblem(path, "id", None, message)])
    return scheme, text


def read_library_cases(scheme_id: str) -> bytes:
    """Read the bytes of the worked cases beside a scheme of the library, for `run_cases`.

    raises   UnknownScheme
    """
    known = list_schemes()
    if scheme_id not in known:
        raise UnknownScheme(scheme_id=scheme_id, known=known)
    return library_path().joinpath(scheme_id, "cases.toml").read_bytes()
