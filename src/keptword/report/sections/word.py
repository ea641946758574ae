"""Your word: the promise, how it was kept month by month, and what changed beyond chance."""

from __future__ import annotations

from typing import Any, Final

from keptword.core.rules import Rule, describe
from keptword.report import charts, phrases
from keptword.report.blocks import Block, Cell, Figure, Head, HowWeKnow, Quote, Say, Section, Table
from keptword.report.counting import how_days_count
from keptword.report.model import Month, Report, Tally, Word
from keptword.words import Words

CHARTED: Final = 24
"""How many months a chart holds, the newest; the table behind it has all."""

LABELLED: Final = 14
"""Up to so many columns each has room for its own figure."""

FAINT_BELOW: Final = 10
"""Months, or quarters, with fewer than this are drawn faintly and not compared: they say little."""

TENTHS: Final = charts.Scale(1.0, lines=((0.0, "0"), (0.5, "50"), (1.0, "100")))


def section(report: Report, words: Words) -> Section:
    """Return the section about the promise told, or about those the files carry."""
    word = report.word
    blocks: list[Block] = []
    if word is None:
        blocks.append(Say(words.say("word.none")))
        return Section("word", words.say("word.title"), (*blocks, *_tallies(report, words)))
    blocks.append(_quote(word, words) or Say(words.say("word.made"), "lead"))
    if not word.due:
        blocks.append(Say(words.say("word.nothing_due", day=words.day(report.as_of)), "quiet"))
    if word.before is not None and word.before.value is not None:
        told_before = words.say("word.before", share=words.share(word.before), count=word.before.of)
        blocks.append(Say(told_before))
    blocks += [Say(text) for text in _months_said(word, words)]
    if len(word.months) > 1:
        blocks.append(_figure(word, words))
    if word.due and word.not_due:
        blocks.append(Say(words.say("word.not_due", count=word.not_due), "quiet"))
    blocks += _tallies(report, words)
    blocks.append(_how(report, word, words))
    return Section("word", words.say("word.title"), tuple(blocks))


def _quote(word: Word, words: Words) -> Quote | None:
    if word.rule is None:
        return None
    origin = [_origin(word.rule, word, words)]
    if word.rule.shown_at:
        origin.append(words.say("word.shown_at", place=phrases.name(word.rule.shown_at)))
    if word.rule.name:
        origin.append(words.say("word.name", name=phrases.name(word.rule.name)))
    return Quote(
        describe(word.rule, language="zh" if words.language == "zh" else "en"), words.say("list.space").join(origin)
    )


def _origin(rule: Rule, word: Word, words: Words) -> str:
    if rule.by_law:
        return words.say("word.by_law")
    if word.compared_only or rule.since is None:
        return words.say("word.told_today")
    return words.say("word.since", day=words.day(rule.since))


def _months_said(word: Word, words: Words) -> list[str]:
    said = []
    best, worst = word.best, word.worst
    if best and worst and best.share.value != worst.share.value:
        said.append(
            words.say(
                "word.best_worst",
                best=words.month(best.first),
                best_share=words.share(best.share),
                worst=words.month(worst.first),
                worst_share=words.share(worst.share),
            )
        )
    compared = word.months[-2:]
    if word.last_change is not None and len(compared) == 2 and all(month.share.of >= FAINT_BELOW for month in compared):
        before, last = compared
        said.append(_changed(word, before=before, last=last, words=words))
    return said


def _changed(word: Word, *, before: Month, last: Month, words: Words) -> str:
    change = word.last_change
    assert change is not None
    months: dict[str, Any] = {"month": words.month(last.first), "before": words.month(before.first)}
    if not change.beyond_chance:
        return words.say("word.same", **months)
    better = (last.share.value or 0.0) > (before.share.value or 0.0)
    return words.say(
        "word.better" if better else "word.worse",
        **months,
        share=words.share(last.share),
        before_share=words.share(before.share),
    )


