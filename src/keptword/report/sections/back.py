"""Coming back: who bought again within 90 days, by quarter of the first order."""

from __future__ import annotations

import math
from typing import Final

from keptword.report import charts
from keptword.report.blocks import Cell, Figure, Head, HowWeKnow, Say, Section, Table
from keptword.report.model import Report, Returning
from keptword.report.sections.word import FAINT_BELOW
from keptword.words import Words

CHARTED: Final = 12
"""How many quarters the chart holds, the newest; the table behind it has all."""

SPANNED: Final = 5
"""Up to so many columns there is room for a quarter's first and last month; beyond, its first alone is named."""


def section(report: Report, words: Words) -> Section | None:
    """Return the section about who came back; None where there are no orders at all."""
    found = report.returning
    title = words.say("back.title")
    if found is None or not found.share.of:
        return Section("back", title, (Say(words.say("back.none")),)) if report.orders else None
    lead = words.say(
        "back.lead",
        customers=words.say("count.customer", count=found.share.of),
        count=found.share.count,
        share=words.share(found.share),
    )
    figure = [_figure(found, words)] if len(found.quarters) > 1 else []
    how = HowWeKnow((words.say("how.back"), words.say("how.range")))
    return Section("back", title, (Say(lead, "lead"), *figure, how))


def _scale(found: Returning) -> charts.Scale:
    """Return a scale just high enough, in steps of ten in 100: coming back is rarer than keeping a promise."""
    counted = [quarter.share for quarter in found.quarters if quarter.share.of >= FAINT_BELOW] or [found.share]
    highest = max(share.high or 0.0 for share in counted)
    top = min(max(math.ceil(highest * 10), 2), 10) / 10
    return charts.Scale(top, lines=((0.0, "0"), (top / 2, f"{top * 50:.0f}"), (top, f"{top * 100:.0f}")))


def _figure(found: Returning, words: Words) -> Figure:
    shown = found.quarters[-CHARTED:]
    bars = [
        charts.Bar(
            label=words.quarter_span(quarter.first) if len(shown) <= SPANNED else words.short_month(quarter.first),
            under=str(quarter.first.year) if place == 0 or quarter.first.month == 1 else "",
            value=quarter.share.value,
            low=quarter.share.low,
            high=quarter.share.high,
            figure=words.in_100(quarter.share.value or 0.0),
            faint=quarter.share.of < FAINT_BELOW,
        )
        for place, quarter in enumerate(shown)
    ]
    first, last = found.quarters[0], found.quarters[-1]
    caption = words.say("back.caption")
    description = words.say(
        "back.describe",
        count=len(found.quarters),
        first=words.quarter(first.first),
        first_value=words.in_100(first.share.value or 0.0),
        last=words.quarter(last.first),
        last_value=words.in_100(last.share.value or 0.0),
    )
    table = Table(
        caption,
        heads=(
            Head(words.say("back.quarter")),
            *(Head(words.say(f"back.{name}"), "figure") for name in ("customers", "back", "in_100", "range")),
        ),
        rows=tuple(
            (
                Cell(words.quarter(quarter.first)),
                Cell(words.number(quarter.share.of)),
                Cell(words.number(quarter.share.count)),
                Cell(words.figure(quarter.share)),
                Cell(words.range(quarter.share)),
            )
            for quarter in found.quarters
        ),
    )
    drawing = charts.columns(bars, title=caption, description=description, scale=_scale(found))
    key = (("column", words.say("back.key_column")), ("whisker", words.say("word.key_whisker")))
    return Figure(caption, drawing, table, key)
