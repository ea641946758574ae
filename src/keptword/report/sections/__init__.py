"""The sections of the page, one module each: from the report's figures to sentences, tables and charts."""

from __future__ import annotations

from collections.abc import Callable

from keptword.report.blocks import Section
from keptword.report.model import Report
from keptword.report.sections import answers, back, can, law, missing, products, read, reviews, waiting, where, word
from keptword.words import Words

SECTIONS: tuple[Callable[[Report, Words], Section | None], ...] = (
    word.section,
    can.section,
    waiting.section,
    where.section,
    products.section,
    back.section,
    reviews.section,
    answers.section,
    answers.cost_section,
    law.section,
    missing.section,
    read.section,
)
"""All sections in the order in which they are read; one that returns None has no place on this page."""


def sections(report: Report, words: Words) -> tuple[Section, ...]:
    """Return the sections of a report, top to bottom."""
    made = (make(report, words) for make in SECTIONS)
    return tuple(section for section in made if section is not None)
