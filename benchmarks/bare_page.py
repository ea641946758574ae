"""A Django page that does nothing, served as the desk is: the limit of what this machine can answer."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

_TEXT = "<!doctype html><title>bare</title><h1>Nothing</h1>"


def page(_: HttpRequest) -> HttpResponse:
    """Answer with a few letters."""
    return HttpResponse(_TEXT)


urlpatterns = [path("", page)]


def _application() -> Any:
    from django.core.wsgi import get_wsgi_application

    if not settings.configured:
        settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="bare", ALLOWED_HOSTS=["127.0.0.1"], USE_TZ=True)
    return get_wsgi_application()


def __getattr__(name: str) -> Any:
    """Make the application when the server asks for it by name."""
    if name == "application":
        return _application()
    raise AttributeError(name)


def main() -> None:
    """Serve the page."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, required=True)
    port = options.parse_args().port
    Granian(
        "benchmarks.bare_page:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=2,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main()
