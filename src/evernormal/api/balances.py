"""GET /v1/programmes/{programme}/balances: what vouchers still pay for at a provider."""

from datetime import date

from starlette.requests import Request
from starlette.responses import JSONResponse

from evernormal import clock
from evernormal.actions.balances import Balance, BalanceState, list_balances
from evernormal.actions.live import LiveYear, WorkStuck
from evernormal.api.problems import Problem, Refusal
from evernormal.api.served_programme import asker_of, served_by
from evernormal.locale import Lang, words


async def get_balances(request: Request) -> JSONResponse:
    """Tell the provider that signed the question what is left, once all that is due is done."""
    service = served_by(request)
    provider_id = asker_of(request)
    try:
        content = await service.writer.do(lambda year: _balances(year, provider_id))
    except WorkStuck as refusal:
        service.tell_fault(refusal)
        raise Problem(Refusal.AWAY) from refusal
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def _balances(year: LiveYear, provider_id: str) -> dict[str, object]:
    now = clock.now()
    year.catch_up(now)
    local = now.astimezone(year.desk.zone)
    return {
        "programme": year.desk.programme_id,
        "provider": provider_id,
        "at": local.isoformat(timespec="seconds"),
        "balances": [
            _row(balance, unit=year.desk.scheme.unit.value, on=local.date())
            for balance in list_balances(year.desk, provider_id, on=local.date())
        ],
    }


def _row(balance: Balance, *, unit: str, on: date) -> dict[str, object]:
    return {
        "account": balance.account,
        "device_class": balance.device_class,
        "card_types": list(balance.card_types),
        "order": balance.order_id,
        "voucher": balance.voucher_id or None,
        "state": balance.state.value,
        "remaining_fen": balance.remaining_fen,
        "remaining_card_seconds": balance.remaining_card_seconds,
        "starts_on": balance.starts_on.isoformat() if balance.starts_on else None,
        "lapses_on": balance.lapses_on.isoformat() if balance.lapses_on else None,
        "message": {
            "en": _message(balance, "en", unit=unit, on=on),
            "zh_Hans": _message(balance, "zh_Hans", unit=unit, on=on),
        },
    }


def _message(balance: Balance, lang: Lang, *, unit: str, on: date) -> str:
    """The state in a sentence that a user of the cluster understands."""
    name = balance.state.value
    if balance.state is BalanceState.NOT_ISSUED and balance.starts_on and on < balance.starts_on:
        name = "NOT_BEGUN"
    return words(lang, unit=unit).say(
        f"balance.{name}",
        account=balance.account,
        device_class=balance.device_class,
        order=balance.order_id,
        voucher=balance.voucher_id,
        fen=balance.remaining_fen,
        seconds=balance.remaining_card_seconds,
        starts_on=balance.starts_on,
        lapses_on=balance.lapses_on,
    )
