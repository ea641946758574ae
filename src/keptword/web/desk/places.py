"""What it can be broken down by, as people say it: a carrier, a country by its name, a product."""

from __future__ import annotations

from keptword.core.rates import wilson
from keptword.report.model import Group
from keptword.report.sections.where import spoken
from keptword.words import Words


def place_name(words: Words, name: str, *, value: str) -> str:
    """Return what one value of a name is called in a sentence: "Switzerland", "DPD Classic", "priority 2"."""
    group = Group(value, share=wilson(0, 0), stands_out=True, better=False)
    return spoken(group, words, column=name, begins=False)
