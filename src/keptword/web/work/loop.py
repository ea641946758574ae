"""The background work: turn after turn, each kind of work as often as it wants, what fails tried again later."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import Error

from keptword.books.opened import Books
from keptword.core.problems import KeptwordError
from keptword.intake import database
from keptword.office import troubles
from keptword.web import shop
from keptword.web.monday.sending import send_message, send_monday
from keptword.web.work import running
from keptword.web.work.cleaning import clean
from keptword.web.work.nightly import close_next

Do = Callable[[Books, datetime], float | None]
"""Does one kind of work where there is any; returns in how many seconds to look again, None for as ever."""

SECOND: Final = 1.0
MINUTE: Final = 60.0
LONGEST_REST: Final = 600.0

_log = logging.getLogger("keptword.work")


@dataclass(frozen=True)
class Task:
    """One kind of work: how it is called among the troubles, what does it, every how many seconds it is looked for.

    `hurries` names another kind that need not wait its turn once this one has done something.
    """

    name: str
    do: Do
    every: float = SECOND
    hurries: str = ""


TASKS: Final = (
    Task("jobs", running.one_job, hurries="figures"),
    Task("acts", running.post_acts),
    Task("letters", running.send_letters),
    Task("pump", running.carry),
    Task("figures", running.make_figures, every=2 * SECOND),
    Task("night", close_next, every=MINUTE),
    Task("monday", send_monday, every=MINUTE),
    Task("message", send_message, every=MINUTE),
    Task("cleaning", clean, every=MINUTE),
)


class Round:
    """The kinds of work, and when each is to be looked for next."""

    def __init__(self, tasks: Sequence[Task], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tasks = {task.name: task for task in tasks}
        self._clock = clock
        self._next = dict.fromkeys(self._tasks, 0.0)
        # Unknown at first: what an earlier process noted is wiped when it goes well.
        self._failing = set(self._tasks)

    def turn(self) -> bool:
        """Look for every kind of work whose time has come, and return whether any was done. Nothing is raised."""
        done = False
        for task in self._tasks.values():
            if self._clock() >= self._next[task.name]:
                done = self._looked(task) or done
        return done

    def _looked(self, task: Task) -> bool:
        try:
            database.live()
            again = task.do(shop.books(), shop.now())
        except Exception as error:
            self._next[task.name] = self._clock() + self._rest(task, error)
            return False
        if task.name in self._failing:
            self._failing.discard(task.name)
            _quietly(lambda: troubles.clear(task.name))
        self._next[task.name] = self._clock() + (task.every if again is None else again)
        if again is not None and task.hurries:
            self._next[task.hurries] = self._clock()
        return again is not None

    def _rest(self, task: Task, error: Exception) -> float:
        """Note that a kind of work failed, and return for how long to leave it alone."""
        known = isinstance(error, KeptwordError)
        _log.error("work failed", extra={"work": task.name}, exc_info=None if known else error)
        self._failing.add(task.name)
        times = (
            _quietly(
                lambda: troubles.note(task.name, sentence=error.sentence if isinstance(error, KeptwordError) else "")
            )
            or 1
        )
        return float(min(task.every * 2 ** min(times, 20), LONGEST_REST))


def _quietly(note: Callable[[], int | None]) -> int | None:
    """Note something where the database takes it; that it does not is what failed already."""
    try:
        return note()
    except (Error, KeptwordError):
        return None
