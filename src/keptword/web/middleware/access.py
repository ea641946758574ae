"""Lets nobody reach a page without the right it asks for; a page that asks for none is reached by nobody."""

from __future__ import annotations

import os
from hmac import compare_digest
from typing import Final
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import Resolver404, resolve

from keptword.web.failures import failed
from keptword.web.middleware.headers import Answer
from keptword.web.routes import Route

TOKEN: Final = "KEPTWORD_METRICS_TOKEN"
"""The variable with the token by which a machine may read the measures."""


def access(answer: Answer) -> Answer:
    """Return the middleware that asks for the route's right before the page is called."""

    def answered(request: HttpRequest) -> HttpResponse:
        try:
            # Middleware runs before Django looks the address up itself; the audit log wants its name too.
            request.resolver_match = resolve(request.path_info)
        except Resolver404:
            return answer(request)
        route = getattr(request.resolver_match.func, "route", None)
        if not isinstance(route, Route):
            raise PermissionDenied
        if request.method not in route.methods:
            return HttpResponseNotAllowed(sorted(route.methods))
        if route.right is not None and not (route.machines and _has_token(request)):
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if not request.user.may(route.right):
                raise PermissionDenied
        if _size(request) > route.largest:
            # Before anything of it is read: Django would write a file to the disk to find out.
            return failed(request, "too_large", status=413)
        return answer(request)

    return answered


def _has_token(request: HttpRequest) -> bool:
    """Tell whether a machine asks that was told the token; where none is set, none is right."""
    token = os.environ.get(TOKEN, "")
    return bool(token) and compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())


def _size(request: HttpRequest) -> int:
    told = request.META.get("CONTENT_LENGTH") or ""
    return int(told) if told.isascii() and told.isdigit() else 0


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a person to sign in, and back to where they were; a part of a page cannot be sent, so the whole is."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    target = "/sign-in/" if back == "/" else f"/sign-in/?next={quote(back, safe='/')}"
    if getattr(request, "htmx", False):
        return HttpResponse(status=401, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
