"""Serving by the roofline, measured speeds, the matrix, money, and arcs."""

from fractions import Fraction

import pytest

from evernormal.domain.allocation import Arc
from evernormal.domain.device import Precision, Workload
from evernormal.domain.planning import (
    ClusterLimits,
    CostShare,
    Count,
    DataType,
    Fit,
    Measurement,
    Misfit,
    NoPlan,
    Obstacle,
    Plan,
    PlanTerms,
    Provenance,
    Running,
    Span,
    arcs_for,
    contract_of,
    copy_on,
    fit_serving,
    plan,
    presume_model,
    purchase,
    run_on,
    share_cost,
    speed_matrix,
    work_of,
)
from evernormal.domain.policy import Entitlement
from evernormal.domain.values import Fen
from tests.domain.planning.examples import (
    LLAMA_7B,
    LLAMA_70B,
    READ,
    UNREAD,
    basis,
    device,
    family,
    pool,
    serving,
    training,
)


def test_a_step_reads_weights_and_context_and_reckons() -> None:
    copy = copy_on(serving(), device(), family=family(), cards=2)
    assert copy is not None
    flop, band = 312e12 * 0.8 * 2 * 0.9, 2e12 * 0.8 * 2 * 0.9
    kept = 2 * 32 * 32 * 128 * 2 * 1_500
    assert copy.kept_bytes == kept
    assert copy.question_seconds == pytest.approx(2 * 6.74e9 * 1_000 / flop)
    step = (13.48e9 + 4 * kept) / band + 4 * 2 * 6.74e9 / flop
    assert copy.token_seconds(4) == pytest.approx(step + 4 * copy.question_seconds / 1_000)
    assert copy.tokens_per_second(4) == pytest.approx(4 / copy.token_seconds(4))
    assert copy.batch(0.9) == pytest.approx((0.9 * 160e9 - 13.48e9) / kept)
    assert LLAMA_7B.kv_bytes_per_token(DataType.FP16) == 524_288


def test_a_mixture_reads_no_more_weights_than_its_answers_ask_for() -> None:
    model = presume_model(params=20 * 10**9, active_params=2 * 10**9)
    copy = copy_on(serving(model), device(), family=family(), cards=1)
    assert copy is not None
    reads = [
        copy.token_seconds(batch)
        - batch * (copy.token_seconds(200) - copy.token_seconds(100)) / 100
        for batch in (1, 50)
    ]
    assert reads == pytest.approx([4e9 / 1.6e12, 40e9 / 1.6e12])


def test_a_target_for_latency_limits_the_batch() -> None:
    one = basis(cluster=ClusterLimits(1, 65, frozenset(), frozenset()))
    free = fit_serving(serving(), device(), basis=one)
    tight = fit_serving(serving(token_ms_max=20.0), device(), basis=one)
    assert isinstance(free, Fit)
    assert isinstance(tight, Fit)
    assert 1 <= tight.batch < free.batch
    assert tight.tokens_per_second < free.tokens_per_second
    none = fit_serving(serving(token_ms_max=0.1), device(), basis=basis())
    assert none == Misfit(Obstacle.TOO_SLOW)


@pytest.mark.parametrize(
    ("memory_gb", "is_tight"), [(19, False), (18, True), (16, True), (Fraction(158, 10), None)]
)
def test_weights_above_72_percent_are_tight_above_85_refused(
    memory_gb: int,
    is_tight: bool | None,  # noqa: FBT001 - a column of the table
) -> None:
    one = basis(cluster=ClusterLimits(1, 65, frozenset(), frozenset()))
    job = serving(tokens_in=10, tokens_out=10)
    found = fit_serving(job, device(memory_gb=memory_gb), basis=one)
    if is_tight is None:
        assert found == Misfit(Obstacle.TOO_LARGE)
    else:
        assert isinstance(found, Fit)
        assert found.is_tight is is_tight


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"id": "vision"}, Obstacle.UNSUITED),
        ({"id": "old"}, Obstacle.NO_DATA_TYPE),
        ({"memory_gb": None}, Obstacle.UNKNOWN_FIGURE),
        ({"bandwidth_gb_s": None}, Obstacle.UNKNOWN_FIGURE),
        ({"memory_gb": 20}, Obstacle.TOO_LARGE),
        ({"memory_gb": Fraction(203, 10)}, Obstacle.NO_ROOM_FOR_CONTEXT),
    ],
)
def test_why_a_class_does_not_serve(changes: dict[str, object], obstacle: Obstacle) -> None:
    job = serving(LLAMA_70B, tokens_in=100_000)
    assert fit_serving(job, device(**changes), basis=basis()) == Misfit(obstacle)


