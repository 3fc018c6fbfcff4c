"""What a programme office has in its hands, read whole or refused with every problem."""

from collections.abc import Mapping

from evernormal.formats.intake.agents import key_problems
from evernormal.formats.intake.assembly import assemble
from evernormal.formats.intake.folder import named_in_files, read_folder_files
from evernormal.formats.intake.order_book import received_order_problems
from evernormal.formats.intake.order_changes import order_change_problems
from evernormal.formats.intake.price_relations import price_problems
from evernormal.formats.intake.purchases import purchase_problems
from evernormal.formats.intake.quotes import quote_problems
from evernormal.formats.intake.readings import usage_problems
from evernormal.formats.intake.relations import relation_problems
from evernormal.formats.intake.usage_relations import order_problems
from evernormal.formats.intake.withdrawals import withdrawal_problems
from evernormal.formats.intake.year_input import (
    Agent,
    Office,
    PaymentDay,
    Programme,
    UsageFile,
    YearInput,
)
from evernormal.formats.problems import InputProblems, Problem

__all__ = [
    "Agent",
    "InputProblems",
    "Office",
    "PaymentDay",
    "Problem",
    "Programme",
    "UsageFile",
    "YearInput",
    "read_year",
]


def read_year(files: Mapping[str, bytes]) -> YearInput:
    """Read the folder of one programme year.

    files    bytes by path inside the folder, with forward slashes; what no reader knows (a
             README, pictures) is only carried along
    returns  everything the main job needs, each part checked against the others; times in UTC
    raises   InputProblems with all that is wrong, by file, line and column
    source   docs/reference/input-folder.md
    """
    problems: list[Problem] = []
    folder = read_folder_files(files, problems)
    problems += relation_problems(folder)
    problems += price_problems(folder)
    problems += purchase_problems(folder)
    problems += order_problems(folder)
    problems += quote_problems(folder)
    problems += order_change_problems(folder)
    problems += withdrawal_problems(folder)
    problems += received_order_problems(folder)
    if folder.programme is not None:
        problems += key_problems(folder.programme, folder.sheets)
    problems += usage_problems(folder)
    if problems or folder.programme is None:
        raise InputProblems(named_in_files(problems, folder.programme))
    return assemble(folder, folder.programme, files)
