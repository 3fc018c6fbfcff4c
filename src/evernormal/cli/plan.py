"""`evernormal plan`: what a job takes on each class of card, and what a voucher buys of it."""

from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import Any

import click

from evernormal.catalogue import library_catalogue
from evernormal.catalogue.workloads import library_workloads
from evernormal.cli.plan_text import print_plans
from evernormal.cli.rules.language import lang_option
from evernormal.cli.screen import fail
from evernormal.domain.allocation import Pool
from evernormal.domain.errors import DomainError
from evernormal.domain.planning import (
    DataType,
    Job,
    LanguageModel,
    Method,
    PlanTerms,
    Recomputation,
    ServingJob,
    Support,
    TrainingJob,
    plan,
    presume_model,
)
from evernormal.domain.policy import Entitlement
from evernormal.domain.values import Fen, Rounding, RoundingMode
from evernormal.locale import Lang

_HOURS_A_DAY = 24
_COUNT_MAX = 10**18
_ADAPTER_SHARE = 200
_ROUNDING = Rounding(RoundingMode.TRUNCATE)


class _Number(click.ParamType[Fraction]):
    """A number above 0 as people write large ones: 7e9, 2000000, 0.5."""

    name = "number"

    def convert(self, value: Any, param: Any, ctx: Any) -> Fraction:
        try:
            exact = Fraction(str(value))
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is no number. Write it as 7e9 or 7000000000.", param, ctx)
        if not (isfinite(exact) and 0 < exact <= _COUNT_MAX):
            self.fail(f"{value} is not above 0 and at most 1e18.", param, ctx)
        return exact


class _Money(click.ParamType[Fen]):
    """Yuan above 0, with at most two decimals."""

    name = "yuan"

    def convert(self, value: Any, param: Any, ctx: Any) -> Fen:
        try:
            amount = Fen.from_yuan(str(value))
        except DomainError as refusal:
            self.fail(str(refusal), param, ctx)
        if amount.amount < 1:
            self.fail(f"{value} is not above 0.", param, ctx)
        return amount


_SHARED = (
    click.option("--model", "model_name", help="A model of the catalogue, as Llama-3.1-8B."),
    click.option("--params", type=_Number(), help="Weights, as 7e9; the shape is then presumed."),
    click.option("--active-params", type=_Number(), help="Weights that one token passes."),
    click.option(
        "--days",
        type=click.IntRange(1, 3_650),
        default=30,
        show_default=True,
        help="Days to train in, or to serve for.",
    ),
    click.option("--device", "devices", multiple=True, help="A class of card; may be repeated."),
    click.option(
        "--price",
        "prices",
        multiple=True,
        metavar="DEVICE=YUAN",
        help="Yuan per card-hour of a class; may be repeated.",
    ),
    click.option("--voucher", type=_Money(), help="Face value of the voucher, yuan."),
    click.option("--rate", type=_Number(), help="Share of the cost that it pays, as 0.3."),
    click.option("--sources", is_flag=True, help="Print where each figure comes from."),
    lang_option,
)


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_SHARED):
        command = option(command)
    return command


def _data_type(known: tuple[str, ...]) -> Callable[..., Any]:
    return click.option(
        "--dtype",
        type=click.Choice(known),
        default="bf16",
        show_default=True,
        help="In what numbers.",
    )


@click.group(name="plan")
def plan_group() -> None:
    """Say what a job takes on each class of card, and what a voucher buys of it (算力测算)."""


@plan_group.command()
@click.option("--tokens", type=_Number(), required=True, help="Tokens to train on, as 2e12.")
@click.option(
    "--sequence",
    type=click.IntRange(1, 2_000_000),
    default=4_096,
    show_default=True,
    help="Tokens in one sample.",
)
@click.option(
    "--recompute",
    type=click.Choice(["none", "selective", "full"]),
    default="selective",
    show_default=True,
    help="What is worked out again.",
)
@_data_type(("bf16", "fp16", "fp8"))
@_shared
def train(tokens: Fraction, sequence: int, recompute: str, dtype: str, **shared: Any) -> None:
    """Plan to train a model from the start."""
    job = TrainingJob(
        id="job",
        model=_model(shared),
        tokens=_whole(tokens),
        sequence=sequence,
        data_type=DataType(dtype.upper()),
        recomputation=Recomputation(recompute.upper()),
    )
    _tell(job, shared)


