"""Planning: what a job takes on each class of card, in memory, cards, hours and money."""

from evernormal.domain.planning.arcs import TOKENS_PER_UNIT, arcs_for, work_of
from evernormal.domain.planning.basis import ClusterLimits, MemoryLimits, PlanningBasis
from evernormal.domain.planning.cost import (
    CostShare,
    PlanCost,
    Purchase,
    Support,
    contract_of,
    price_card_hours,
    share_cost,
)
from evernormal.domain.planning.figure import Provenance, Span, Speed
from evernormal.domain.planning.fitting import Fit, Misfit, Obstacle, fit_serving, fit_training
from evernormal.domain.planning.job import Job, Method, Recomputation, ServingJob, TrainingJob
from evernormal.domain.planning.measurement import Measurement, measured_speed
from evernormal.domain.planning.memory import TrainingMemory, fewest_cards, training_memory
from evernormal.domain.planning.model import DataType, LanguageModel, presume_model
from evernormal.domain.planning.plan import (
    Count,
    NoPlan,
    Plan,
    PlanTerms,
    plan,
    purchase,
    training_rate,
)
from evernormal.domain.planning.roofline import Copy, ServingFamily, copy_on
from evernormal.domain.planning.speed import Running, SpeedMatrix, run_on, speed_matrix
from evernormal.domain.planning.training import (
    TrainingConstants,
    card_hours,
    flop_6nd,
    flop_per_token,
    flop_with_attention,
    hardware_utilisation,
    training_speed,
    utilisation,
)

__all__ = [
    "TOKENS_PER_UNIT",
    "ClusterLimits",
    "Copy",
    "CostShare",
    "Count",
    "DataType",
    "Fit",
    "Job",
    "LanguageModel",
    "Measurement",
    "MemoryLimits",
    "Method",
    "Misfit",
    "NoPlan",
    "Obstacle",
    "Plan",
    "PlanCost",
    "PlanTerms",
    "PlanningBasis",
    "Provenance",
    "Purchase",
    "Recomputation",
    "Running",
    "ServingFamily",
    "ServingJob",
    "Span",
    "Speed",
    "SpeedMatrix",
    "Support",
    "TrainingConstants",
    "TrainingJob",
    "TrainingMemory",
    "arcs_for",
    "card_hours",
    "contract_of",
    "copy_on",
    "fewest_cards",
    "fit_serving",
    "fit_training",
    "flop_6nd",
    "flop_per_token",
    "flop_with_attention",
    "hardware_utilisation",
    "measured_speed",
    "plan",
    "presume_model",
    "price_card_hours",
    "purchase",
    "run_on",
    "share_cost",
    "speed_matrix",
    "training_memory",
    "training_rate",
    "training_speed",
    "utilisation",
    "work_of",
]
