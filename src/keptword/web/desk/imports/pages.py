"""The addresses of Add data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from keptword.office.rights import Right
from keptword.web.desk.imports import front, lines, lot, made, working
from keptword.web.routes import route

LARGEST = 100_000_000_000
"""Bytes that may be sent at most; how much is taken is a setting, and told in a sentence of its own."""

_LOT = "add-data/files/<slug:token>/"


# What guesses at columns, and tries a mapping on rows, is loaded with the page that needs it and with no other.
def columns(request: HttpRequest, *, token: str, place: int) -> HttpResponse:
    """Show what the columns of a file say, or take it as it was told."""
    from keptword.web.desk.imports import columns as page

    return page.columns(request, token=token, place=place)


def preview(request: HttpRequest, *, token: str, place: int) -> HttpResponse:
    """Show what the first rows become by what is chosen just now."""
    from keptword.web.desk.imports import columns as page

    return page.preview(request, token=token, place=place)


def forget(request: HttpRequest, *, token: str, place: int) -> HttpResponse:
    """Read files with these columns by nothing that was told before."""
    from keptword.web.desk.imports import columns as page

    return page.forget(request, token=token, place=place)


ROUTES = (
    route("add-data/", front.imports, name="imports", right=Right.LOOK),
    route("add-data/drop/", front.drop, name="imports.drop", right=Right.MANAGE, writes=True, largest=LARGEST),
    route(_LOT, lot.lot, name="imports.upload", right=Right.MANAGE),
    route(f"{_LOT}again/", lot.again, name="imports.again", right=Right.MANAGE, writes=True),
    route(f"{_LOT}without/", lot.without, name="imports.without", right=Right.MANAGE, writes=True),
    route(f"{_LOT}own/", lot.own, name="imports.own", right=Right.MANAGE, writes=True),
    route(f"{_LOT}bring/", lot.bring, name="imports.bring", right=Right.MANAGE, writes=True),
    route(f"{_LOT}leave/", lot.leave, name="imports.leave", right=Right.MANAGE, writes=True),
    route(f"{_LOT}<int:place>/", columns, name="imports.columns", right=Right.MANAGE, both=True),
    route(f"{_LOT}<int:place>/try/", preview, name="imports.columns.preview", right=Right.MANAGE, writes=True),
    route(f"{_LOT}<int:place>/forget/", forget, name="imports.columns.forget", right=Right.MANAGE, writes=True),
    route("add-data/work/<int:job>/", working.job, name="imports.job", right=Right.LOOK),
    route("add-data/work/<int:job>/lines/<int:place>/", working.rejected, name="imports.rejected", right=Right.MANAGE),
    route("add-data/<int:number>/", made.made, name="imports.made", right=Right.LOOK),
    route("add-data/<int:number>/back/", made.undo, name="imports.undo", right=Right.MANAGE, both=True),
    route("add-data/lines/", lines.lines, name="imports.lines", right=Right.LOOK),
    route("add-data/lines/<int:number>/", lines.line, name="imports.line", right=Right.LOOK),
    route("add-data/lines/<int:number>/mend/", lines.mend, name="imports.line.mend", right=Right.MANAGE, writes=True),
    route("add-data/lines/<int:number>/drop/", lines.drop, name="imports.line.drop", right=Right.MANAGE, writes=True),
)
