"""The overview: are we earning or spending our customers' trust, and what do we do today?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse

from keptword.office.rights import Right
from keptword.web.pages import shown
from keptword.web.routes import route


@dataclass(frozen=True)
class OverviewPage:
    """What the overview shows."""

    template: ClassVar[str] = "overview.html.jinja"


def overview(request: HttpRequest) -> HttpResponse:
    """Show the overview."""
    return shown(request, OverviewPage())


ROUTES = (route("", overview, name="overview", right=Right.LOOK),)
