"""The rules of a scheme applied to a table of cases at once, equal to `domain.award.assess`."""

from evernormal.engines.entitlement.arrays import (
    NOT_STATED,
    CodeColumn,
    DayColumn,
    FlagColumn,
    IntColumn,
    WordColumn,
    WordSetColumn,
    code_of,
)
from evernormal.engines.entitlement.assess import (
    AmountBeyondColumns,
    AssessedColumns,
    assess_columns,
)
from evernormal.engines.entitlement.columns import CaseColumns, columns_with
from evernormal.engines.entitlement.gathering import (
    FactBeyondColumns,
    case_at,
    columns_of,
    request_at,
)
from evernormal.engines.entitlement.steps import StepColumns

__all__ = [
    "NOT_STATED",
    "AmountBeyondColumns",
    "AssessedColumns",
    "CaseColumns",
    "CodeColumn",
    "DayColumn",
    "FactBeyondColumns",
    "FlagColumn",
    "IntColumn",
    "StepColumns",
    "WordColumn",
    "WordSetColumn",
    "assess_columns",
    "case_at",
    "code_of",
    "columns_of",
    "columns_with",
    "request_at",
]
