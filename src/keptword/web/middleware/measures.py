"""Measures every answer, by the name of its page and never by its address: in the log, and for Prometheus."""

from __future__ import annotations

import logging
import time
from typing import Final

from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram

from keptword.web.middleware.headers import Answer

SECONDS: Final = Histogram(
    "keptword_request_seconds",
    "How long an answer took, in seconds.",
    ("page", "method", "status"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 2, 5, 15),
)

METHODS: Final = frozenset(("GET", "HEAD", "POST"))
QUIET: Final = frozenset(("health", "ready", "metrics"))
"""Pages that are asked for every few seconds, by machines."""

_log = logging.getLogger("keptword.web.requests")


def measures(answer: Answer) -> Answer:
    """Return the middleware that measures every answer; one line of the log each, but for machines and styles."""

    def answered(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = answer(request)
        seconds = time.perf_counter() - began
        match = request.resolver_match
        page = match.view_name if match else "none"
        # Anybody may send any method: each would be a row of its own.
        method = request.method if request.method in METHODS else "other"
        SECONDS.labels(page, method, str(response.status_code)).observe(seconds)
        if page not in QUIET and not request.path_info.startswith("/static/"):
            _tell(request, response, page=page, method=method, seconds=seconds)
        return response

    return answered


def _tell(request: HttpRequest, response: HttpResponse, *, page: str, method: str, seconds: float) -> None:
    # Only where it is known already: nobody is looked up for the log's sake.
    member = getattr(request, "_cached_user", None)
    told = {"page": page, "method": method, "status": response.status_code, "ms": round(seconds * 1000)}
    _log.info("request", extra={**told, "member": getattr(member, "pk", None)})
