"""Training: operations, memory, the fewest cards, and the losses of a run."""

from dataclasses import replace

import pytest

from evernormal.domain.device import Precision
from evernormal.domain.planning import (
    DataType,
    Fit,
    LanguageModel,
    Method,
    Misfit,
    NoPlan,
    Obstacle,
    Plan,
    PlanTerms,
    Recomputation,
    Span,
    TrainingMemory,
    card_hours,
    fewest_cards,
    fit_training,
    flop_6nd,
    flop_per_token,
    flop_with_attention,
    hardware_utilisation,
    plan,
    presume_model,
    training_memory,
    utilisation,
)
from tests.domain.planning.examples import LLAMA_7B, LLAMA_70B, basis, device, training


def test_six_operations_a_weight_and_token_and_the_attention_beside_them() -> None:
    assert flop_6nd(LLAMA_7B, 2 * 10**12) == 80_880_000_000_000_000_000_000
    extra = flop_with_attention(LLAMA_7B, 10, sequence=4_096) - flop_6nd(LLAMA_7B, 10)
    assert extra == 10 * 12 * 32 * 4_096 * 4_096
    assert hardware_utilisation(0.3, Recomputation.FULL) == pytest.approx(0.4)
    assert hardware_utilisation(0.3, Recomputation.SELECTIVE) == 0.3


def test_hours_and_utilisation_are_each_others_inverse() -> None:
    hours = card_hours(flop=80_880 * 10**18, peak_tflops=312, mfu=0.3907)
    assert hours == pytest.approx(184_320, rel=1e-3)
    share = utilisation(flop=80_880 * 10**18, card_hours=hours, peak_tflops=312)
    assert share == pytest.approx(0.3907)


def test_what_counts_for_a_token() -> None:
    plain = flop_per_token(training())
    assert plain == 6 * LLAMA_7B.params
    assert flop_per_token(training(recomputation=Recomputation.FULL)) == pytest.approx(
        plain * 4 / 3
    )
    lora = training(method=Method.LORA, adapter_params=10**7)
    assert flop_per_token(lora) == pytest.approx(4 * LLAMA_7B.params + 6 * 10**7)
    attention = 12 * 32 * 4_096 * 4_096
    assert flop_per_token(training(sequence=8_192)) == pytest.approx(
        plain * (plain + 2 * attention) / (plain + attention)
    )
    assert flop_per_token(training(sequence=1_024)) == plain


@pytest.mark.parametrize(
    ("params", "memory_gb", "cards"), [(7 * 10**9, 64, 2), (70 * 10**9, 64, 18)]
)
def test_sixteen_bytes_a_weight(params: int, memory_gb: int, cards: int) -> None:
    memory = training_memory(training(presume_model(params=params)))
    assert memory.states == 16 * params
    states = replace(memory, activations=0)
    assert fewest_cards(states, bytes_per_card=memory_gb * 1e9, split=1, zero_stage=3) == cards


def test_zero_divides_twelve_fourteen_and_sixteen_of_the_sixteen() -> None:
    memory = TrainingMemory(weights=200, gradients=200, optimizer=1_200, activations=100)
    each = [memory.per_card(cards=10, split=1, zero_stage=stage) for stage in range(4)]
    assert each == [1_700, 620, 440, 260]
    assert fewest_cards(memory, bytes_per_card=440, split=1, zero_stage=2) == 10
    assert fewest_cards(memory, bytes_per_card=300, split=1, zero_stage=2) is None
    assert fewest_cards(memory, bytes_per_card=300, split=2, zero_stage=2) == 10


def test_activations_by_what_is_kept() -> None:
    unit = 4_096 * 4_096
    kept = {r: training_memory(training(recomputation=r)).activations for r in Recomputation}
    assert kept == {
        Recomputation.NONE: 32 * (34 * unit + 5 * 32 * unit),
        Recomputation.SELECTIVE: 32 * 34 * unit,
        Recomputation.FULL: (32 * 2 + 34) * unit,
    }


