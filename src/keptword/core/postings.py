"""What a posting weighs: the weight of each day, and how severe it is to be late.

Both are small tables made once in Python and joined, so that every engine and every machine multiplies by the very
same figures (design: Closing).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, localcontext
from functools import cache
from typing import Final

from keptword.core.lines import Line

POSTED: Final = "decimal(38, 12)"
"""What a posting is rounded to before it is summed: sums of these are exact, whatever their order."""

LARGEST_MAGNITUDE: Final = 1e9
"""Postings of this or more are kept out by whoever calls (and counted): below it, no sum of a book overflows.

The heaviest day of a year under the shortest half-life weighs 2^(366/7), about 5e15; the largest posting is
then 5e24, and the sums hold 1e26.
"""

NEVER_DONE: Final = 3.0
"""Severity of a promise broken for certain, or overdue by more than `LONGEST_OVERDUE` days and not done."""

LONGEST_OVERDUE: Final = 30

WORST_LATE: Final = 90
"""Days late from which severity is 1 to twelve decimals; those later count as this many."""

_SCALE: Final = Decimal("1e-12")
_SEVERITY_DAYS: Final = Decimal("2.2")

SEVERITY_SCHEMA: Final[dict[str, str]] = {"days_late": "int64", "severity": "float64"}


def anchor_of(day: date) -> date:
    """Return the day whose weight is 1 in a closing of `day`: 1 January of its year."""
    return date(day.year, 1, 1)


def weight(days: int, *, half_life: int | None) -> float:
    """Return 2^(days / half-life); 1 for what never fades.

    Worked out in decimals and by doubling, not by the machine's `pow`, which differs in its last bit from one
    machine to the next. Adding a half-life doubles it exactly.
    """
    if half_life is None:
        return 1.0
    doublings, rest = divmod(days, half_life)
    return math.ldexp(float(_root(rest, half_life)), doublings)


def weight_columns(lines: Iterable[Line]) -> dict[str, int | None]:
    """Return the half-lives of the lines by the name of their column: `w_21`, `w_180`, `w_never`."""
    half_lives = {line.half_life_days for line in lines}
    return {weight_column(each): each for each in sorted(half_lives, key=lambda days: (days is None, days))}


def weight_column(half_life: int | None) -> str:
    """Return the name of the weight column of a half-life."""
    return f"w_{'never' if half_life is None else half_life}"


def weight_schema(lines: Iterable[Line]) -> dict[str, str]:
    """Return the columns of `weight_rows`: `day`, and of each half-life its weight, as a double and as posted.

    `w_180` is multiplied by a magnitude, `one_180` is the posting of what counts one.
    """
    columns = weight_columns(lines)
    ones = {_one(name): POSTED for name in columns}
    return {"day": "date", **dict.fromkeys(columns, "float64"), **ones}


def posted_one(half_life: int | None) -> str:
    """Return the name of the column that holds what a posting of one comes to."""
    return _one(weight_column(half_life))


def weight_rows(
    lines: Iterable[Line], *, anchor: date, first: date, last: date
) -> list[tuple[date | float | Decimal, ...]]:
    """Return the weight of every local day from `first` to the day after `last`, in the order of `weight_schema`.

    One row per day: 2^((day - anchor) / half-life). `first` is to be the earliest `occurred_on` of the facts:
    what happened on a day that has no row is not posted. The day after is there for promises that name an
    hour, whose day is taken in UTC.
    """
    half_lives = list(weight_columns(lines).values())
    rows: list[tuple[date | float | Decimal, ...]] = []
    for number in range((last - first).days + 2):
        day = first + timedelta(days=number)
        weights = [weight((day - anchor).days, half_life=each) for each in half_lives]
        rows.append((day, *weights, *map(_posted, weights)))
    return rows


def severity(days_late: int) -> float:
    """Return how severe it is to be so many days late, 0 to 1: 1 - 2^-(days / 2.2), to twelve decimals (model 3.1)."""
    with localcontext() as context:
        context.prec = 40
        return float((1 - Decimal(2) ** (-Decimal(days_late) / _SEVERITY_DAYS)).quantize(_SCALE))


def severity_rows() -> list[tuple[int, float]]:
    """Return the table of severities, in the order of `SEVERITY_SCHEMA`: one row per number of days late, from 0 on."""
    return [(days, severity(days)) for days in range(WORST_LATE + 1)]


@cache
def _root(rest: int, half_life: int) -> Decimal:
    with localcontext() as context:
        context.prec = 40
        return Decimal(2) ** (Decimal(rest) / Decimal(half_life))


def _posted(value: float) -> Decimal:
    with localcontext() as context:
        context.prec = 40
        return Decimal(value).quantize(_SCALE)


def _one(column: str) -> str:
    return "one_" + column.removeprefix("w_")
