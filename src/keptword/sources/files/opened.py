"""What a file is once it has been opened, and how reading one reports how far it has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Final, Literal

from keptword.core.problems import Problem

Form = Literal["delimited", "jsonl", "json", "parquet", "mbox"]

Progress = Callable[[str], None]
"""Called every now and then with one short line: "orders.csv: 1.2 of 5.0 GB, 210 MB a second, 18 s left"."""

SAMPLE: Final = 1_000_000
"""Bytes at the start of a file from which its form, encoding, delimiter and header are judged."""


@dataclass(frozen=True)
class Opened:
    """A file of which form, header and encoding are known, and which the engine can read.

    `path` is what was typed and `name` its last part, for messages. `header` holds one name a column: trimmed,
    a name met before numbered ("Tax", "Tax (2)"; names that differ in letter case alone count as the same, and
    "line" is taken from the start, because that is what `Staged` calls the row's number), an empty one called
    after its place ("column 7"). `readable` is the path itself, or a copy in UTF-8 in the scratch folder.

    `lead` counts the lines before the header that are no rows, and `header_line` is the header's own number as
    a spreadsheet counts rows; JSON and Parquet have none, so 0. `problems` says what was guessed on the way.

    A mailbox (`mbox`) is no table: it has no header and cannot be staged; its source reads it by itself.
    """

    path: Path
    name: str
    form: Form
    header: tuple[str, ...]
    readable: Path
    delimiter: str
    encoding: str
    lead: int = 0
    header_line: int = 0
    keys: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Pace:
    """Says how far the reading of one file has come, how fast it goes and how long it will take."""

    def __init__(self, progress: Progress | None, *, doing: str, size: int, every: float = 0.5) -> None:
        self._progress = progress
        self._doing = doing
        self._size = size
        self._every = every
        self._began = time.monotonic()
        self._told = self._began

    def at(self, done: int) -> None:
        """Report that `done` bytes are done, unless it reported less than `every` seconds ago."""
        now = time.monotonic()
        if self._progress is None or now - self._told < self._every:
            return
        self._told = now
        rate = done / (now - self._began)
        left = f", {_duration((self._size - done) / rate)} left" if self._size * 0.01 < done < self._size else ""
        unit, factor = ("GB", 1e9) if self._size >= 1e9 else ("MB", 1e6)
        amount = f"{done / factor:.1f} of {self._size / factor:.1f} {unit}"
        self._progress(f"{self._doing}: {amount}, {rate / 1e6:.0f} MB a second{left}")

    @contextmanager
    def polling(self, percent: Callable[[], float]) -> Iterator[None]:
        """Report while the engine works, asking it how many percent are done (below 0: not known)."""
        if self._progress is None:
            yield
            return
        done = Event()

        def poll() -> None:
            while not done.wait(self._every):
                share = percent() / 100
                if share >= 0:
                    self.at(int(self._size * share))

        teller = Thread(target=poll, daemon=True)
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
