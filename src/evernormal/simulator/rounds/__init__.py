"""A trace of gang jobs replayed under a policy: who gets scarce cards over time, and how well."""
