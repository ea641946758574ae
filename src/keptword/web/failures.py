"""Pages for what went wrong: each says what happened and what to do next, and nothing of the inside."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from keptword.web.middleware.language import words_for
from keptword.web.pages import shown

_log = logging.getLogger("keptword.web")


@dataclass(frozen=True)
class FailurePage:
    """What went wrong: the word-list keys `failure.<key>_title` and `failure.<key>`, or a sentence of its own."""

    template: ClassVar[str] = "failure.html.jinja"
    key: str
    sentence: str = ""


def failed(request: HttpRequest, key: str, *, status: int, sentence: str = "") -> HttpResponse:
    """Return the page of a failure."""
    if not hasattr(request, "user"):
        # Refused before anybody looked who it is.
        request.user = AnonymousUser()
    if not hasattr(request, "words"):
        request.words = words_for(request)
    return shown(request, FailurePage(key, sentence), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what no browser sends by itself: too large a form, one that is not whole.

    Somebody whose sign-in was ended while they asked signs in again.
    """
    if isinstance(exception, SessionInterrupted):
        return HttpResponseRedirect(settings.LOGIN_URL)
    return failed(request, "bad_request", status=400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer somebody who may not do this."""
    return failed(request, "not_allowed", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return failed(request, "not_found", status=404)


def forgery(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from a page of ours, or from one that lay open too long."""
    return failed(request, "forgery", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer when something broke; what it was is in the log. Where even the page breaks, in plain text."""
    try:
        return failed(request, "broken", status=500)
    except Exception:
        _log.exception("The page that says that something broke is broken itself.")
        return HttpResponse("Something broke on our side. What it was is in the log.", status=500)
