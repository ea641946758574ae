"""Promises as they stand now: what the figures say, with what colleagues did since laid over it."""
