"""Chooses the language of the answer: the colleague's own, else the browser's, else English."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request

from keptword.web.middleware.headers import Answer
from keptword.words import LANGUAGES, Words, words


def language(answer: Answer) -> Answer:
    """Return the middleware that puts the words to speak in on `request.words`."""

    def answered(request: HttpRequest) -> HttpResponse:
        request.words = words_for(request)
        response = answer(request)
        response.headers.setdefault("Content-Language", request.words.html_language)
        return response

    return answered


def words_for(request: HttpRequest) -> Words:
    """Return the words of the colleague who is signed in, else those the browser asks for."""
    member = getattr(request, "user", None)
    wanted = getattr(member, "language", "") or _asked(request)
    return words(wanted if wanted in LANGUAGES else "en")


def _asked(request: HttpRequest) -> str:
    return (
        "zh"
        if request.headers.get("Accept-Language", "").lower().startswith("zh")
        else get_language_from_request(request).split("-")[0]
    )
