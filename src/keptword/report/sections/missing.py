"""Not enough yet: what cannot be said so far, what it would take, and what one more file would add."""

from __future__ import annotations

from keptword.report import phrases
from keptword.report.blocks import Block, Heading, Point, Points, Say, Section
from keptword.report.model import Missing, Report
from keptword.words import Words


def section(report: Report, words: Words) -> Section | None:
    """Return the section about what there is not enough of; None where there is nothing to say about that."""
    blocks: list[Block] = []
    if report.not_enough:
        blocks.append(Points(tuple(Point(_missing(each, words)) for each in report.not_enough)))
    elif report.entries and not report.next_files:
        blocks.append(Say(words.say("missing.nothing")))
    if report.next_files:
        blocks.append(Heading(words.say("missing.files_title")))
        blocks.append(Points(tuple(Point(_next(source, words)) for source in report.next_files)))
    return Section("missing", words.say("missing.title"), tuple(blocks)) if blocks else None


def _missing(each: Missing, words: Words) -> str:
    key = f"missing.{each.what}"
    if words.has(key):
        return words.say(key, have=each.have, need=each.need)
    return words.say("missing.more", what=phrases.name(each.what), have=each.have, need=each.need)


def _next(source: str, words: Words) -> str:
    key = f"next.{source}"
    return words.say(key) if words.has(key) else phrases.name(source)
