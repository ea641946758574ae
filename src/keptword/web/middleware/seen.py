"""Remembers when a colleague was last seen, session by session."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from keptword.office.sessions import seen as remember
from keptword.web import shop
from keptword.web.middleware.headers import Answer


def seen(answer: Answer) -> Answer:
    """Return the middleware that notes it, at most once a minute."""

    def answered(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            remember(request.session, now=shop.now())
        return answer(request)

    return answered
