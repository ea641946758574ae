"""The process of the background work: `python -m keptword.web.work`, started and watched by `keptword serve`.

It takes the books that `KEPTWORD_BOOKS` names, and ends when its standard input does: then whoever started it is gone.
With `--tell` it first says on standard output, in one line of JSON, how to sign in, or why the books cannot be served.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final, NoReturn

from keptword.web.settings import configure

configure()

from keptword.books.folder import books_folder  # noqa: E402
from keptword.core.problems import KeptwordError  # noqa: E402
from keptword.web.beginning import books_there  # noqa: E402

TELL: Final = "--tell"
FULL: Final = 75
"""The status it ends with to be started anew because it has grown large."""

PAUSE: Final = 0.5
LARGEST: Final = 300_000_000
"""Bytes of memory from which on it is started anew once there is nothing to do: pages have more use for them."""


def main() -> None:
    """Take the books and work until asked to end."""
    from keptword.web.logs import write_logs

    write_logs(process="work")
    _end_with_whoever_started_it()
    # Ctrl-C is told to the whole group of processes; who started this one says when it is to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    if hasattr(os, "nice"):
        os.nice(5)
    try:
        told = _taken(first=TELL in sys.argv)
    except KeptwordError as error:
        _tell({"problem": str(error)})
        sys.exit(1)
    _tell(told)
    try:
        _work()
    except SystemExit as ended:
        # The lease is given back by now; all else may be left as it lies, and whoever asked is waiting.
        logging.shutdown()
        os._exit(int(ended.code or 0))


def _taken(*, first: bool) -> dict[str, Any]:
    """Open the books, and return what whoever started this is to be told."""
    from django.conf import settings

    from keptword.intake.tombstones import kept
    from keptword.office.links import entrance
    from keptword.office.models import Member
    from keptword.web import shop
    from keptword.web.addresses import serving_at

    folder = books_folder(None)
    books = books_there(folder)
    shop.take(folder)
    settings.SECRET_KEY = kept("web")
    if not first:
        return {}
    serving_at(os.environ["KEPTWORD_SERVED"])
    is_owned = Member.objects.filter(is_active=True, role="owner").exists()
    return {"name": books.business.name, "link": "" if is_owned else entrance()}


def _work() -> NoReturn:
    """Do the work while nobody else does it, turn after turn."""
    from keptword.intake.lease import LeaseLost, held
    from keptword.web.work import running
    from keptword.web.work.loop import TASKS, Round

    log = logging.getLogger("keptword.work")
    while True:
        try:
            with held("work", wait=None, look=1.0) as lease:
                log.info("in charge of the background work")
                running.begin()
                turns = Round(TASKS)
                while True:
                    lease.check()
                    if not turns.turn():
                        _rest()
        except LeaseLost:
            log.warning("another process has taken over the background work")
        except Exception:
            log.exception("the background work was interrupted")
            time.sleep(5)


def _rest() -> None:
    time.sleep(PAUSE)
    if resident() > LARGEST:
        sys.exit(FULL)


def resident() -> int:
    """Return how many bytes of memory this process holds; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0


def _tell(told: dict[str, Any]) -> None:
    if TELL in sys.argv:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _end(*_: object) -> NoReturn:
    sys.exit(0)


def _end_with_whoever_started_it() -> None:
    """Watch standard input: it ends when the process at its other end does, however that came about."""

    def watch() -> None:
        while sys.stdin.buffer.read(1):
            pass
        # Nothing to be tidied up: all this work may be killed at any time, and is gone on with.
        os._exit(0)

    if not sys.stdin.isatty():
        threading.Thread(target=watch, daemon=True, name="keptword-watch").start()


if __name__ == "__main__":
    main()
