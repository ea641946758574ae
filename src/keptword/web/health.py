"""Answers of use to machines: whether the desk is up, whether it can work, and its measures."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from keptword.office.rights import Right
from keptword.web import shop
from keptword.web.routes import route
from keptword.web.standing import CONTENT_TYPE, measured


def alive(_: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


def ready(_: HttpRequest) -> HttpResponse:
    """Say whether the books and their database can be read; nothing of the business is told."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        shop.books().journal.last_batch()
    except Exception as error:
        return JsonResponse({"status": "not ready", "why": type(error).__name__}, status=503)
    return JsonResponse({"status": "ready"})


def metrics(_: HttpRequest) -> HttpResponse:
    """Return the measures of all processes that serve these books together, as Prometheus reads them."""
    return HttpResponse(measured(), content_type=CONTENT_TYPE)


ROUTES = (
    route("health/", alive, name="health", right=None),
    route("health/ready/", ready, name="ready", right=None),
    route("metrics/", metrics, name="metrics", right=Right.OWN, machines=True),
)
