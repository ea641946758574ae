"""Answers: how fast customers are answered, who has had none, and what late orders cost in messages."""

from __future__ import annotations

from keptword.report import charts, phrases
from keptword.report.blocks import Block, Cell, Head, HowWeKnow, Say, Section, Table
from keptword.report.model import Messages, Replies, Report, WaitingNow
from keptword.report.sections.waiting import LISTED
from keptword.words import Words


def section(report: Report, words: Words) -> Section | None:
    """Return the section about answers, or what a mailbox would add; None where there is nothing at all."""
    title = words.say("answers.title")
    found = report.replies
    if found is None:
        return Section("answers", title, (Say(words.say("answers.none")),)) if report.entries else None
    blocks: list[Block] = [Say(_lead(found, words), "lead")]
    if found.within_a_day.value is not None:
        counted = words.say("answers.conversations", count=found.within_a_day.of)
        share = words.share(found.within_a_day)
        blocks.append(Say(words.say("answers.within_day", conversations=counted, share=share)))
    blocks += _unanswered(found, words)
    blocks.append(HowWeKnow((words.say("how.answers"), words.say("how.range"))))
    return Section("answers", title, tuple(blocks))


def _lead(found: Replies, words: Words) -> str:
    if found.median_hours is None or found.ninety_hours is None:
        counted = words.say("answers.conversations", count=found.conversations)
        return words.say("answers.lead_none", conversations=counted)
    return words.say("answers.lead", median=_hours(found.median_hours, words), ninety=_hours(found.ninety_hours, words))


def _hours(hours: float, words: Words) -> str:
    if hours < 0.95:
        return words.say("answers.minutes", count=max(round(hours * 60), 1))
    written = words.rounded(hours)
    return words.say("answers.hour") if written == "1" else words.say("answers.hours", hours=written)


def _unanswered(found: Replies, words: Words) -> list[Block]:
    waiting = found.unanswered
    if not waiting.count:
        return [Say(words.say("answers.nobody"), "joy")]
    days = phrases.days(words, waiting.longest[0].waited_days)
    blocks: list[Block] = [
        Say(words.say("answers.unanswered", count=waiting.count, days=days)),
        _listed(waiting, words),
    ]
    if waiting.count > LISTED:
        blocks.append(Say(words.say("answers.more", count=waiting.count - LISTED), "quiet"))
    return blocks


def _listed(waiting: WaitingNow, words: Words) -> Table:
    """Return the table of those without an answer, by the day they wrote: nothing else about them is known here."""
    return Table(
        words.say("answers.caption"),
        heads=(Head(words.say("answers.since")), Head(words.say("answers.waited"), "figure")),
        rows=tuple(
            (Cell(words.weekday(each.since)), Cell(phrases.days(words, each.waited_days), strong=True))
            for each in waiting.longest[:LISTED]
        ),
    )


def cost_section(report: Report, words: Words) -> Section | None:
    """Return the section about the messages late orders bring; None where nothing is known to be late or not."""
    word = report.word
    if word is None or not word.due or not report.orders or word.kind not in ("dispatch", "delivery"):
        return None
    title = words.say("cost.title")
    found = report.replies.messages if report.replies else None
    if report.replies is None:
        return Section("cost", title, (Say(words.say("cost.none")),)) if word.kept < word.due else None
    if found is None or not found.late_orders:
        key = "cost.no_messages" if found is None else "cost.none_late"
        return Section("cost", title, (Say(words.say(key), "plain" if found is None else "joy"),))
    if not found.other_orders:
        return Section("cost", title, (Say(words.say("cost.none_other")),))
    how = HowWeKnow((words.say("how.cost"),))
    return Section(
        "cost", title, (Say(_cost(found, words), "lead"), Say(_extra(found, words)), _table(found, words), how)
    )


def _cost(found: Messages, words: Words) -> str:
    return words.say(
        "cost.lead",
        late_orders=words.say("count.late_order", count=found.late_orders),
        late_messages=words.say("count.message", count=found.late_messages),
        late_rate=words.rate(found.per_100_late or 0.0),
        other_orders=found.other_orders,
        other_messages=words.say("count.message", count=found.other_messages),
        other_rate=words.rate(found.per_100_other or 0.0),
    )


def _extra(found: Messages, words: Words) -> str:
    extra = round(found.extra or 0.0)
    return words.say("cost.extra", count=extra) if extra > 0 else words.say("cost.no_extra")


def _table(found: Messages, words: Words) -> Table:
    late, other = found.per_100_late or 0.0, found.per_100_other or 0.0
    top = max(late, other) or 1.0
    rows = (
        (words.say("cost.late"), found.late_orders, found.late_messages, late, "worse"),
        (words.say("cost.other"), found.other_orders, found.other_messages, other, ""),
    )
    return Table(
        words.say("cost.caption"),
        heads=(
            Head(words.say("cost.orders")),
            Head("", "drawing"),
            Head(words.say("cost.per_100"), "figure"),
            Head(words.say("cost.number"), "figure"),
            Head(words.say("cost.messages"), "figure"),
        ),
        rows=tuple(
            (
                Cell(label),
                Cell(drawing=charts.bare(rate / top, kind=kind)),
                Cell(words.rate(rate), strong=True),
                Cell(words.number(orders)),
                Cell(words.number(messages)),
            )
            for label, orders, messages, rate, kind in rows
        ),
    )
