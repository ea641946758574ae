"""One product's page: how the promises about its orders were kept, what came back, how it was rated, who waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from django.http import Http404, HttpRequest, HttpResponseBase
from markupsafe import Markup

from keptword.core.rates import Share, wilson
from keptword.figures.reading import Reader, current
from keptword.report import charts
from keptword.web import listing, shop
from keptword.web.desk.breaking.reading import Row, Span, row_of, span, told_of, whole
from keptword.web.keeping.standing import Moment
from keptword.web.keeping.telling import Teller, customer_page, promise_page, teller
from keptword.web.keeping.waits import Wait, waits_of
from keptword.web.pages import shown
from keptword.words import Words

FEW: Final = 5
"""Months with fewer promises than this are drawn faintly: they say little."""

WAITING: Final = 50
"""Orders named that wait; there are seldom more of one product."""

_TENTHS: Final = charts.Scale(1.0, lines=((0.0, "0"), (0.5, "50"), (1.0, "100")))
_HEADS: Final = ("month", "due", "kept", "late", "not_kept", "orders", "returned", "refunded", "rated", "score")


@dataclass(frozen=True)
class Month:
    """One month of a product; `share` is that of the promises kept, `score` 0 to 100."""

    month: date
    due: int
    kept: int
    late: int
    not_kept: int
    share: Share
    orders: int
    returned: int
    refunded: int
    rated: int
    score: int | None


@dataclass(frozen=True)
class Waits:
    """A promise about an order with this product that somebody waits for."""

    address: str
    name: str
    about: str
    customer: str
    customer_address: str
    due_day: date | None
    overdue: int


@dataclass(frozen=True)
class ProductPage:
    """What the page shows of one product; `row` is its row of the last 12 months, None where nothing happened then."""

    template: ClassVar[str] = "product.html.jinja"
    name: str
    row: Row | None
    whole: Share
    span: Span
    months: tuple[Month, ...]
    drawing: Markup
    told: frozenset[str]
    waiting: tuple[Waits, ...]
    download: str


def product(request: HttpRequest) -> HttpResponseBase:
    """Show one product, named in the address; 404 where the figures know of none of this name."""
    reader, name, words = current(shop.books().folder), request.GET.get("name", ""), request.words
    if reader is None or not name:
        raise Http404
    days = span(reader)
    reference = whole(reader)
    found = reader.row("SELECT * FROM broken_down WHERE name = 'product' AND value = $value", {"value": name})
    months = _months(reader, name)
    if found is None and not months:
        raise Http404
    if listing.wants_csv(request):
        heads = [words.say(f"breakdown.column_{head}") for head in _HEADS]
        return listing.as_csv("product", heads=heads, rows=map(_line, months))
    page = ProductPage(
        name=name,
        row=row_of(found, reference=reference, words=words) if found else None,
        whole=reference,
        span=days,
        months=months,
        drawing=_drawing(months, words=words),
        told=told_of(reader),
        waiting=_waiting(reader, name, words=words),
        download=f"{request.get_full_path()}&form=csv",
    )
    return shown(request, page)


def _months(reader: Reader, name: str) -> tuple[Month, ...]:
    rows = reader.rows("SELECT * FROM product_months WHERE product = $name ORDER BY month", {"name": name})
    return tuple(
        Month(
            **{key: row[key] for key in ("month", "due", "kept", "late", "not_kept")},
            share=wilson(row["kept"], row["due"]),
            **{key: row[key] for key in ("orders", "returned", "refunded", "rated")},
            score=round(100 * row["score_sum"] / row["rated"]) if row["rated"] else None,
        )
        for row in rows
    )


def _drawing(months: Sequence[Month], *, words: Words) -> Markup:
    """Return the chart of the months in which anything fell due; nothing where there are not two of them."""
    judged = [month for month in months if month.due]
    if len(judged) < 2:
        return Markup()
    every = -(-len(judged) // 12)
    bars = [
        charts.Bar(
            label=words.short_month(month.month) if place % every == 0 else "",
            under=str(month.month.year) if place == 0 or month.month.month == 1 else "",
            value=month.share.value,
            low=month.share.low,
            high=month.share.high,
            faint=month.due < FEW,
        )
        for place, month in enumerate(judged)
    ]
    first, last = judged[0], judged[-1]
    description = words.say(
        "breakdown.describe",
        first=words.month(first.month),
        first_value=words.in_100(first.share.value or 0.0),
        last=words.month(last.month),
        last_value=words.in_100(last.share.value or 0.0),
    )
    return charts.columns(bars, title=words.say("breakdown.chart"), description=description, scale=_TENTHS)


def _waiting(reader: Reader, name: str, *, words: Words) -> tuple[Waits, ...]:
    waits = waits_of(reader, moment=Moment(shop.now(), shop.books().timezone))
    rows = waits.of_product(name, most=WAITING)
    speaker = teller(reader, words=words, user_keys=[row.user_key for row in rows])
    return tuple(_waits(row, speaker=speaker) for row in rows)


def _waits(row: Wait, *, speaker: Teller) -> Waits:
    return Waits(
        address=promise_page(row.promise_id),
        name=speaker.briefly(row),
        about=speaker.about(row.subject),
        customer=speaker.whom(row.user_key) if row.user_key else "",
        customer_address=customer_page(row.user_key),
        due_day=row.due_day,
        overdue=row.days_late or 0,
    )


def _line(month: Month) -> tuple[Any, ...]:
    return (
        *(month.month, month.due, month.kept, month.late, month.not_kept, month.orders, month.returned),
        *(month.refunded, month.rated, "" if month.score is None else month.score),
    )
