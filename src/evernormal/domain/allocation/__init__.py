"""Who gets which cards: orders taken as they come, and rounds that clear many requests."""

from evernormal.domain.allocation.allocation import (
    Allocation,
    AllocationLimb,
    Purse,
    allocate,
    peak_cards,
)
from evernormal.domain.allocation.bound import (
    Bound,
    BoundKind,
    bound_of,
)
from evernormal.domain.allocation.calendar import (
    Calendar,
    NoRoomOnCalendar,
    NoticeTooShort,
    NotWholeGangs,
    Reservation,
    ReservationAmended,
    ReservationCancelled,
    ReservationKnown,
    ReservationOver,
    ReservationPlaced,
    SpotOffer,
    UnknownReservation,
)
from evernormal.domain.allocation.calendar_plan import (
    Block,
    Placements,
    Unplaced,
    UnplacedReason,
    place_plan,
)
from evernormal.domain.allocation.calendar_preemption import (
    CardsWithdrawn,
    ReservationPreempted,
    WithdrawalExceedsPool,
    withdraw_cards,
)
from evernormal.domain.allocation.calendar_terms import (
    CalendarTerms,
    IdleCardsRecalled,
    NoCalendarTerms,
    recall_idle,
    terms_on,
)
from evernormal.domain.allocation.calendar_waitlist import (
    PassedOver,
    UnknownWaiting,
    Waiting,
    WaitingExpired,
    WaitingKnown,
    WaitingPromoted,
    Waitlist,
)
from evernormal.domain.allocation.change import (
    Change,
    ChangeKind,
    Clear,
    smallest_changes,
)
from evernormal.domain.allocation.mechanism import (
    PROMISES,
    Mechanism,
    Promise,
)
from evernormal.domain.allocation.outcome import (
    Grant,
    Outcome,
)
from evernormal.domain.allocation.reasons import (
    Reason,
    RequestNotInRound,
    WantedPool,
    used_part,
    why,
)
from evernormal.domain.allocation.remainder import give_remainder
from evernormal.domain.allocation.request import Arc, Pool, Request, Round
from evernormal.domain.allocation.sequential import (
    DrawWithoutSeed,
    clear_in_turn,
    tier_of,
    turns,
)
from evernormal.domain.allocation.tally import (
    arcs_by_worth,
    cost_of,
    free_cards,
    money_of,
    stretches,
    window_of,
    work_of,
)
from evernormal.domain.allocation.violation import (
    Breach,
    Violation,
    check_outcome,
)

__all__ = [
    "PROMISES",
    "Allocation",
    "AllocationLimb",
    "Arc",
    "Block",
    "Bound",
    "BoundKind",
    "Breach",
    "Calendar",
    "CalendarTerms",
    "CardsWithdrawn",
    "Change",
    "ChangeKind",
    "Clear",
    "DrawWithoutSeed",
    "Grant",
    "IdleCardsRecalled",
    "Mechanism",
    "NoCalendarTerms",
    "NoRoomOnCalendar",
    "NotWholeGangs",
    "NoticeTooShort",
    "Outcome",
    "PassedOver",
    "Placements",
    "Pool",
    "Promise",
    "Purse",
    "Reason",
    "Request",
    "RequestNotInRound",
    "Reservation",
    "ReservationAmended",
    "ReservationCancelled",
    "ReservationKnown",
    "ReservationOver",
    "ReservationPlaced",
    "ReservationPreempted",
    "Round",
    "SpotOffer",
    "UnknownReservation",
    "UnknownWaiting",
    "Unplaced",
    "UnplacedReason",
    "Violation",
    "Waiting",
    "WaitingExpired",
    "WaitingKnown",
    "WaitingPromoted",
    "Waitlist",
    "WantedPool",
    "WithdrawalExceedsPool",
    "allocate",
    "arcs_by_worth",
    "bound_of",
    "check_outcome",
    "clear_in_turn",
    "cost_of",
    "free_cards",
    "give_remainder",
    "money_of",
    "peak_cards",
    "place_plan",
    "recall_idle",
    "smallest_changes",
    "stretches",
    "terms_on",
    "tier_of",
    "turns",
    "used_part",
    "why",
    "window_of",
    "withdraw_cards",
    "work_of",
]
