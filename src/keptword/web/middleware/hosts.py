"""Answers nobody who asks for a host that is not ours: a page of elsewhere that points its name at this computer."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from keptword.web.failures import failed
from keptword.web.middleware.headers import Answer

ANYHOW: Final = ("/health/", "/health/ready/")
"""What those who watch a server ask for by its number; nothing of the business stands there."""


def hosts(answer: Answer) -> Answer:
    """Return the middleware that looks at the `Host` header before anything else is done."""

    def answered(request: HttpRequest) -> HttpResponse:
        if request.path_info not in ANYHOW:
            try:
                request.get_host()
            except DisallowedHost:
                return failed(request, "host", status=400)
        return answer(request)

    return answered
