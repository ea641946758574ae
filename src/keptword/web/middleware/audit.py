"""Writes down every act: who, what, where, and what became of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from keptword.office import audit as book
from keptword.web.middleware.headers import Answer


def audit(answer: Answer) -> Answer:
    """Return the middleware that adds a line to the audit log for whatever is not merely looked at."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            _written(request, response)
        return response

    return answered


def _written(request: HttpRequest, response: HttpResponse) -> None:
    match = request.resolver_match
    book.write(
        member=request.user if request.user.is_authenticated else None,
        act=match.view_name if match else "unknown address",
        place=str(getattr(request, "audit_place", "")),
        outcome=str(getattr(request, "audit_outcome", "") or _outcome(response)),
        address=request.META.get("REMOTE_ADDR", ""),
    )


def _outcome(response: HttpResponse) -> str:
    if response.status_code in (401, 403):
        return "refused"
    return "done" if response.status_code < 400 else f"failed ({response.status_code})"
