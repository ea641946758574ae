"""Writes down every act: who, what, where, and what became of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from keptword.office import audit as book
from keptword.web.middleware.headers import Answer


def audit(answer: Answer) -> Answer:
    """Return the middleware that adds a line to the audit log for whatever is not merely looked at, or may not be.

    A view may say more: `request.audit_place` (never a customer) and `request.audit_outcome`; or that a form was only
    looked at, `request.audit_looks`. What nobody in particular sends is written only where a view says so, else anybody
    could fill the disk with it.
    """

    def answered(request: HttpRequest) -> HttpResponse:
        writes = request.method not in ("GET", "HEAD", "OPTIONS")
        before = _who(request) if writes else None
        response = answer(request)
        if (writes and not getattr(request, "audit_looks", False)) or hasattr(request, "audit_outcome"):
            member = _who(request) or before
            if member is not None or hasattr(request, "audit_outcome"):
                _written(request, response, member=member)
        elif response.status_code == 403 and (member := _who(request)) is not None:
            _written(request, response, member=member)
        elif response.status_code == 200 and response.headers.get("Content-Disposition", "").startswith("attachment"):
            _taken(request)
        return response

    return answered


def _who(request: HttpRequest) -> Any:
    return request.user if request.user.is_authenticated else None


def _written(request: HttpRequest, response: HttpResponse, *, member: Any) -> None:
    book.write(
        member=member,
        act=_name(request) or "unknown",
        place=str(getattr(request, "audit_place", "")),
        outcome=str(getattr(request, "audit_outcome", "") or _outcome(response)),
        address=request.META.get("REMOTE_ADDR", ""),
    )


def _taken(request: HttpRequest) -> None:
    """Write down that a file was handed out: the page's name, since an address may name a customer."""
    book.write(
        member=_who(request),
        act=book.DOWNLOAD,
        place=_name(request),
        outcome="done",
        address=request.META.get("REMOTE_ADDR", ""),
    )


def _name(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.view_name) if match else ""


def _outcome(response: HttpResponse) -> str:
    if response.status_code in (401, 403, 405, 413, 429):
        return "refused"
    if response.status_code in (400, 404, 409, 410, 422):
        return "not_taken"
    return "done" if response.status_code < 400 else "failed"
