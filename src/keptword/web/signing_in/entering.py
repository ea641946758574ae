"""Lets a colleague in: a new session that says where, on what and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib.auth import login
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from keptword.office.models import Member
from keptword.office.sessions import UNTIL, sweep
from keptword.web import shop
from keptword.web.routes import Route

BACKEND: Final = "keptword.web.signing_in.backend.MembersOnly"

REMEMBERED: Final = timedelta(days=14)
ONE_DAY: Final = timedelta(hours=12)
"""How long a sign-in lasts on a computer that is not to remember it, unless the browser is closed before."""

HALF_WAY: Final = timedelta(minutes=10)
"""How long somebody may take between the first step of signing in and the second."""


def enter(request: HttpRequest, member: Member, *, remember: bool) -> None:
    """Sign a colleague in: the session gets another key, whoever was signed in before is not any more."""
    login(request, member, backend=BACKEND)
    now = shop.now()
    session = request.session
    session["started_at"] = now.isoformat()
    session["address"] = request.META.get("REMOTE_ADDR", "")
    session["device"] = request.headers.get("User-Agent", "")[:255]
    session[UNTIL] = (now + (REMEMBERED if remember else ONE_DAY)).isoformat()
    # Zero: the browser forgets it when it is closed.
    session.set_expiry(now + REMEMBERED if remember else 0)
    sweep(now=now)


def wait_here(request: HttpRequest) -> None:
    """Keep what was told so far for as long as somebody half-way in may take, and no longer."""
    request.session[UNTIL] = (shop.now() + HALF_WAY).isoformat()
    request.session.set_expiry(0)


def safe_back(request: HttpRequest, told: str) -> str:
    """Return where to go after signing in: a page of ours that can be looked at, else the overview."""
    home = reverse("overview")
    here = {request.get_host()}
    if not told.startswith("/") or not url_has_allowed_host_and_scheme(
        told, allowed_hosts=here, require_https=request.is_secure()
    ):
        return home
    try:
        route = getattr(resolve(told.partition("?")[0].partition("#")[0]).func, "route", None)
    except Resolver404:
        return home
    return told if isinstance(route, Route) and route.right is not None and "GET" in route.methods else home
