"""What was read: the files, what was left out by rule, what could not be read, and what was noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keptword.report import phrases
from keptword.report.blocks import Block, Cell, Head, Heading, Point, Points, Say, Section, Table
from keptword.report.model import Report
from keptword.words import Words

if TYPE_CHECKING:
    from keptword.sources.registry import FileRead

NOTICED: Final = 40
"""How many of the things noticed are told one by one."""


def section(report: Report, words: Words) -> Section:
    """Return the section about what this page stands on."""
    blocks: list[Block] = [Say(_lead(report, words))]
    if report.files:
        blocks.append(_table(report, words))
    blocks += _refused(report, words)
    if report.left_out:
        blocks.append(Say(words.say("read.left_out", reasons=left_out(report, words))))
    blocks += _problems(report, words)
    return Section("read", words.say("read.title"), tuple(blocks))


def _lead(report: Report, words: Words) -> str:
    files = words.say("count.file", count=len(report.files))
    if report.first_on is None or report.newest_on is None:
        return words.say("read.lead_empty", files=files)
    entries = words.say("count.entry", count=report.entries)
    first, newest = words.day(report.first_on), words.day(report.newest_on)
    if not report.files:
        return words.say("read.lead_posted", entries=entries, first=first, newest=newest)
    return words.say("read.lead", entries=entries, files=files, first=first, newest=newest)


def _problems(report: Report, words: Words) -> list[Block]:
    """Return what was noticed on the way; it is told in the language it was noticed in."""
    if not report.problems:
        return []
    shown = [Point(phrases.line(str(problem), longest=600), language="en") for problem in report.problems[:NOTICED]]
    more = len(report.problems) - len(shown)
    return [
        Heading(words.say("read.problems")),
        Points(tuple(shown)),
        *([Say(words.say("read.more_problems", count=more), "quiet")] if more else []),
    ]


def left_out(report: Report, words: Words) -> str:
    """Return what was left out by rule, counted by reason, as one phrase."""
    said = []
    for reason, count in report.left_out.items():
        key = f"left_out.{reason.replace(' ', '_')}"
        if words.has(key):
            said.append(words.say(key, count=count))
        else:
            said.append(words.say("left_out.other", count=count, reason=phrases.name(reason)))
    return words.listed(said)


def _table(report: Report, words: Words) -> Table:
    return Table(
        words.say("read.caption"),
        heads=(
            Head(words.say("read.file")),
            Head(words.say("read.source")),
            Head(words.say("read.rows"), "figure"),
            Head(words.say("read.refused"), "figure"),
        ),
        rows=tuple(
            (
                Cell(phrases.name(file.name)),
                Cell(_recognised(file, words)),
                Cell(words.number(file.rows)),
                Cell(words.number(file.refused)),
            )
            for file in report.files
        ),
    )


def _recognised(file: FileRead, words: Words) -> str:
    key = f"source.{file.source}"
    return words.say(key) if words.has(key) else phrases.name(file.title)


def _refused(report: Report, words: Words) -> list[Block]:
    places = [str(file.rejected_to) for file in report.files if file.refused and file.rejected_to]
    count = sum(file.refused for file in report.files)
    if not count:
        return [Say(words.say("read.all_read"), "quiet")] if any(file.rows for file in report.files) else []
    said = words.say("read.refused_total", count=count)
    if places:
        where = words.say("read.rejected_to", place=words.listed([phrases.name(place) for place in places]))
        said += words.say("list.space") + where
    return [Say(said)]
