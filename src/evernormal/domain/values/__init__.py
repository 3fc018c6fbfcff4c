"""Money, use, ratios, periods, roundings and identities: exact, small, frozen."""

from evernormal.domain.values.apportion import pro_rata
from evernormal.domain.values.identity import Uscc, WrongUscc, uscc_check_character
from evernormal.domain.values.money import Fen, NotMoney
from evernormal.domain.values.period import DayCount, EmptyPeriod, Period, add_months
from evernormal.domain.values.ratio import NotARatio, parse_ratio, ratio_text
from evernormal.domain.values.rounding import Rounding, RoundingMode
from evernormal.domain.values.use import CardSeconds, NegativeUse

__all__ = [
    "CardSeconds",
    "DayCount",
    "EmptyPeriod",
    "Fen",
    "NegativeUse",
    "NotARatio",
    "NotMoney",
    "Period",
    "Rounding",
    "RoundingMode",
    "Uscc",
    "WrongUscc",
    "add_months",
    "parse_ratio",
    "pro_rata",
    "ratio_text",
    "uscc_check_character",
]
