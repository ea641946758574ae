"""Behind a reverse proxy, takes from it who is asking: only where the owner told its address."""

from __future__ import annotations

import ipaddress
import os
from contextlib import suppress

from django.http import HttpRequest, HttpResponse

from keptword.web.middleware.headers import Answer
from keptword.web.settings import ADDRESS


def proxied(answer: Answer) -> Answer:
    """Return the middleware that puts the address of whoever asked the proxy in place of the proxy's own.

    Only the last address counts that the header names: the proxy wrote it; those before it anybody may have written.
    """
    if not os.environ.get(ADDRESS):
        return answer

    def answered(request: HttpRequest) -> HttpResponse:
        told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
        with suppress(ValueError):
            request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(told))
        return answer(request)

    return answered
