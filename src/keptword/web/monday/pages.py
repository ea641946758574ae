"""The page by which somebody stops Monday's mail to them, from the link in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from keptword.web.failures import failed
from keptword.web.monday.sending import stopped
from keptword.web.pages import shown
from keptword.web.routes import route


@dataclass(frozen=True)
class StopPage:
    """Whose mail is to be stopped, or is."""

    template: ClassVar[str] = "monday_stop.html.jinja"
    name: str
    done: bool


@csrf_exempt  # type: ignore[untyped-decorator]
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to stop it, or stop it.

    Mail programs send the form without ever having seen it (RFC 8058); the token is what shows that they may.
    """
    member = stopped(token)
    if member is None:
        return failed(request, "link", status=410)
    if request.method == "POST":
        member.wants_monday = False
        member.save(update_fields=["wants_monday"])
        request.audit_outcome = "done"
        request.audit_place = member.name
    return shown(request, StopPage(member.name, done=request.method == "POST"))


ROUTES = (route("monday/stop/<str:token>/", stop, name="monday.stop", right=None, both=True),)
