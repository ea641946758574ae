"""Promises: the book of all that was promised, each with its history, and what can be done about it."""
