"""`keptword serve` as its own process, as a person starts it: what it says, what it starts, how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

PATIENCE = 90
"""Seconds: the machine may be busy with other tests."""


@dataclass
class Served:
    """A running `keptword serve`."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where its pages are."""
        return wait_for(lambda: self._found(r"at (http://\S+?)/$"))

    @property
    def link(self) -> str:
        """The link it offers for signing in."""
        return wait_for(lambda: self._found(r"with this link: (http://\S+)$"))

    def children(self) -> list[int]:
        """The numbers of the processes it started, and those they started."""
        found = [self.process.pid]
        for number in found:
            found += below(number)
        return found[1:]

    def end(self) -> float:
        """Press Ctrl-C, and return how many seconds it took to end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)
        return time.monotonic() - began

    def _found(self, pattern: str) -> str:
        assert self.process.poll() is None or self.lines, "".join(self.log)
        return next((match[1] for line in self.lines if (match := re.search(pattern, line))), "")


@contextmanager
def served(books: Path, *words: str, **environment: str) -> Iterator[Served]:
    """Run `keptword serve` on books until the `with` ends."""
    command = [sys.executable, "-m", "keptword", "serve", "--books", str(books), "--port", "0", *words]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment, "KEPTWORD_LOG": "json"},
    )
    running = Served(process)
    for stream, into in ((process.stdout, running.lines), (process.stderr, running.log)):
        Thread(target=_read, args=(stream, into), daemon=True).start()
    try:
        yield running
    finally:
        children = running.children() if process.poll() is None else []
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for number in children:
            if alive(number):
                os.kill(number, signal.SIGKILL)


def _read(stream: Iterator[str], into: list[str]) -> None:
    into.extend(stream)


def fetched(address: str, **headers: str) -> tuple[int, str]:
    """Ask for a page and return its status and what it says."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait_for(true: Callable[[], object], *, seconds: float = PATIENCE) -> str:
    """Wait for something that another process does, and return it."""
    until = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
    return found  # type: ignore[return-value]


def below(number: int) -> list[int]:
    """Return the numbers of the processes one has started."""
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(number)], capture_output=True, text=True, check=False)
    return [int(each) for each in done.stdout.split()]


def alive(number: int) -> bool:
    """Tell whether a process is there and no mere shadow."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.strip().startswith("Z")
