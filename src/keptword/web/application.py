"""The application a web server runs: the desk of the books that `KEPTWORD_BOOKS` names."""

from __future__ import annotations

import atexit
import gc
import logging
import multiprocessing
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keptword.web.settings import configure

configure()

from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from keptword.books.folder import books_folder  # noqa: E402
from keptword.core.problems import KeptwordError  # noqa: E402
from keptword.web import shop  # noqa: E402
from keptword.web.logs import write_logs  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable


def make(folder: Path | None = None) -> Callable[..., Any]:
    """Open the books and return the application; raises `KeptwordError` where there are none."""
    from keptword.intake.tombstones import kept

    # What is imported stays: to look through it for what could be thrown away would take a sixth of the time.
    gc.disable()
    try:
        shop.take(books_folder(folder))
        settings.SECRET_KEY = kept("web")
        application: Callable[..., Any] = get_wsgi_application()
        # Every page is imported now, and not by whoever asks first.
        get_resolver().url_patterns  # noqa: B018
    finally:
        gc.enable()
    return application


def served() -> Callable[..., Any]:
    """Return the application for a process of a web server's own, which ends with the process that started it."""
    write_logs(process="web")
    _end_with_whoever_started_it()
    try:
        application = make()
    except KeptwordError as error:
        logging.getLogger("keptword.web").error(str(error))
        sys.exit(1)
    atexit.register(_leave)
    return application


def _leave() -> None:
    """End without taking everything down: nothing is lost by it, and the engine would complain of what lies about."""
    logging.shutdown()
    os._exit(0)


def _end_with_whoever_started_it() -> None:
    """Watch the process that started this one, where Python did: it may be killed without a word."""
    starter = multiprocessing.parent_process()
    if starter is None:
        return
    number = os.getppid()
    # Asked once here, so that the thread has nothing to import while others do.
    starter.is_alive()

    def watch() -> None:
        # On Windows the number stays; elsewhere it changes with the death of the process.
        while starter.is_alive() and (os.name == "nt" or os.getppid() == number):
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="keptword-watch").start()


def __getattr__(name: str) -> Any:
    """Make the application when a server asks for it by name."""
    if name == "application":
        return served()
    raise AttributeError(name)
