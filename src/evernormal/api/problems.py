"""Refusals over HTTP: problem details (RFC 9457), titled in the asker's language."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse

from evernormal.formats.usage_answer import (
    PROBLEM_MEDIA_TYPE,
    BatchProblem,
    encode_problems,
)
from evernormal.locale import Lang, words


class Refusal(Enum):
    """Why a request is refused, and the status that says so."""

    BAD_REQUEST = 400
    NOT_SIGNED = 401
    NOT_FOUND = 404
    NOT_ALLOWED = 405
    TOO_SLOW = 408
    REUSED = 409
    TOO_LARGE = 413
    MEDIA_TYPE = 415
    REFUSED = 422
    FAULT = 500
    AWAY = 503
    FULL = 507


_RETRY_SECONDS: Final = "5"


class Problem(Exception):
    """A request is refused. `problems` is what is wrong with its body, where it is that.

    about   what is refused, where it is not a batch: "order"
    """

    def __init__(
        self,
        refusal: Refusal,
        *,
        problems: Sequence[BatchProblem] = (),
        headers: Mapping[str, str] | None = None,
        about: str = "",
    ) -> None:
        self.about = about
        self.refusal, self.problems, self.headers = refusal, tuple(problems), headers or {}
        super().__init__(refusal.name)


def answer_of(problem: Problem, request: Request) -> JSONResponse:
    """The answer that tells a problem."""
    lang = language_of(request)
    refusal, say = problem.refusal, words(lang)
    name = refusal.name.lower()
    said = f"{problem.about}_{name}" if problem.about else name
    content: dict[str, object] = {
        "type": f"urn:evernormal:problem:{name}",
        "title": say.say(f"api.title.{said}"),
        "status": refusal.value,
        "detail": say.say(f"api.detail.{said}"),
    }
    if problem.problems:
        content["problems"] = encode_problems(problem.problems)
    headers = {"Content-Language": "en" if lang == "en" else "zh-Hans", **problem.headers}
    if refusal is Refusal.NOT_SIGNED:
        headers["WWW-Authenticate"] = "Evernormal"
    if refusal is Refusal.AWAY:
        headers.setdefault("Retry-After", _RETRY_SECONDS)
    return JSONResponse(
        content, status_code=refusal.value, headers=headers, media_type=PROBLEM_MEDIA_TYPE
    )


def language_of(request: Request) -> Lang:
    """The language that a request prefers of those that there are; English where it says none."""
    best: tuple[float, int] = (0.0, 0)
    found: Lang = "en"
    for place, part in enumerate(request.headers.get("accept-language", "").split(",")[:20]):
        tag, _, weight = part.partition(";")
        name = tag.strip().lower().partition("-")[0]
        rank = (_weight(weight), -place)
        if name in {"zh", "en"} and (rank > best if best[0] else rank[0] > 0):
            best, found = rank, "zh_Hans" if name == "zh" else "en"
    return found


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
