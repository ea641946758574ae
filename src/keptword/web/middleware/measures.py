"""Counts requests and how long they took, for whoever watches the server."""

from __future__ import annotations

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


def measures(answer: Answer) -> Answer:
    """Return the middleware that measures every answer by the name of its page, never by its address."""

    def answered(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = answer(request)
        match = request.resolver_match
        page = match.view_name if match else "none"
        SECONDS.labels(page, request.method, str(response.status_code)).observe(time.perf_counter() - began)
        return response

    return answered
