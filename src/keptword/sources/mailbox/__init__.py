"""A mailbox in the mbox format: who wrote when and who was answered, from the headers alone."""

from keptword.sources.mailbox.reader import SOURCE

__all__ = ["SOURCE"]
