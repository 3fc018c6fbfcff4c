"""The stored books: transfers by acts as rows, and those of large batches as pages.

`evernormal.store.ledger.journal`, which posts large batches, is imported by those who need it: it
loads the compiled posting rules.
"""

from evernormal.store.ledger.rows import account, post, post_many

__all__ = ["account", "post", "post_many"]
