"""Every address of the application: the desk's families of pages, signing in, health and measures."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern, path

from keptword.web.families import FAMILIES
from keptword.web.routes import Route


def routes() -> tuple[Route, ...]:
    """Return every route, in the order of the families."""
    return tuple(route for family in FAMILIES for route in import_module(family).ROUTES)


urlpatterns: list[URLPattern] = [path(route.path, route.view, name=route.name) for route in routes()]

handler400 = "keptword.web.failures.bad_request"
handler403 = "keptword.web.failures.not_allowed"
handler404 = "keptword.web.failures.not_found"
handler500 = "keptword.web.failures.broken"
