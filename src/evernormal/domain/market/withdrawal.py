"""Cards that a provider takes out of the programme, as the office was told of it."""

from dataclasses import dataclass
from datetime import date

from evernormal.domain.values import Period


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Cards of a pool that are not there on some days.

    cards    > 0
    period   begins after `told_on`
    """

    provider_id: str
    device_class: str
    cards: int
    period: Period
    told_on: date
    reason: str = ""

    @property
    def pool(self) -> tuple[str, str]:
        """Whose cards, and of which class."""
        return self.provider_id, self.device_class