def test_an_adapter_leaves_the_weights_as_they_are() -> None:
    memory = training_memory(training(method=Method.LORA, adapter_params=1_000))
    assert memory.states == 2 * LLAMA_7B.params + 16 * 1_000


def test_a_gang_is_part_of_a_machine_or_whole_machines() -> None:
    assert _fit(training()).gang_cards == 2
    large = _fit(training(LLAMA_70B))
    assert (large.gang_cards, large.cards_max) == (24, None)
    assert large.filled <= 0.9


def _fit(job: object) -> Fit:
    found = fit_training(job, device(), basis=basis())  # type: ignore[arg-type]
    assert isinstance(found, Fit)
    return found


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"id": "vision"}, Obstacle.UNSUITED),
        ({"id": "old"}, Obstacle.NO_DATA_TYPE),
        ({"dense": {}}, Obstacle.NO_DATA_TYPE),
        ({"memory_gb": None}, Obstacle.UNKNOWN_FIGURE),
        ({"mfu": None}, Obstacle.UNKNOWN_FIGURE),
        ({"interconnect_gb_s": 64}, Obstacle.NEEDS_LINK),
        ({"interconnect_gb_s": None}, Obstacle.NEEDS_LINK),
        ({"memory_gb": 1}, Obstacle.TOO_LARGE),
    ],
)
def test_why_a_class_does_not_train_seventy_billion_weights(
    changes: dict[str, object], obstacle: Obstacle
) -> None:
    found = plan(training(LLAMA_70B), device(**changes), basis=basis(), terms=PlanTerms(720))
    assert found == NoPlan("job", str(changes.get("id", "card")), Misfit(obstacle))


def test_fp8_gains_less_than_its_peak_and_needs_it() -> None:
    dense = device().dense
    job = training(data_type=DataType.FP8)
    terms = PlanTerms(720)
    assert isinstance(plan(job, device(), basis=basis(), terms=terms), NoPlan)
    card = device(dense={**dense, Precision.FP8: 2 * dense[Precision.FP16]})
    fast = plan(job, card, basis=basis(), terms=terms)
    slow = plan(training(), card, basis=basis(), terms=terms)
    assert isinstance(fast, Plan)
    assert isinstance(slow, Plan)
    gain = fast.running.speed.tokens_per_second.mid / slow.running.speed.tokens_per_second.mid
    assert gain == pytest.approx(1.25)


def test_more_cards_lose_speed_and_the_time_is_kept() -> None:
    constants = basis().training
    assert constants.scaling(64) == Span(1, 1, 1)
    assert constants.scaling(128) == Span(0.97, 0.98, 0.99)
    found = plan(training(), device(), basis=basis(), terms=PlanTerms(100))
    assert isinstance(found, Plan)
    assert found.cards.mid > 64
    assert found.cards.mid % found.running.fit.gang_cards == 0
    assert found.hours.mid <= 100
    assert found.card_hours.low < found.card_hours.mid < found.card_hours.high


def test_cards_without_a_link_stay_in_one_machine_however_long_it_takes() -> None:
    found = plan(training(), device(interconnect_gb_s=64), basis=basis(), terms=PlanTerms(1))
    assert isinstance(found, Plan)
    assert found.cards.mid == 8
    assert found.hours.mid > 1


def test_the_shape_of_a_model_is_presumed_from_its_weights() -> None:
    model = presume_model(params=7 * 10**9)
    assert (model.layers, model.width, model.kv_heads, model.is_presumed) == (33, 4_224, 8, True)
    mixture = presume_model(params=30 * 10**9, active_params=3 * 10**9)
    assert mixture.is_mixture
    assert not model.is_mixture


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no such model"):
        LanguageModel("m", 1, 2, 1, 1, 1, 1)
    with pytest.raises(ValueError, match="can be trained"):
        training(tokens=0)
    with pytest.raises(ValueError, match="adapter"):
        training(adapter_params=1)
    with pytest.raises(ValueError, match="span"):
        Span(2, 1, 3)
