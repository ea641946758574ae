"""What people read, in their language: one catalogue of sentences for each, and numbers and days as written there."""

from keptword.words.catalogue import (
    LANGUAGES,
    STRONG_BEGINS,
    STRONG_ENDS,
    Language,
    Words,
    without_marks,
    words,
)

__all__ = ["LANGUAGES", "STRONG_BEGINS", "STRONG_ENDS", "Language", "Words", "without_marks", "words"]
