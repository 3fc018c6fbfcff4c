"""Which acts made which identifier."""

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from evernormal.domain.errors import DomainError
from evernormal.formats.explanation.reading import ActRecord, each_of, text_of

_NEAREST_MAX = 3
_COMPARED_MAX = 5_000
"""Finding the nearest of very many ids takes seconds; the first ones with the same head do."""

_NAMED = {
    "ASSESS": (("contract", "contract"),),
    "AWARD": (("contract", "contract"), ("award", "award")),
    "ISSUE_VOUCHER": (("voucher", "voucher"), ("award", "award")),
    "RELEASE_TRANCHE": (("voucher", "voucher"), ("award", "award"), ("contract", "contract")),
    "EXTEND_VOUCHER": (("voucher", "voucher"),),
    "RECALL_VOUCHER": (("voucher", "voucher"),),
    "PLACE_HOLD": (("order", "order"),),
    "ACCEPT_USAGE": (("batch", "batch"),),
    "CHARGE": (("order", "order"),),
    "DECIDE_CLAIM": (("claim", "claim"),),
    "PAY_BATCH": (("batch", "batch"),),
    "EXPIRE_HOLD": (("hold", "hold"),),
    "LAPSE_VOUCHER": (("voucher", "voucher"),),
}
"""By act: the facts that name something, and what kind of thing."""

_PARTS = {
    "CHARGE": ("charges", "charge", "charge"),
    "PAY_BATCH": ("instructions", "instruction", "instruction"),
}
"""By act: the list whose items carry an id of their own, the fact with it, and its kind."""


class UnknownIdentifier(DomainError):
    """Nothing in the books has this identifier."""

    code = "explanation.unknown_identifier"

    def __init__(self, *, identifier: str, nearest: tuple[str, ...]) -> None:
        self.identifier, self.nearest = identifier, nearest
        hint = f" Nearest: {', '.join(nearest)}." if nearest else " The books are empty."
        super().__init__(f"Nothing in these books is called {identifier!r}.{hint}")


class Trail:
    """Acts by every identifier they made or moved, in the order of the log."""

    def __init__(self, acts: Iterable[ActRecord]) -> None:
        """Index the acts."""
        self._kinds: dict[str, str] = {}
        self._acts: dict[str, list[ActRecord]] = defaultdict(list)
        self._holds: Counter[str] = Counter()
        for act in acts:
            for kind, identifier in (*_named_by(act), *self._holds_by(act)):
                self._kinds.setdefault(identifier, kind)
                known = self._acts[identifier]
                if not known or known[-1] is not act:
                    known.append(act)

    def kind_of(self, identifier: str) -> str:
        """What an identifier names.

        raises   UnknownIdentifier with the nearest ones
        """
        if identifier not in self._kinds:
            raise UnknownIdentifier(identifier=identifier, nearest=self._nearest(identifier))
        return self._kinds[identifier]

    def acts_of(self, identifier: str, *, act: str | None = None) -> list[ActRecord]:
        """The acts that made or moved something, all or those of one kind; [] for none."""
        found = self._acts.get(identifier, [])
        return [a for a in found if act is None or a.act == act]

    def _holds_by(self, act: ActRecord) -> Iterator[tuple[str, str]]:
        """The holds that an act made: what a capture leaves of one is held again as the next."""
        order = act.facts.get("order") or act.facts.get("contract")
        for transfer in each_of(act.facts, "transfers"):
            if transfer.get("code") == "HOLD" and order:
                self._holds[str(order)] += 1
                yield "hold", f"H-{order}-{self._holds[str(order)]}"

    def _nearest(self, identifier: str) -> tuple[str, ...]:
        alike = [known for known in self._kinds if known[:1] == identifier[:1]]
        candidates = (alike or list(self._kinds))[:_COMPARED_MAX]
        found = difflib.get_close_matches(identifier, candidates, n=_NEAREST_MAX, cutoff=0.0)
        return tuple(found)


def _named_by(act: ActRecord) -> Iterator[tuple[str, str]]:
    """Every (kind, identifier) that an act made or moved."""
    for fact, kind in _NAMED.get(act.act, ()):
        if act.facts.get(fact):
            identifier = text_of(act.facts, fact)
            yield kind, identifier
            if kind == "contract":
                yield "decision", f"D-{identifier}"
    if act.act in _PARTS:
        items, fact, kind = _PARTS[act.act]
        for item in each_of(act.facts, items):
            yield kind, text_of(item, fact)
    for transfer in each_of(act.facts, "transfers"):
        yield "transfer", text_of(transfer, "id")
        yield "account", text_of(transfer, "debit")
        yield "account", text_of(transfer, "credit")
    yield "act", act.key
