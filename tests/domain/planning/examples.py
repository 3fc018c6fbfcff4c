"""Cards, models and a basis in round numbers."""

from datetime import date
from fractions import Fraction
from typing import Any

from evernormal.domain.allocation import Pool
from evernormal.domain.device import (
    Confidence,
    DeviceClass,
    Evidence,
    MfuBand,
    Precision,
    Sale,
)
from evernormal.domain.planning import (
    ClusterLimits,
    LanguageModel,
    MemoryLimits,
    PlanningBasis,
    Provenance,
    ServingFamily,
    ServingJob,
    Span,
    TrainingConstants,
    TrainingJob,
)
from evernormal.domain.values import Fen

READ = Evidence("a sheet", Confidence.READ, date(2026, 11, 23))
UNREAD = Evidence("nothing", Confidence.GENERAL_KNOWLEDGE, date(2026, 11, 23))
LLAMA_7B = LanguageModel("Llama 2 7B", 6_740_000_000, 6_740_000_000, 32, 4_096, 32, 32)
LLAMA_70B = LanguageModel("Llama 2 70B", 68_980_000_000, 68_980_000_000, 80, 8_192, 64, 8)


def device(**changes: Any) -> DeviceClass:
    """A card of 80 GB, 2 TB/s and 312 TFLOPS, with a link."""
    given: dict[str, Any] = {
        "id": "card",
        "name": "Card",
        "name_zh": "",
        "vendor": "V",
        "vendor_country": "US",
        "launch_year": 2020,
        "form_factor": "SXM",
        "process_node": "",
        "sale": Sale.DATACENTRE,
        "dense": {Precision.FP16: Fraction(312), Precision.INT8: Fraction(624)},
        "source": READ,
        "memory_gb": Fraction(80),
        "bandwidth_gb_s": Fraction(2_000),
        "interconnect_gb_s": Fraction(600),
        "mfu": MfuBand(Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), "runs"),
    }
    return DeviceClass(**(given | changes))


def family(**changes: Any) -> ServingFamily:
    given: dict[str, Any] = {
        "id": "family",
        "device_classes": frozenset({"card"}),
        "compute": 0.8,
        "bandwidth": 0.8,
        "link": 0.9,
        "batch_max": 256,
        "engine": Span(0.5, 0.75, 1),
        "error": 0.25,
        "provenance": Provenance.ESTIMATED,
        "evidence": READ,
    }
    return ServingFamily(**(given | changes))


def basis(**changes: Any) -> PlanningBasis:
    given: dict[str, Any] = {
        "training": TrainingConstants(
            goodput=Span(0.8, 0.9, 1),
            loss_per_doubling=Span(0.01, 0.02, 0.03),
            loss_from_cards=64,
            fp8_gain=Span(1, 1.25, 1.5),
        ),
        "memory": MemoryLimits(usable=0.9, weights_tight=0.72, weights_refused=0.85),
        "cluster": ClusterLimits(
            cards_per_node=8,
            link_gb_s_min=65,
            without_bf16=frozenset({"old"}),
            unsuited=frozenset({"vision"}),
        ),
        "families": (family(),),
        "fallback": family(id="fallback", provenance=Provenance.ASSUMED, evidence=UNREAD),
        "measurements": (),
        "evidence": (READ,),
    }
    return PlanningBasis(**(given | changes))


def training(model: LanguageModel = LLAMA_7B, **changes: Any) -> TrainingJob:
    given: dict[str, Any] = {"id": "job", "model": model, "tokens": 10**12}
    return TrainingJob(**(given | changes))


def serving(model: LanguageModel = LLAMA_7B, **changes: Any) -> ServingJob:
    given: dict[str, Any] = {
        "id": "job",
        "model": model,
        "requests_per_second": 10.0,
        "tokens_in": 1_000,
        "tokens_out": 1_000,
        "hours": 24,
    }
    return ServingJob(**(given | changes))


def pool(**changes: Any) -> Pool:
    given: dict[str, Any] = {
        "id": "pool",
        "provider_id": "P",
        "site": "S",
        "device_class": "card",
        "cards": 20,
        "price": Fen(500),
    }
    return Pool(**(given | changes))
