"""What other processes do in the tests: post, pump, hold the lease; told over a queue or a file what became of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ibis.expr.types import Table

from intake.desk import Desk, line
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine
from keptword.intake import door, lease, pump
from keptword.journal.table import Journal


def post(folder: str, told: str, first: int, count: int) -> None:
    """Post orders from a number on, and write down after each hundred how many are acknowledged."""
    Desk(Path(folder)).open()
    lines = (line(number) for number in range(first, first + count))
    with Path(told).open("a", encoding="ascii") as acknowledged:
        for done in door.posting(lines, timezone="Europe/Berlin", now=datetime.now(UTC)):
            acknowledged.write(f"{done.lines}\n")
            acknowledged.flush()


def pump_on(folder: str, at_once: int) -> None:
    """Pump again and again until killed."""
    desk = Desk(Path(folder))
    desk.open()
    with Engine(threads=1) as engine, lease.held() as held:
        while True:
            pump.pump(desk.journal, engine, staged=desk.staged, held=held, at_once=at_once)


@dataclass(frozen=True)
class StopsAtCommit(Journal):
    """A journal whose writer is stopped by the system near its commit: before it looks at the lease, or after."""

    after: bool = False

    def append(self, engine: Engine, rows: Table, *, number: int, guard: Callable[[], None]) -> int:
        """Record a batch as ever, but for the stop."""

        def stopped() -> None:
            if self.after:
                guard()
            os.kill(os.getpid(), signal.SIGSTOP)
            if not self.after:
                guard()

        return super().append(engine, rows, number=number, guard=stopped)


def pump_stopped(folder: str, told: str, seconds: float, after: bool) -> None:
    """Pump once, stopped near the commit until somebody lets it go on; write down how it ended."""
    desk = Desk(Path(folder))
    desk.open()
    with Engine(threads=1) as engine:
        try:
            with lease.held(seconds=seconds) as held:
                journal = StopsAtCommit(desk.journal.folder, after=after)
                pump.pump(journal, engine, staged=desk.staged, held=held)
            ended = "done"
        except KeptwordError as error:
            ended = f"{type(error).__name__}: {error}"
    Path(told).write_text(ended, encoding="utf-8")


def hold(folder: str, told: str, seconds: float) -> None:
    """Take the lease, say so, and hold it until killed."""
    Desk(Path(folder)).open()
    with lease.held(seconds=seconds) as held:
        Path(told).write_text(str(held.fence), encoding="ascii")
        time.sleep(60)
