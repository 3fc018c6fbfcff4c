"""A clearing round as files: what is asked for and what there is, and what was decided."""

from evernormal.formats.clearing_round.of_year import with_rounds
from evernormal.formats.clearing_round.reading import RoundFolder, read_round
from evernormal.formats.clearing_round.writing import outcome_files

__all__ = ["RoundFolder", "outcome_files", "read_round", "with_rounds"]
