"""What it took customers, as sentences, drawings and rows: what is not known yet says so, and what would tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import NormalDist
from typing import Any, Final

from markupsafe import Markup

from keptword.core.rates import CONFIDENCE, Share, wilson
from keptword.core.schema import KINDS
from keptword.figures.reading import Reader
from keptword.report import charts
from keptword.web import spoken
from keptword.words import Words

MONTHS: Final = 13
"""Months drawn: the running one, and the same of last year."""

FEW: Final = 10
"""A month with fewer than this is drawn faintly: it says little."""

WAITS: Final = ("left", "arrived", "answered")
"""What customers wait for: an order that leaves, an order that arrives, an answer."""

WAY: Final = ("product.viewed", "checkout.started", "order.placed")
"""What everybody does on the way to an order; where there are fewer of one than of that before it, people left."""

_ENDS: Final = ("median", "ninety")
_HOURS_A_DAY: Final = 24
_STAGES: Final = tuple(dict.fromkeys(kind.stage for kind in KINDS.values()))


@dataclass(frozen=True)
class Month:
    """One month of something: how many there were, and what is shown of them, as texts."""

    month: date
    count: int
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Wait:
    """How long customers waited for one thing: half of them no longer than `median`, nine in ten than `ninety`.

    Both are texts, of `count` cases. Where there is none, nothing else is there either.
    """

    name: str
    count: int
    median: str
    ninety: str
    drawing: Markup
    months: tuple[Month, ...]


@dataclass(frozen=True)
class PerOrders:
    """How many of something came for 100 orders, with its range, of `count` among so many orders."""

    name: str
    count: int
    orders: int
    rate: str
    low: str
    high: str
    drawing: Markup
    months: tuple[Month, ...]


@dataclass(frozen=True)
class Spent:
    """What one thing customers do takes them on average, as texts; from so many entries that tell it."""

    stage: str
    what: str
    seconds: str
    steps: str
    told: int


@dataclass(frozen=True)
class Step:
    """One step on the way to an order: how many people took it, of 100 who took the first.

    Where more took it than the first, the share is not known, and nothing is drawn.
    """

    what: str
    people: int
    share: Share
    drawing: Markup


@dataclass(frozen=True)
class Leaving:
    """The way to an order in one month; `paid` is how many of those who began to pay ordered, None where not known."""

    month: date
    steps: tuple[Step, ...]
    paid: Share | None


def wait(name: str, year: Mapping[str, Any], *, months: Sequence[Mapping[str, Any]], words: Words) -> Wait:
    """Return how long customers waited over a year, and by month."""
    count = year[f"{name}_count"]
    if not count:
        return Wait(name, 0, "", "", Markup(), ())
    said = {each: duration(year[f"{name}_{each}"], words=words, hours=name == "answered") for each in _ENDS}
    unit = 1.0 / _HOURS_A_DAY if name == "answered" else 1.0
    bars = [
        _bar(row, place, count=row[f"{name}_count"], ends=(row[f"{name}_median"], row[f"{name}_ninety"]), unit=unit)
        for place, row in enumerate(months)
    ]
    drawing = _columns(bars, months, title=words.say(f"effort.chart_{name}"), words=words)
    rows = tuple(
        Month(
            row["month"],
            row[f"{name}_count"],
            tuple(duration(row[f"{name}_{each}"], words=words, hours=name == "answered") for each in _ENDS),
        )
        for row in months
    )
    return Wait(name, count, said["median"], said["ninety"], drawing, rows)


def per_orders(name: str, year: Mapping[str, Any], *, months: Sequence[Mapping[str, Any]], words: Words) -> PerOrders:
    """Return how many messages, or returns, came for 100 orders over a year, and by month."""
    count, orders = year[name], year["orders"]
    if not count or not orders:
        return PerOrders(name, count, orders, "", "", "", Markup(), ())
    rates = [_rate(row[name], row["orders"]) for row in months]
    bars = [
        charts.Bar(
            label=words.short_month(row["month"]),
            under=_year(row["month"], place=place),
            value=rate[0] if row["orders"] else None,
            low=rate[1] if row["orders"] else None,
            high=rate[2] if row["orders"] else None,
            figure=words.rate(rate[0]) if row["orders"] else "",
            faint=row["orders"] < FEW,
        )
        for place, (row, rate) in enumerate(zip(months, rates, strict=True))
    ]
    drawing = _columns(bars, months, title=words.say(f"effort.chart_{name}"), words=words)
    rows = tuple(
        Month(row["month"], row["orders"], (words.number(row[name]), words.rate(rate[0]) if row["orders"] else "–"))
        for row, rate in zip(months, rates, strict=True)
    )
    value, low, high = _rate(count, orders)
    return PerOrders(name, count, orders, words.rate(value), words.rate(low), words.rate(high), drawing, rows)


def _rate(count: int, of: int) -> tuple[float, float, float]:
    """Return how many there are per 100, with the range of a count that comes by chance (Anscombe's square root)."""
    if not of:
        return 0.0, 0.0, 0.0
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    root = sqrt(count + 0.375)
    low, high = (max(max(root + side * z / 2, 0.0) ** 2 - 0.375, 0.0) for side in (-1, 1))
    return 100 * count / of, 100 * low / of, 100 * high / of


def duration(value: float | None, *, words: Words, hours: bool) -> str:
    """Return a span of time in words: days, or hours where it is less than two days; a dash where it is not known."""
    if value is None:
        return "–"
    if hours and value < 2 * _HOURS_A_DAY:
        return words.say("effort.hours", count=_rounded(value))
    days = _rounded(value / _HOURS_A_DAY if hours else value)
    return words.say("effort.days", count=days) if days else words.say("effort.same_day")


def _rounded(value: float) -> float:
    return round(value) if value >= 10 else round(value, 1)


def _bar(
    row: Mapping[str, Any], place: int, *, count: int, ends: tuple[float | None, float | None], unit: float
) -> charts.Bar:
    median, ninety = (None if each is None else each * unit for each in ends)
    return charts.Bar(
        label="",
        under=_year(row["month"], place=place),
        value=median,
        low=median,
        high=ninety,
        faint=count < FEW,
    )


def _year(month: date, *, place: int) -> str:
    return str(month.year) if month.month == 1 or (place == 0 and month.month < 11) else ""


def _columns(bars: Sequence[charts.Bar], months: Sequence[Mapping[str, Any]], *, title: str, words: Words) -> Markup:
    """Return columns with a scale as high as the highest of them; nothing where there are not two to draw."""
    known = [bar for bar in bars if bar.value is not None]
    if len(known) < 2:
        return Markup()
    # The range of a month with hardly anything in it would make all others small; it may go beyond the top.
    top = _top(max(max(bar.value or 0.0, 0.0 if bar.faint else bar.high or 0.0) for bar in known))
    named = [
        charts.Bar(words.short_month(row["month"]), bar.value, bar.low, bar.high, bar.figure, bar.under, bar.faint)
        for bar, row in zip(bars, months, strict=True)
    ]
    scale = charts.Scale(top, lines=((0.0, "0"), (top / 2, words.number(top / 2)), (top, words.number(top))))
    return charts.columns(named, title=title, description=words.say("effort.describe", count=len(known)), scale=scale)


def _top(highest: float) -> float:
    """Return the end of a scale: the next of 2, 4, 6, 10, 20, … that nothing goes beyond."""
    step = 1.0
    while highest > 10 * step:
        step *= 10
    return next(each * step for each in (2, 4, 6, 10) if highest <= each * step)


def spent(reader: Reader, *, since: date, until: date, words: Words) -> tuple[Spent, ...]:
    """Return what customers' own acts took them in some months, by stage, of what the entries tell."""
    rows = reader.rows(
        "SELECT stage, kind, sum(seconds) AS seconds, sum(seconds_told)::BIGINT AS seconds_told,"
        " sum(steps)::BIGINT AS steps, sum(steps_told)::BIGINT AS steps_told FROM stages"
        " WHERE month BETWEEN $since AND $until GROUP BY stage, kind HAVING sum(seconds_told) + sum(steps_told) > 0",
        {"since": since, "until": until},
    )
    rows.sort(key=lambda row: (_STAGES.index(row["stage"]) if row["stage"] in _STAGES else len(_STAGES), row["kind"]))
    return tuple(_spent(row, words=words) for row in rows)


def _spent(row: Mapping[str, Any], *, words: Words) -> Spent:
    seconds = row["seconds"] / row["seconds_told"] if row["seconds_told"] else None
    steps = row["steps"] / row["steps_told"] if row["steps_told"] else None
    return Spent(
        spoken.stage(words, row["stage"]),
        spoken.entry(words, row["kind"]),
        _clock(seconds, words=words),
        "–" if steps is None else words.number(round(steps, 1)),
        max(row["seconds_told"], row["steps_told"]),
    )


def _clock(seconds: float | None, *, words: Words) -> str:
    if seconds is None:
        return "–"
    if seconds < 90:
        return words.say("effort.seconds", count=round(seconds))
    return words.say("effort.minutes", count=round(seconds / 60, 1))


def leaving(reader: Reader, *, until: date, words: Words) -> Leaving | None:
    """Return the way to an order in the newest whole month in which two steps of it are known; None where none is."""
    rows = reader.rows(
        "SELECT month, kind, sum(people)::BIGINT AS people FROM stages WHERE kind IN (SELECT unnest($way))"
        " AND month = (SELECT max(month) FROM (SELECT month FROM stages WHERE kind IN (SELECT unnest($way))"
        " AND month <= $until GROUP BY month HAVING count(DISTINCT kind) > 1)) GROUP BY ALL",
        {"way": list(WAY), "until": until},
    )
    people = {row["kind"]: row["people"] for row in rows}
    way = [kind for kind in WAY if people.get(kind)]
    if len(way) < 2:
        return None
    most = people[way[0]]
    # All took the first: there is nothing unsure about that.
    first = Step(spoken.entry(words, way[0]), most, Share(most, most, 1.0, None, None), charts.bare(1.0))
    steps = (first, *(_step(kind, people[kind], most=most, words=words) for kind in way[1:]))
    began, ordered = people.get("checkout.started"), people.get("order.placed")
    paid = _of(ordered, began) if began and ordered else None
    return Leaving(rows[0]["month"], steps, paid)


def _step(kind: str, people: int, *, most: int, words: Words) -> Step:
    share = _of(people, most)
    return Step(
        spoken.entry(words, kind), people, share or wilson(0, 0), charts.bare(share.value or 0.0) if share else Markup()
    )


def _of(people: int, before: int) -> Share | None:
    """Return the share of those before who went on; None where more did than before: not all are seen doing both."""
    return wilson(people, before) if people <= before else None