def _figure(word: Word, words: Words) -> Figure:
    shown = word.months[-CHARTED:]
    every = -(-len(shown) // 12)
    bars = [
        charts.Bar(
            label=words.short_month(month.first) if place % every == 0 else "",
            under=_year(month, place=place),
            value=month.share.value,
            low=month.share.low,
            high=month.share.high,
            figure=words.in_100(month.share.value or 0.0) if len(shown) <= LABELLED else "",
            faint=month.share.of < FAINT_BELOW,
        )
        for place, month in enumerate(shown)
    ]
    caption = words.say("word.caption" if word.rule else "word.caption_made")
    description = words.say(
        "word.describe",
        count=len(shown),
        first=words.month(shown[0].first),
        first_value=words.in_100(shown[0].share.value or 0.0),
        last=words.month(shown[-1].first),
        last_value=words.in_100(shown[-1].share.value or 0.0),
    )
    key = [("column", words.say("word.key_column")), ("whisker", words.say("word.key_whisker"))]
    if any(bar.faint for bar in bars):
        key.append(("faint", words.say("word.key_faint")))
    drawing = charts.columns(bars, title=caption, description=description, scale=TENTHS)
    return Figure(caption, drawing, _table(word, words, caption=caption), tuple(key))


def _year(month: Month, *, place: int) -> str:
    """Return the year below the first month and below each January; not where the two would touch."""
    is_first = place == 0 and month.first.month not in (11, 12)
    return str(month.first.year) if is_first or month.first.month == 1 else ""


def _table(word: Word, words: Words, *, caption: str) -> Table:
    figures = ("due", "kept", "late", "waiting" if word.rule else "not_kept", "in_100", "range")
    return Table(
        caption,
        heads=(
            Head(words.say("word.month")),
            *(Head(words.say(f"word.{figure}"), "figure") for figure in figures),
        ),
        rows=tuple(
            (
                Cell(words.month(month.first)),
                Cell(words.number(month.share.of)),
                Cell(words.number(month.share.count)),
                Cell(words.number(month.late)),
                Cell(words.number(month.waiting)),
                Cell(words.figure(month.share)),
                Cell(words.range(month.share)),
            )
            for month in word.months
        ),
    )


def _tallies(report: Report, words: Words) -> list[Block]:
    """Return the table of all kinds of promise the files carry, where that says more than the word alone."""
    if not report.tallies:
        return []
    figures = ("made_head", "kept", "late", "not_kept", "called_off", "open", "in_100")
    table = Table(
        words.say("word.all_caption"),
        heads=(Head(words.say("word.kind")), *(Head(words.say(f"word.{name}"), "figure") for name in figures)),
        rows=tuple(_tally(tally, words) for tally in report.tallies),
    )
    vague = sum(tally.vague for tally in report.tallies)
    return [table, *([Say(words.say("word.vague", count=vague), "quiet")] if vague else [])]


def _tally(tally: Tally, words: Words) -> tuple[Cell, ...]:
    key = f"kind.{tally.kind}"
    counts = (tally.made, tally.kept, tally.late, tally.broken, tally.released, tally.open)
    share = tally.share
    return (
        Cell(words.say(key) if words.has(key) else phrases.name(tally.kind)),
        *(Cell(words.number(count)) for count in counts),
        Cell(words.figure(share), aside=words.range(share)),
    )


def _how(report: Report, word: Word, words: Words) -> HowWeKnow:
    day = words.day(report.as_of)
    if word.rule is None:
        told = [words.say("how.made_due"), words.say("how.months_made")]
    else:
        is_order = word.kind in ("dispatch", "delivery")
        told = [words.say("how.due" if is_order else "how.due_other", day=day)]
        told += how_days_count(report, word.rule, words=words)
        told.append(words.say("how.months"))
    if word.last_change is not None:
        told.append(words.say("how.chance_months"))
    return HowWeKnow((*told, words.say("how.range")))
