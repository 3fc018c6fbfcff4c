"""GET /v1/programmes/{programme}/checkpoint: the signed head of the log, for anyone to keep."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from evernormal import clock
from evernormal.actions.live import LiveYear, NotOpenYet, WorkStuck
from evernormal.api.problems import Problem, Refusal
from evernormal.api.served_programme import served_by
from evernormal.domain.audit import Checkpoint
from evernormal.formats import checkpoint


async def get_checkpoint(request: Request) -> PlainTextResponse:
    """Sign the log as it stands, once all that is due is done."""
    service = served_by(request)
    try:
        head = await service.writer.do(_head)
    except NotOpenYet as refusal:
        raise Problem(Refusal.AWAY, headers={"Retry-After": "3600"}) from refusal
    except WorkStuck as refusal:
        service.tell_fault(refusal)
        raise Problem(Refusal.AWAY) from refusal
    text = checkpoint.sign(head, key=service.key).decode("ascii")
    return PlainTextResponse(text, headers={"Cache-Control": "no-store"})


def _head(year: LiveYear) -> Checkpoint:
    year.catch_up(clock.now())
    return year.head()
