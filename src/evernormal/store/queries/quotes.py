"""What became of quotes, told from the log."""

import json
from collections.abc import Iterable

from evernormal.domain.audit import Act
from evernormal.store.bulk import rows_in


def list_refused(programme_id: str, quote_ids: Iterable[str]) -> frozenset[str]:
    """Those of some quotes that were refused so far."""
    keys = {f"{Act.QUOTE.value}/{quote_id}": quote_id for quote_id in quote_ids}
    sql = "SELECT key, body FROM audit_record WHERE programme_id = %s AND key"
    told = rows_in(sql, [programme_id], keys)
    return frozenset(
        keys[str(key)] for key, body in told if json.loads(str(body))["facts"]["refusals"]
    )
