"""Where it fails: the kept share by carrier, country, product or whatever else the files know."""

from __future__ import annotations

from typing import Final

from keptword.core.differences import ALL_OTHERS
from keptword.report import charts, phrases
from keptword.report.blocks import Block, Cell, Head, Heading, HowWeKnow, Say, Section, Table
from keptword.report.model import Breakdown, Group, Report, Word
from keptword.words import Words

_ANSWERS: Final = frozenset({"yes", "no", "true", "false"})


def section(report: Report, words: Words) -> Section | None:
    """Return the section that breaks the kept share down; None where no promise is known."""
    title = words.say("where.title")
    word = report.word
    if word is None:
        return None
    if not word.due:
        return Section("where", title, (Say(words.say("where.none_due")),))
    if not report.breakdowns:
        return Section("where", title, (Say(words.say("where.none")),))
    blocks: list[Block] = [_lead(report, word=word, words=words)]
    for breakdown in report.breakdowns:
        blocks += _breakdown(breakdown, report, word=word, words=words)
    blocks.append(Say(words.say("where.key", share=words.share(word.share)), "quiet"))
    blocks.append(HowWeKnow((words.say("how.chance"), words.say("how.small"), words.say("how.range"))))
    return Section("where", title, tuple(blocks))


def column_name(words: Words, column: str) -> str:
    """Return what a column is called; one that is nobody's but the files' own keeps its name."""
    key = f"column.{column.lower()}"
    return words.say(key) if words.has(key) else phrases.name(column)


def label(group: Group, words: Words, *, column: str) -> str:
    """Return what a group is called: countries by their names, the small ones together by their number."""
    if group.label in ("", ALL_OTHERS):
        return words.say("where.members", count=group.members)
    if column == "country" and words.country(group.label) != group.label:
        country = words.country(group.label)
        return country[0].upper() + country[1:]
    return phrases.name(group.label)


def spoken(group: Group, words: Words, *, column: str, begins: bool) -> str:
    """Return what a group is called in a sentence: with its column where it is a bare value, as in "priority 2".

    `begins` says that a sentence begins with it.
    """
    name = label(group, words, column=column)
    if not _is_bare(group.label):
        return name
    named = words.say("where.named", column=column_name(words, column), label=name)
    return named[:1].upper() + named[1:] if begins else named


def _is_bare(value: str) -> bool:
    """Say whether a value tells nothing without its column: a number, a single letter, a yes or a no."""
    letters = sum(sign.isalpha() for sign in value)
    return value != "" and (letters < 2 or value.strip().casefold() in _ANSWERS)


def _lead(report: Report, *, word: Word, words: Words) -> Say:
    if word.kept == word.due:
        return Say(words.say("where.all"), "joy")
    worst = _worst(report)
    if worst is not None:
        column, group = worst
        return Say(_said(group, words, column=column, key="lead"), "lead")
    some_better = any(group.stands_out for breakdown in report.breakdowns for group in breakdown.groups)
    return Say(words.say("where.nothing_worse" if some_better else "where.nothing"), "lead")


def _worst(report: Report) -> tuple[str, Group] | None:
    """Return the column and group, of those that fail more often than others, with most promises not kept."""
    failing = [
        (breakdown.column, group)
        for breakdown in report.breakdowns
        for group in breakdown.groups
        if group.stands_out and not group.better
    ]
    return max(failing, key=lambda found: found[1].share.of - found[1].share.count, default=None)


def _said(group: Group, words: Words, *, column: str, key: str) -> str:
    name, share = spoken(group, words, column=column, begins=key != "lead"), words.share(group.share)
    if group.elsewhere is None or group.elsewhere.value is None:
        return words.say(f"where.{key}", label=name, share=share)
    return words.say(f"where.{key}_than", label=name, share=share, elsewhere=words.share(group.elsewhere))


def _breakdown(breakdown: Breakdown, report: Report, *, word: Word, words: Words) -> list[Block]:
    called, worst, missing = column_name(words, breakdown.column), _worst(report), breakdown.missing
    standing = [group for group in breakdown.groups if group.stands_out and (breakdown.column, group) != worst]
    return [
        Heading(words.say("where.by", column=called)),
        *(
            Say(_said(group, words, column=breakdown.column, key="better" if group.better else "worse"))
            for group in standing
        ),
        _table(breakdown, word=word, words=words),
        *([Say(words.say("where.missing", count=missing, column=called), "quiet")] if missing else []),
    ]


def _table(breakdown: Breakdown, *, word: Word, words: Words) -> Table:
    called = column_name(words, breakdown.column)
    return Table(
        words.say("where.caption", column=called),
        heads=(
            Head(called[:1].upper() + called[1:]),
            Head("", "drawing"),
            Head(words.say("where.share"), "share"),
            Head(words.say("where.due"), "figure"),
        ),
        rows=tuple(_row(group, word=word, words=words, column=breakdown.column) for group in breakdown.groups),
    )


def _row(group: Group, *, word: Word, words: Words, column: str) -> tuple[Cell, ...]:
    share = group.share
    kind = ("better" if group.better else "worse") if group.stands_out else ""
    drawing = charts.whisker(
        share.value or 0.0, low=share.low or 0.0, high=share.high or 0.0, reference=word.share.value, kind=kind
    )
    return (
        Cell(label(group, words, column=column), strong=group.stands_out),
        Cell(drawing=drawing),
        Cell(words.figure(share), aside=words.range(share), strong=group.stands_out),
        Cell(words.number(share.of)),
    )
