"""The application a web server runs: the desk of the books that `KEPTWORD_BOOKS` names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from keptword.web.settings import configure

configure()

from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

from keptword.books.folder import books_folder  # noqa: E402
from keptword.web import shop  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable


def make(folder: Path | None = None) -> Callable[..., Any]:
    """Open the books and return the application; raises `KeptwordError` where there are none."""
    from keptword.intake.tombstones import kept

    shop.take(books_folder(folder))
    settings.SECRET_KEY = kept("web")
    application: Callable[..., Any] = get_wsgi_application()
    return application


def __getattr__(name: str) -> Any:
    """Make the application when a server asks for it by name."""
    if name == "application":
        return make()
    raise AttributeError(name)