def test_seventy_billion_weights_take_the_copy_that_is_not_tight() -> None:
    found = fit_serving(serving(LLAMA_70B), device(), basis=basis())
    assert isinstance(found, Fit)
    assert found.gang_cards == 4
    assert not found.is_tight


def test_an_old_card_serves_in_fp16_and_int8() -> None:
    for data_type in (DataType.FP16, DataType.INT8):
        job = serving(data_type=data_type)
        assert isinstance(fit_serving(job, device(id="old"), basis=basis()), Fit)
    assert DataType.BF16.precision is Precision.FP16


def _measured(**changes: object) -> Measurement:
    given: dict[str, object] = {
        "id": "m",
        "workload": Workload.SERVING,
        "model": LLAMA_7B.id,
        "device_class": "card",
        "cards": 1,
        "tokens_per_second": 900.0,
        "lengths": (1_000, 1_000),
        "size": 2,
        "is_tuned": False,
        "evidence": READ,
    }
    return Measurement(**(given | changes))  # type: ignore[arg-type]


def test_what_was_measured_of_the_very_job_is_measured() -> None:
    rows = (
        _measured(),
        _measured(tokens_per_second=1_000.0),
        _measured(tokens_per_second=9.0, is_tuned=True),
        _measured(tokens_per_second=9.0, workload=Workload.TRAINING, lengths=(4_096,)),
        _measured(tokens_per_second=9.0, device_class="other"),
    )
    known = basis(measurements=rows)
    found = run_on(serving(), device(), basis=known)
    assert isinstance(found, Running)
    assert found.speed.provenance is Provenance.MEASURED
    assert found.speed.tokens_per_second == Span(900, 950, 1_000)
    assert found.speed.evidence == (READ,)
    trained = run_on(training(), device(), basis=known)
    assert isinstance(trained, Running)
    assert trained.speed.tokens_per_second.mid == 9
    for job in (serving(tokens_in=999), serving(token_ms_max=50.0)):
        other = run_on(job, device(), basis=known)
        assert isinstance(other, Running)
        assert other.speed.provenance is Provenance.ESTIMATED


@pytest.mark.parametrize(
    ("changes", "provenance"),
    [
        ({}, Provenance.ESTIMATED),
        ({"evidence": {"mfu": UNREAD, "memory_gb": UNREAD}}, Provenance.ASSUMED),
    ],
)
def test_what_rests_on_something_unread_is_assumed(
    changes: dict[str, object], provenance: Provenance
) -> None:
    for job in (training(), serving()):
        found = run_on(job, device(**changes), basis=basis())
        assert isinstance(found, Running)
        assert found.speed.provenance is provenance
    stranger = run_on(serving(), device(id="stranger"), basis=basis())
    assert isinstance(stranger, Running)
    assert stranger.speed.provenance is Provenance.ASSUMED


def test_a_tuned_engine_reaches_the_roofline_give_or_take_its_error() -> None:
    plain = run_on(serving(), device(), basis=basis())
    tuned = run_on(serving(is_tuned=True), device(), basis=basis())
    assert isinstance(plain, Running)
    assert isinstance(tuned, Running)
    roof = tuned.speed.tokens_per_second
    assert roof == Span(roof.mid / 1.25, roof.mid, roof.mid * 1.25)
    assert plain.speed.tokens_per_second.mid == pytest.approx(0.75 * roof.mid)


