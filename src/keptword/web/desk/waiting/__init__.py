"""Waiting: who waits for what, and what can be done about it from the same page."""
