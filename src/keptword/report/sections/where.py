"""Where it fails: the kept share by carrier, country, product or whatever else the files know."""

from __future__ import annotations

from keptword.report import charts, phrases
from keptword.report.blocks import Block, Cell, Head, Heading, HowWeKnow, Say, Section, Table
from keptword.report.model import Breakdown, Group, Report, Word
from keptword.report.words import Words


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


def _lead(report: Report, *, word: Word, words: Words) -> Say:
    if word.kept == word.due:
        return Say(words.say("where.all"), "joy")
    worst = _worst(report)
    if worst is None:
        return Say(words.say("where.nothing"), "lead")
    return Say(_said(worst, words, key="lead"), "lead")


def _worst(report: Report) -> Group | None:
    """Return the group, of those that fail more often than others, in which most promises were not kept."""
    failing = [
        group
        for breakdown in report.breakdowns
        for group in breakdown.groups
        if group.stands_out and not group.better and group.label
    ]
    return max(failing, key=lambda group: group.share.of - group.share.count, default=None)


def _said(group: Group, words: Words, *, key: str) -> str:
    share, label = words.share(group.share), phrases.name(group.label)
    if group.elsewhere is None or group.elsewhere.value is None:
        return words.say(f"where.{key}", label=label, share=share)
    return words.say(f"where.{key}_than", label=label, share=share, elsewhere=words.share(group.elsewhere))


def _breakdown(breakdown: Breakdown, report: Report, *, word: Word, words: Words) -> list[Block]:
    column = column_name(words, breakdown.column)
    standing = [group for group in breakdown.groups if group.stands_out and group.label and group != _worst(report)]
    missing = breakdown.missing
    return [
        Heading(words.say("where.by", column=column)),
        *(Say(_said(group, words, key="better" if group.better else "worse")) for group in standing),
        _table(breakdown, word=word, words=words, column=column),
        *([Say(words.say("where.missing", count=missing, column=column), "quiet")] if missing else []),
    ]


def _table(breakdown: Breakdown, *, word: Word, words: Words, column: str) -> Table:
    return Table(
        words.say("where.caption", column=column),
        heads=(
            Head(column[:1].upper() + column[1:]),
            Head("", "drawing"),
            Head(words.say("where.share"), "share"),
            Head(words.say("where.due"), "figure"),
        ),
        rows=tuple(_row(group, word=word, words=words) for group in breakdown.groups),
    )


def _row(group: Group, *, word: Word, words: Words) -> tuple[Cell, ...]:
    share = group.share
    label = phrases.name(group.label) if group.label else words.say("where.members", count=group.members)
    kind = ("better" if group.better else "worse") if group.stands_out else ""
    drawing = charts.whisker(
        share.value or 0.0, low=share.low or 0.0, high=share.high or 0.0, reference=word.share.value, kind=kind
    )
    return (
        Cell(label, strong=group.stands_out),
        Cell(drawing=drawing),
        Cell(words.figure(share), aside=words.range(share), strong=group.stands_out),
        Cell(words.number(share.of)),
    )
