"""Waiting now: who is overdue at the end of the day, the longest wait first."""

from __future__ import annotations

from typing import Final

from keptword.report import phrases
from keptword.report.blocks import Block, Cell, Head, HowWeKnow, Say, Section, Table
from keptword.report.model import Report, Waiting, WaitingNow
from keptword.report.verdict import waiting_said
from keptword.words import Words

LISTED: Final = 20
"""How many of those who wait are shown one by one."""

STALE_DAYS: Final = 3
"""From how many days on the files' age is told: who waited then may have what they waited for."""


def section(report: Report, words: Words) -> Section | None:
    """Return the section about who waits; None where nothing could be waited for."""
    waiting = report.waiting
    if waiting is None:
        return None
    title = words.say("waiting.title")
    word = report.word
    said = waiting_said(report, words=words)
    if not waiting.count:
        return Section("waiting", title, (Say(said, "joy"),))
    blocks: list[Block] = [Say(said, "lead")]
    newest = report.newest_on
    if newest is not None and (report.as_of - newest).days > STALE_DAYS:
        blocks.append(Say(words.say("waiting.stale", newest=words.day(newest)), "quiet"))
    if word is None:
        blocks.append(Say(words.say("waiting.tell"), "quiet"))
    blocks.append(_listed(waiting, words))
    if waiting.count > LISTED:
        blocks.append(Say(words.say("waiting.more", count=waiting.count - LISTED), "quiet"))
    blocks.append(HowWeKnow((words.say("how.waiting", day=words.day(report.as_of)),)))
    return Section("waiting", title, tuple(blocks))


def _first(waiting: WaitingNow) -> str:
    """Return the key of what the first column is called."""
    return "waiting.order" if all(each.subject.startswith("order:") for each in waiting.longest) else "waiting.thing"


def _listed(waiting: WaitingNow, words: Words) -> Table:
    """Return the table of those who have waited longest; the day something was due is shown where any has one."""
    shown = waiting.longest[:LISTED]
    has_due = any(each.due_on for each in shown)
    return Table(
        words.say("waiting.caption"),
        heads=(
            Head(words.say(_first(waiting))),
            Head(words.say("waiting.since"), "day"),
            *([Head(words.say("waiting.due"), "day")] if has_due else []),
            Head(words.say("waiting.waited"), "figure"),
        ),
        rows=tuple(_row(each, words, has_due=has_due) for each in shown),
    )


def _row(each: Waiting, words: Words, *, has_due: bool) -> tuple[Cell, ...]:
    due = Cell(words.short_day(each.due_on) if each.due_on else "–")
    return (
        Cell(phrases.subject(each.subject)),
        Cell(words.short_day(each.since)),
        *([due] if has_due else []),
        Cell(phrases.days(words, each.waited_days), strong=True),
    )
