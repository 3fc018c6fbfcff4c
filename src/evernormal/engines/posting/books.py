"""Books that are posted to in batches, with names for accounts and transfers as the plain ones."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Account, Transfer
from evernormal.engines.posting.batch import Known, post_batch
from evernormal.engines.posting.columns import Outcome
from evernormal.engines.posting.gathering import Names, counters_of, records_of, refusal_of


class BatchBooks:
    """The same books as `domain.ledger.Books`, however a stream of linked sets is cut."""

    def __init__(
        self, accounts: Mapping[str, Account], transfers: Iterable[Transfer], resolved: set[str]
    ) -> None:
        """Go on with books that were kept elsewhere.

        accounts   open accounts, as they stand
        transfers  at least those that a batch may name, by an equal id or as pending
        resolved   ids of pending transfers that were posted or voided
        """
        self._opened = dict(accounts)
        self._ids, self._names = Names(), Names()
        self._counters = counters_of(accounts, self._names)
        self.transfers = list(transfers)
        self.resolved = set(resolved)
        self._records = records_of([self.transfers], ids=self._ids, accounts=self._names)

    def post(self, sets: Sequence[Sequence[Transfer]]) -> dict[int, DomainError]:
        """Post linked sets in order, each whole or not at all.

        sets     none of them empty
        returns  why sets were refused, by their number
        """
        batch = records_of(sets, ids=self._ids, accounts=self._names)
        done = np.array([t.id in self.resolved for t in self.transfers], np.bool_)
        posted = post_batch(self._counters, batch, Known(self._records, done))
        flat = [t for transfers in sets for t in transfers]
        new = [t for t, is_new in zip(flat, posted.is_new.tolist(), strict=True) if is_new]
        self.transfers += new
        self.resolved.update(t.pending_id for t in new if t.pending_id is not None)
        self._records = np.concatenate((self._records, posted.records[posted.is_new]))
        names = {number: name for name, number in self._names.numbers.items()}
        return {
            number: refusal_of(
                posted,
                number,
                transfer=flat[int(posted.at[number])],
                account_of=names.__getitem__,
            )
            for number in np.flatnonzero(posted.outcome != Outcome.POSTED).tolist()
        }

    def accounts(self) -> dict[str, Account]:
        """Every open account as it stands."""
        values = self._counters.values.tolist()
        at = {number: place for place, number in enumerate(self._counters.numbers.tolist())}
        return {
            name: Account(name, account.kind, *values[at[self._names.number(name)]])
            for name, account in self._opened.items()
        }
