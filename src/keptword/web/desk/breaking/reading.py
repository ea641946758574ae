"""Reads what is broken down out of the figures, one row a carrier, country, product, vendor or channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from keptword.core.rates import Share, wilson
from keptword.figures.reading import Reader
from keptword.report import charts
from keptword.web import spoken
from keptword.web.pages import address
from keptword.words import Words

NAMES: Final = ("carrier", "country", "product", "vendor", "channel")
"""What there is to break down by, in the order people look."""

_STANDS: Final = {"more": "worse", "less": "better"}


@dataclass(frozen=True)
class Span:
    """The days that are counted, both with them."""

    first: date
    last: date


@dataclass(frozen=True)
class Rate:
    """How often something happened: the share drawn towards those of the others, and `worse` or `better` than they."""

    share: Share
    stands: str


@dataclass(frozen=True)
class Row:
    """One carrier, country, …: what became of the promises about its orders, and of the orders themselves.

    `kept` is the other side of what failed. `score` is 0 to 100, None where nobody rated. `address` leads to a page of
    its own, where it has one.
    """

    value: str
    called: str
    address: str
    due: int
    kept_count: int
    late: int
    not_kept: int
    kept: Rate
    orders: int
    returned_count: int
    returned: Rate
    refunded_count: int
    refunded: Rate
    rated: int
    score: int | None
    drawing: Markup


def span(reader: Reader) -> Span:
    """Return the days that the figures count, the last 12 months."""
    year = reader.said("year")
    return Span(date.fromisoformat(year["first"]), date.fromisoformat(year["last"]))


def whole(reader: Reader) -> Share:
    """Return how many promises of all that fell due in these days were kept."""
    year = reader.said("year")
    return wilson(year["kept"], year["due"])


def names(reader: Reader) -> tuple[str, ...]:
    """Return what there is to break down by."""
    there = {row["name"] for row in reader.rows("SELECT DISTINCT name FROM broken_down")}
    return tuple(name for name in NAMES if name in there)


def called(words: Words, name: str, *, value: str) -> str:
    """Return what one value is called: countries and channels by their names."""
    if name == "country":
        there = words.country(value)
        return there[:1].upper() + there[1:]
    return spoken.channel(words, value) if name == "channel" else spoken.isolated(spoken.short(value))


def told_of(reader: Reader) -> frozenset[str]:
    """Return what the entries tell of at all: returned, refunded, rated. Where none does, it is not known of any."""
    row = reader.row(
        "SELECT count(*) FILTER (returned > 0) AS returned, count(*) FILTER (refunded > 0) AS refunded,"
        " count(*) FILTER (rated > 0) AS rated FROM broken_down"
    )
    return frozenset(name for name, count in (row or {}).items() if count)


def row_of(row: Mapping[str, Any], *, reference: Share, words: Words) -> Row:
    """Return a row of the figures as pages show it; `reference` is drawn as a line: the shop as a whole."""
    kept = Rate(_kept(row), _STANDS.get(row["failed_stands"] or "", ""))
    name, value = row["name"], row["value"]
    return Row(
        value=value,
        called=called(words, name, value=value),
        address=f"{address('breakdown.product')}?{_asked(value)}" if name == "product" else "",
        due=row["due"],
        kept_count=row["kept"],
        late=row["late"],
        not_kept=row["not_kept"],
        kept=kept,
        orders=row["orders"],
        returned_count=row["returned"],
        returned=_rate(row, "returned"),
        refunded_count=row["refunded"],
        refunded=_rate(row, "refunded"),
        rated=row["rated"],
        score=round(100 * row["score_sum"] / row["rated"]) if row["rated"] else None,
        drawing=_drawing(kept, reference),
    )


def _asked(value: str) -> str:
    return urlencode({"name": value})


def _kept(row: Mapping[str, Any]) -> Share:
    if not row["due"] or row["failed_share"] is None:
        return wilson(0, 0)
    low, high = row["failed_low"], row["failed_high"]
    return Share(row["kept"], row["due"], 1 - row["failed_share"], 1 - high, 1 - low)


def _rate(row: Mapping[str, Any], what: str) -> Rate:
    if not row["orders"] or row[f"{what}_share"] is None:
        return Rate(wilson(0, 0), "")
    share = Share(row[what], row["orders"], row[f"{what}_share"], row[f"{what}_low"], row[f"{what}_high"])
    return Rate(share, _STANDS.get(row[f"{what}_stands"] or "", ""))


def _drawing(kept: Rate, reference: Share) -> Markup:
    share = kept.share
    if share.value is None or share.low is None or share.high is None:
        return Markup()
    return charts.whisker(share.value, low=share.low, high=share.high, reference=reference.value, kind=kept.stands)
