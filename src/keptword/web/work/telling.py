"""Tells whoever watches an import how far it is: a sentence, and a percentage that never goes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Final

from django.db import DatabaseError, connections

from keptword.books.recording import SETTLING, WRITING, Watch
from keptword.books.rehearsing import COMPARING
from keptword.engines.duckdb import Engine
from keptword.web.work.kinds import Saying
from keptword.words import Words

EVERY: Final = 0.7
"""Seconds between two looks at how far the engine is."""

_STAGES: Final = {"reading": (0.0, 45.0), "writing": (45.0, 80.0), "comparing": (80.0, 99.0), "settling": (80.0, 99.0)}
_BY_SENTENCE: Final = {WRITING: "writing", COMPARING: "comparing", SETTLING: "settling"}
_LEFT: Final = 0.55
"""How much of a stage is left after each statement of it: how many there will be is not known."""


class Telling(Watch):
    """Hears what an import says, asks its engine how far it is, and tells both in a person's language."""

    def __init__(self, say: Saying, *, words: Words) -> None:
        self._say = say
        self._words = words
        self._stage = ""
        self._statements = 0
        self._last = 0.0
        self._percent = 0.0

    def heard(self, sentence: str) -> None:
        """Take note of what the work says it is doing."""
        stage = _BY_SENTENCE.get(sentence, "reading" if not self._stage else self._stage)
        if stage != self._stage:
            self._stage, self._statements, self._last = stage, 0, 0.0
            self.tell()

    def tell(self) -> None:
        """Tell how far it is."""
        said = self._words.say(f"imports.doing_{self._stage or 'reading'}")
        self._say(said, percent=round(self._percent, 1))

    def looked(self, done: float) -> None:
        """Take note of how much of the statement the engine is at is done, in percent; below 0 where not known."""
        low, high = _STAGES[self._stage or "reading"]
        share = max(done, 0.0) / 100
        if share < self._last:
            self._statements += 1
        self._last = share
        part = 1 - _LEFT ** (self._statements + share)
        self._percent = max(self._percent, low + (high - low) * part)

    @contextmanager
    def over(self, engine: Engine) -> Iterator[None]:
        """Look at the engine now and then, for as long as the `with` lasts."""
        done = Event()

        def watch() -> None:
            try:
                while not done.wait(EVERY):
                    self.looked(engine.percent_done())
                    # A database that is busy for long is no reason to stop an import.
                    with suppress(DatabaseError):
                        self.tell()
            finally:
                connections.close_all()

        watcher = Thread(target=watch, daemon=True, name="keptword-import-watch")
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
