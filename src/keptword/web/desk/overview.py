"""The overview: are we earning or spending our customers' trust, and what do we do today?

It is drawn in two ways. With little: the promise told, held against the past. With much: last month's promises against
those of the month before, and three acts. Much is where two months are closed, `CUSTOMERS_NEEDED` customers are known
and enough fell due in both months to be compared; until then a verdict would be one on a handful of orders.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from keptword.figures.reading import current
from keptword.figures.state import needed
from keptword.office.rights import Right
from keptword.web import shop
from keptword.web.desk import overview_little, overview_much, overview_promise
from keptword.web.desk.first_run import READING, again, at_first
from keptword.web.pages import shown
from keptword.web.routes import route

COUNTING = "counting"
"""The part of the page that asks by itself whether newer figures are there."""


def overview(request: HttpRequest) -> HttpResponse:
    """Show the overview; where nothing is in the books yet, what to begin with."""
    reader = current(shop.books().folder)
    if reader is None or not reader.said("shop")["entries"]:
        return at_first(request, reader)
    busy = needed(shop.books())
    asks = request.headers.get("HX-Target", "")
    if asks == READING or (asks == COUNTING and not busy):
        return again()
    make = overview_much.page if overview_much.is_much(reader) else overview_little.page
    return shown(request, make(request, reader, busy=busy))


ROUTES = (
    route("", overview, name="overview", right=Right.LOOK),
    route("overview/promise/", overview_promise.promise, name="overview.promise", right=Right.MANAGE, both=True),
)
