"""Columns of the table of accounts."""

COUNTERS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
