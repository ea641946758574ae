"""One line on the screen for each piece of work: what it is, that it goes on, how it ended, how long it took."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LABEL_WIDTH = 52


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its status, all it wrote, and the seconds it took."""

    status: int
    output: str
    seconds: float

    @property
    def well(self) -> bool:
        """True where the command ended with status 0."""
        return self.status == 0


class Line:
    """A line that says what is being done; on a terminal it counts the seconds until `end` is called."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.activity = ""
        self.started = time.monotonic()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._on_terminal = sys.stdout.isatty()

    def __enter__(self) -> Line:
        if self._on_terminal:
            threading.Thread(target=self._tick, daemon=True).start()
        else:
            self._write(f"{self.label:<{LABEL_WIDTH}} ")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self._over.is_set():
            self.end("failed" if kind and issubclass(kind, Exception) else "stopped")

    @property
    def seconds(self) -> float:
        """Seconds since the line was begun."""
        return time.monotonic() - self.started

    def end(self, verdict: str) -> None:
        """Write how it ended and the time it took, and leave the line."""
        with self._lock:
            self._over.set()
            head = f"\r\x1b[2K{self.label:<{LABEL_WIDTH}} " if self._on_terminal else ""
            self._write(f"{head}{verdict:<8} {_duration(self.seconds)}\n")

    def _tick(self) -> None:
        while True:
            with self._lock:
                if self._over.is_set():
                    return
                self._write(f"\r\x1b[2K{self.label:<{LABEL_WIDTH}} {_duration(self.seconds)} {self.activity[:16]}")
            self._over.wait(1)

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def run(
    command: Sequence[str | Path],
    *,
    line: Line,
    folder: Path,
    environment: dict[str, str] | None = None,
    activity: Callable[[str], str | None] = lambda _: None,
) -> Outcome:
    """Run `command` in `folder` and return its outcome, errors among the output.

    `activity` may make of each line of output a few letters to show beside the seconds. A command
    that is not there ends with status 127, as in a shell.
    """
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        return Outcome(127, f"{command[0]} is not there.", 0.0)
    written: list[str] = []
    with process:
        assert process.stdout is not None
        for text in process.stdout:
            written.append(text)
            line.activity = activity(text) or line.activity
    return Outcome(process.returncode, "".join(written), time.monotonic() - started)


def _duration(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"
