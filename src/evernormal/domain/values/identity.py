"""The unified social credit code (统一社会信用代码), GB 32100-2015."""

from dataclasses import dataclass

from evernormal.domain.errors import DomainError

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_LENGTH = 18


class WrongUscc(DomainError):
    """A text is not a unified social credit code."""

    code = "uscc.wrong"

    def __init__(self, *, text: str, reason: str) -> None:
        self.text, self.reason = text, reason
        super().__init__(f"{text!r} is not a unified social credit code: {reason}")


def uscc_check_character(body: str) -> str:
    """The eighteenth character for the first seventeen.

    body     17 characters of 0-9 A-Z without I O S V Z
    returns  one character; the sum's remainder 0 gives "0", where code without the
             outer remainder fails
    raises   WrongUscc
    source   GB 32100-2015; vector 91350100M000100Y4 -> 3
    """
    for place, character in enumerate(body, start=1):
        if character not in _ALPHABET:
            reason = f"character {place}, {character!r}, is not in the code's alphabet."
            raise WrongUscc(text=body, reason=reason)
    total = sum(_ALPHABET.index(c) * w for c, w in zip(body, _WEIGHTS, strict=True))
    return _ALPHABET[(31 - total % 31) % 31]


@dataclass(frozen=True, slots=True, order=True)
class Uscc:
    """A unified social credit code whose check character is right."""

    text: str

    def __post_init__(self) -> None:
        if len(self.text) != _LENGTH:
            reason = f"it has {len(self.text)} characters, not 18."
            raise WrongUscc(text=self.text, reason=reason)
        expected = uscc_check_character(self.text[:17])
        if self.text[17] != expected:
            reason = f"the check character is {self.text[17]!r}, the others give {expected!r}."
            raise WrongUscc(text=self.text, reason=reason)

    def __str__(self) -> str:
        return self.text