@plan_group.command()
@click.option("--tokens", type=_Number(), required=True, help="Tokens to train on, as 1e9.")
@click.option(
    "--sequence",
    type=click.IntRange(1, 2_000_000),
    default=4_096,
    show_default=True,
    help="Tokens in one sample.",
)
@click.option("--lora", is_flag=True, help="Train an adapter (LoRA) and not every weight.")
@click.option(
    "--adapter-params",
    type=_Number(),
    help="Weights of the adapter; presumed as 0.5 % of the model's.",
)
@_data_type(("bf16", "fp16", "fp8"))
@_shared
def finetune(
    tokens: Fraction,
    sequence: int,
    lora: bool,  # noqa: FBT001 - click passes options by name
    adapter_params: Fraction | None,
    dtype: str,
    **shared: Any,
) -> None:
    """Plan to train a model further, all of it or an adapter."""
    model = _model(shared)
    adapter = _whole(adapter_params or Fraction(model.params, _ADAPTER_SHARE)) if lora else 0
    job = TrainingJob(
        id="job",
        model=model,
        tokens=_whole(tokens),
        sequence=sequence,
        method=Method.LORA if lora else Method.FULL,
        data_type=DataType(dtype.upper()),
        adapter_params=adapter,
    )
    _tell(job, shared)


@plan_group.command()
@click.option("--requests", type=_Number(), required=True, help="Requests a second.")
@click.option(
    "--tokens-in", type=click.IntRange(1, 2_000_000), required=True, help="Tokens of a question."
)
@click.option(
    "--tokens-out", type=click.IntRange(1, 2_000_000), required=True, help="Tokens of an answer."
)
@click.option("--token-ms", type=_Number(), help="Most milliseconds from token to token.")
@click.option("--tuned", is_flag=True, help="By an engine tuned for the card.")
@_data_type(("bf16", "fp16", "fp8", "int8"))
@_shared
def serve(requests: Fraction, token_ms: Fraction | None, dtype: str, **shared: Any) -> None:
    """Plan to answer requests with a model."""
    job = ServingJob(
        id="job",
        model=_model(shared),
        requests_per_second=float(requests),
        tokens_in=shared["tokens_in"],
        tokens_out=shared["tokens_out"],
        hours=shared["days"] * _HOURS_A_DAY,
        token_ms_max=None if token_ms is None else float(token_ms),
        is_tuned=shared["tuned"],
        data_type=DataType(dtype.upper()),
    )
    _tell(job, shared)


def _tell(job: Job, shared: dict[str, Any]) -> None:
    offers = _offers(shared["prices"])
    support = _support(shared["voucher"], shared["rate"])
    basis = library_workloads().basis
    terms = PlanTerms(shared["days"] * _HOURS_A_DAY, offers, support)
    catalogue = library_catalogue()
    wanted = shared["devices"] or dict.fromkeys(offer.device_class for offer in offers)
    try:
        classes = {one.id: one for one in map(catalogue.get, wanted)}
    except DomainError as refusal:
        fail(str(refusal))
    plans = [plan(job, one, basis=basis, terms=terms) for one in classes.values()]
    lang: Lang = shared["lang"]
    voucher = None if support is None else (shared["voucher"], shared["rate"])
    print_plans(
        job, plans, lang=lang, voucher=voucher, evidence=basis.evidence if shared["sources"] else ()
    )


def _model(shared: dict[str, Any]) -> LanguageModel:
    name, params, active = (shared[key] for key in ("model_name", "params", "active_params"))
    if (name is None) == (params is None):
        raise click.UsageError("Name either --model or --params.")
    if name is not None:
        known = library_workloads().models
        if name not in known:
            raise click.BadParameter(
                f"{name!r} is none of: {', '.join(known)}.", param_hint="--model"
            )
        return known[name]
    if active is not None and active > params:
        raise click.BadParameter("It is more than --params.", param_hint="--active-params")
    return presume_model(
        params=_whole(params), active_params=None if active is None else _whole(active)
    )


def _offers(prices: tuple[str, ...]) -> tuple[Pool, ...]:
    """The prices given, before those that the catalogue names to plan with."""
    given: dict[str, Fen] = {}
    for text in prices:
        name, _, yuan = text.partition("=")
        try:
            device = library_catalogue().get(name).id
            given[device] = Fen.from_yuan(yuan)
        except DomainError as refusal:
            raise click.BadParameter(str(refusal), param_hint="--price") from refusal
        if given[device].amount < 1:
            raise click.BadParameter(f"{text}: write a price above 0.", param_hint="--price")
    known = {one.device: one.price for one in library_workloads().prices}
    return tuple(
        Pool(id=device, provider_id="", site="", device_class=device, cards=0, price=price)
        for device, price in (given or known).items()
    )


def _support(voucher: Fen | None, rate: Fraction | None) -> Support | None:
    """The rate up to the voucher's face: the limb that is lower decides."""
    if (voucher is None) != (rate is None):
        raise click.UsageError("Name --voucher and --rate together.")
    if voucher is None or rate is None:
        return None
    if rate > 1:
        raise click.BadParameter("A share is at most 1, as 0.3.", param_hint="--rate")
    face = voucher

    def give(cost: Fen) -> Entitlement:
        share = _ROUNDING.to_fen(cost.amount * rate)
        return Entitlement(min(share, face), "rate" if share <= face else "face", ())

    return give


def _whole(number: Fraction) -> int:
    return max(1, int(number))
