"""The months as a strip of small columns beside a sentence, and the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from keptword.core.rates import Share
from keptword.report import charts
from keptword.report.blocks import Cell, Head, Table
from keptword.report.sections.word import FAINT_BELOW
from keptword.words import Words

STRIP: Final = 12
"""How many months a strip shows, the newest."""


FEWEST: Final = 3
"""Two months are two numbers, and no drawing."""


@dataclass(frozen=True)
class MonthOf:
    """One month: its first day, the kept share, how many were late, and how many are not kept, or wait still."""

    first: date
    share: Share
    late: int
    rest: int


@dataclass(frozen=True)
class Strip:
    """The drawing, what stands at its ends, and the table behind it."""

    drawing: Markup
    first: str
    last: str
    table: Table


def strip(months: Sequence[MonthOf], *, words: Words, caption: str, rest: str = "not_kept") -> Strip | None:
    """Return the strip of some months, the worst of them marked; None of too few. `rest` names what is left."""
    if len(months) < FEWEST:
        return None
    compared = [month for month in months if month.share.of >= FAINT_BELOW]
    worst = min(compared, key=lambda month: month.share.value or 0.0) if len(compared) > 1 else None
    bars = [
        charts.Bar(
            label="",
            value=month.share.value,
            faint=month.share.of < FAINT_BELOW,
            marked="worst" if month is worst else "",
        )
        for month in months
    ]
    first, last = months[0], months[-1]
    description = words.say(
        "word.describe",
        count=len(months),
        first=words.month(first.first),
        first_value=words.in_100(first.share.value or 0.0),
        last=words.month(last.first),
        last_value=words.in_100(last.share.value or 0.0),
    )
    drawing = charts.strip(bars, title=caption, description=description)
    table = _table(months, words=words, caption=caption, rest=rest)
    return Strip(drawing, words.month(first.first), words.month(last.first), table)


def _table(months: Sequence[MonthOf], *, words: Words, caption: str, rest: str) -> Table:
    figures = ("due", "kept", "late", rest, "in_100", "range")
    return Table(
        caption,
        heads=(Head(words.say("word.month")), *(Head(words.say(f"word.{name}"), "figure") for name in figures)),
        rows=tuple(
            (
                Cell(words.month(month.first)),
                Cell(words.number(month.share.of)),
                Cell(words.number(month.share.count)),
                Cell(words.number(month.late)),
                Cell(words.number(month.rest)),
                Cell(words.figure(month.share)),
                Cell(words.range(month.share)),
            )
            for month in months
        ),
    )
