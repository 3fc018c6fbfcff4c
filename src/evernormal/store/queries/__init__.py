"""Reads: frozen rows and sums, never models."""