def test_ranks_turn_round_from_job_to_job() -> None:
    quick = device()
    broad = device(id="broad", bandwidth_gb_s=6_000, dense={Precision.FP16: Fraction(150)})
    both = basis(families=(family(device_classes=frozenset({"card", "broad"})),))
    jobs = (training(id="t"), serving(id="s", tokens_in=10))
    matrix = speed_matrix(jobs, (quick, broad, device(id="vision")), basis=both)
    trained = matrix.ratio("t", of="broad", to="card")
    served = matrix.ratio("s", of="broad", to="card")
    assert trained is not None
    assert served is not None
    assert trained < 1 < served
    assert matrix.ratio("t", of="vision", to="card") is None
    assert matrix.ratio("t", of="card", to="vision") is None


def _thirty_percent(cost: Fen) -> Entitlement:
    share = cost.amount * 3 // 10
    return Entitlement(Fen(min(share, 1_000_000)), "rate" if share <= 10**6 else "cap", ())


def test_a_serving_plan_is_priced_and_shared() -> None:
    terms = PlanTerms(1, (pool(), pool(id="other", device_class="x")), _thirty_percent)
    found = plan(serving(requests_per_second=40.0), device(), basis=basis(), terms=terms)
    assert isinstance(found, Plan)
    assert found.card_hours == Count(
        *(24 * n for n in (found.cards.low, found.cards.mid, found.cards.high))
    )
    (cost,) = found.costs
    assert cost.mid.cost == Fen(500 * found.card_hours.mid)
    assert cost.mid.voucher_part.amount == cost.mid.cost.amount * 3 // 10
    assert (cost.mid.limb, cost.mid.own) == ("rate", cost.mid.cost - cost.mid.voucher_part)
    assert cost.low.cost.amount <= cost.mid.cost.amount <= cost.high.cost.amount


def test_no_voucher_pays_nothing_and_a_rule_never_more_than_the_cost() -> None:
    assert share_cost(Fen(700), None) == CostShare(Fen(700), Fen(0), "")
    generous = share_cost(Fen(700), lambda _: Entitlement(Fen(900), "lump", ()))
    assert (generous.voucher_part, generous.own) == (Fen(700), Fen(0))


def test_a_voucher_is_a_rate_and_no_wallet() -> None:
    contract = contract_of(Fen(100_000_000), Fraction(3, 10))
    assert contract == Fen(333_333_333)
    shared = CostShare(contract, Fen(100_000_000), "face")
    assert shared.own == Fen(233_333_333)
    found = plan(training(), device(), basis=basis(), terms=PlanTerms(720))
    assert isinstance(found, Plan)
    bought = purchase(found, offer=pool(), contract=shared)
    assert bought.card_hours == 666_666
    assert bought.tokens[1] == int(found.speed.mid * 666_666 * 3_600)


def test_arcs_are_the_pools_that_it_runs_on() -> None:
    pools = (
        pool(id="a"),
        pool(id="b", cards=7),
        pool(id="small", cards=1),
        pool(id="unknown", device_class="x"),
        pool(id="unsuited", device_class="vision"),
    )
    devices = {"card": device(), "vision": device(id="vision")}
    arcs = arcs_for(training(), pools, devices, basis=basis())
    speed = int(312e12 * 0.5 / (6 * 6.74e9) * 0.9 * 3.6)
    assert arcs == (Arc("a", speed, 2, 20), Arc("b", speed, 2, 6))
    few = arcs_for(training(), pools[:1], devices, basis=basis(), cards_max=5)
    assert [arc.cards_max for arc in few] == [4]
    served = arcs_for(serving(), pools[:1], devices, basis=basis())
    assert [arc.gang_cards for arc in served] == [1]
    assert work_of(training(tokens=10_001)) == 11
    assert serving().tokens == 10 * 1_000 * 24 * 3_600


def test_a_pool_that_does_less_than_one_unit_is_left_out() -> None:
    slow = device(dense={Precision.FP16: Fraction(1, 1_000)})
    assert arcs_for(training(LLAMA_70B), [pool(cards=80)], {"card": slow}, basis=basis()) == ()


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="can be served"):
        serving(requests_per_second=0.0)
    with pytest.raises(ValueError, match="count"):
        Count(2, 1, 3)
    assert isinstance(
        plan(serving(), device(id="vision"), basis=basis(), terms=PlanTerms(1)), NoPlan
    )
