"""The table of what is broken down: which of them stand out first, then one row each, sorted as is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase

from keptword.core.rates import Share
from keptword.figures.reading import Reader, current
from keptword.web import listing, shop
from keptword.web.desk.breaking.reading import Row, Span, names, row_of, span, told_of, whole
from keptword.web.listing import Listing
from keptword.web.pages import shown
from keptword.words import Words

LEAST: Final = ("1", "5", "20", "100")
"""The sizes to choose from: how many promises due, or orders, one must have to be listed."""

TOLD: Final = 3
"""How many of those that stand out are told of in sentences."""

_COLUMNS: Final = {
    "value": "lower(value)",
    "kept": "1 - failed_share",
    "late": "late",
    "not_kept": "not_kept",
    "due": "due",
    "orders": "orders",
    "returned": "returned_share",
    "refunded": "refunded_share",
    "rated": "score_sum / nullif(rated, 0)",
}
_HEADS: Final = (
    *("value", "due", "kept", "late", "not_kept", "kept_share", "kept_low", "kept_high", "stands"),
    *("orders", "returned", "refunded", "rated", "score"),
)


@dataclass(frozen=True)
class Tab:
    """One thing to break down by, and where that is."""

    name: str
    address: str
    current: bool


@dataclass(frozen=True)
class BreakdownPage:
    """What is shown: the tabs, those that stand out, one row each, and how the shop as a whole kept its word.

    `told` names what the entries tell of at all: returned, refunded, rated.
    """

    template: ClassVar[str] = "breakdown.html.jinja"
    tabs: tuple[Tab, ...]
    by: str
    rows: tuple[Row, ...]
    standing: tuple[Row, ...]
    whole: Share
    listing: Listing
    span: Span | None
    told: frozenset[str]
    least: tuple[str, ...] = LEAST


def breakdown(request: HttpRequest) -> HttpResponseBase:
    """Show what is broken down by what the address asks for, or have it as a file."""
    reader, words = current(shop.books().folder), request.words
    asked = listing.asked(request, filters=("by", "least"), columns=tuple(_COLUMNS), sort="-due")
    there = names(reader) if reader else ()
    if reader is None or not there:
        return shown(request, BreakdownPage((), "", (), (), Share(0, 0, None, None, None), asked, None, frozenset()))
    by = asked.filters["by"] if asked.filters["by"] in there else there[0]
    days = span(reader)
    reference = whole(reader)
    if listing.wants_csv(request):
        heads = [words.say(f"breakdown.column_{name}") for name in _HEADS]
        rows = _rows(reader, by, asked, reference=reference, words=words, limit=1_000_000)
        return listing.as_csv(f"break-down-{by}", heads=heads, rows=map(_line, rows))
    rows = _rows(reader, by, asked, reference=reference, words=words, limit=asked.size, offset=asked.offset)
    page = BreakdownPage(
        tabs=tuple(Tab(name, f"{request.path}?{urlencode({'by': name})}", name == by) for name in there),
        by=by,
        rows=tuple(rows),
        standing=_standing(reader, by, reference=reference, words=words),
        whole=reference,
        listing=replace(asked, total=_count(reader, by, asked)),
        span=days,
        told=told_of(reader),
    )
    return shown(request, page)


def _rows(
    reader: Reader, by: str, asked: Listing, *, reference: Share, words: Words, limit: int, offset: int = 0
) -> list[Row]:
    order = "DESC" if asked.down else "ASC"
    rows = reader.rows(
        "SELECT * FROM broken_down WHERE name = $name AND greatest(due, orders, rated) >= $least"
        f" ORDER BY {_COLUMNS[asked.sort]} {order} NULLS LAST, due DESC, orders DESC, value"
        " LIMIT $limit OFFSET $offset",
        {"name": by, "least": _least(asked), "limit": limit, "offset": offset},
    )
    return [row_of(row, reference=reference, words=words) for row in rows]


def _count(reader: Reader, by: str, asked: Listing) -> int:
    row = reader.row(
        "SELECT count(*) AS count FROM broken_down WHERE name = $name AND greatest(due, orders, rated) >= $least",
        {"name": by, "least": _least(asked)},
    )
    return int(row["count"]) if row else 0


def _least(asked: Listing) -> int:
    return int(asked.filters["least"]) if asked.filters["least"] in LEAST else 1


def _standing(reader: Reader, by: str, *, reference: Share, words: Words) -> tuple[Row, ...]:
    """Return those whose promises are kept less often than those of the others, beyond chance; else more often."""
    rows = reader.rows(
        "SELECT * FROM broken_down WHERE name = $name AND failed_stands IS NOT NULL"
        " ORDER BY failed_stands DESC, late + not_kept DESC, value LIMIT $most",
        {"name": by, "most": TOLD},
    )
    return tuple(row_of(row, reference=reference, words=words) for row in rows)


def _line(row: Row) -> tuple[Any, ...]:
    share = row.kept.share
    return (
        *(row.value, row.due, row.kept_count, row.late, row.not_kept),
        *(_plain(share.value), _plain(share.low), _plain(share.high), row.kept.stands),
        *(row.orders, row.returned_count, row.refunded_count, row.rated, "" if row.score is None else row.score),
    )


def _plain(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"
