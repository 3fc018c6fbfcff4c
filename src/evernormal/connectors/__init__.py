"""Outside systems: each wrapped once, with its limits and its own refusal."""
