"""The page of what it takes to deal with us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponseBase

from keptword.figures.reading import Reader, current
from keptword.office.rights import Right
from keptword.web import listing, shop
from keptword.web.desk.effort.measured import (
    MONTHS,
    WAITS,
    Leaving,
    PerOrders,
    Spent,
    Wait,
    leaving,
    per_orders,
    spent,
    wait,
)
from keptword.web.pages import shown
from keptword.web.routes import route
from keptword.words import Words

_COUNTED: Final = (
    *("orders", "left_median", "left_ninety", "left_count", "arrived_median", "arrived_ninety", "arrived_count"),
    *("answered_median", "answered_ninety", "answered_count", "messages", "messages_per_100"),
    *("returns", "returns_per_100"),
)


@dataclass(frozen=True)
class EffortPage:
    """What the page shows: how long customers waited, what they wrote and sent back, what it took them, who left.

    `since` and `until` are the last 12 whole months; None where there are no figures, or nothing happened in them.
    """

    template: ClassVar[str] = "effort.html.jinja"
    since: date | None = None
    until: date | None = None
    waits: tuple[Wait, ...] = ()
    messages: PerOrders | None = None
    returns: PerOrders | None = None
    spent: tuple[Spent, ...] = ()
    leaving: Leaving | None = None


def effort(request: HttpRequest) -> HttpResponseBase:
    """Show what it takes to deal with us, or have the months as a file."""
    reader, words = current(shop.books().folder), request.words
    if listing.wants_csv(request):
        rows = reader.rows("SELECT * FROM steps ORDER BY month") if reader else []
        heads = [words.say(f"effort.column_{name}") for name in ("month", *_COUNTED)]
        return listing.as_csv("what-it-takes", heads=heads, rows=(_line(row) for row in rows))
    year = reader.said("steps") if reader else None
    if reader is None or not year or not year["year"]:
        return shown(request, EffortPage())
    return shown(request, _page(reader, year, words=words))


def _page(reader: Reader, told: dict[str, Any], *, words: Words) -> EffortPage:
    newest = reader.rows("SELECT * FROM steps ORDER BY month DESC LIMIT $most", {"most": MONTHS})
    months, year = newest[::-1], told["year"]
    since, until = date.fromisoformat(told["since"]), date.fromisoformat(told["until"])
    return EffortPage(
        since=since,
        until=until,
        waits=tuple(wait(name, year, months=months, words=words) for name in WAITS),
        messages=per_orders("messages", year, months=months, words=words),
        returns=per_orders("returns", year, months=months, words=words),
        spent=spent(reader, since=since, until=until, words=words),
        leaving=leaving(reader, until=until, words=words),
    )


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["month"], *(_plain(row[name]) for name in _COUNTED))


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


ROUTES = (route("what-it-takes/", effort, name="effort", right=Right.LOOK),)
