"""Runs whole child processes and tells what each took: seconds, processor time and peak memory."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
MB = 1_000_000
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


class RunFailed(Exception):
    """A child process did not end well; the text holds its command and the end of what it said."""


@dataclass(frozen=True)
class Usage:
    """What one run took. Processor time and peak memory are None where unknown (on Windows)."""

    seconds: float
    cpu_seconds: float | None
    peak_bytes: int | None
    output: str


def run(command: Sequence[str | Path]) -> Usage:
    """Run the command in the repository's folder to its end; raise `RunFailed` where its status is not 0.

    Seconds are those on the clock from before the start to after the end: what an owner waits.
    """
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as said:
        begin = time.perf_counter()
        child = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        try:
            cpu_seconds, peak_bytes = _waited(child)
        except BaseException:
            child.kill()
            child.wait()
            raise
        seconds = time.perf_counter() - begin
        output = _read(said)
    if child.returncode:
        raise RunFailed(f"{' '.join(words)}\nended with status {child.returncode}:\n{output[-3000:]}")
    return Usage(seconds, cpu_seconds, peak_bytes, output)


def _waited(child: subprocess.Popen[bytes]) -> tuple[float | None, int | None]:
    """Wait for the child; return its processor seconds and its peak memory, None where nobody knows them.

    On Linux a child's peak counts what this very process held when it started the child. A peak no higher than ours
    is therefore unknown, and whoever measures stays small.
    """
    if not hasattr(os, "wait4"):
        child.wait()
        return None, None
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    import resource  # not on Windows, which has no wait4 either

    hidden = used.ru_maxrss <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used.ru_utime + used.ru_stime, None if hidden else used.ru_maxrss * MAXRSS_BYTES


def _read(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode(errors="replace")


def said(one: Usage) -> dict[str, Any]:
    """Return the JSON object a run told last, whatever it said after it; raise `RunFailed` where it told none."""
    try:
        told: dict[str, Any] = json.loads([line for line in one.output.splitlines() if line.startswith("{")][-1])
    except (IndexError, ValueError):
        raise RunFailed(f"A run ended with no figures but:\n{one.output[-3000:]}") from None
    return told


@dataclass(frozen=True)
class Pairs:
    """Runs of Keptword and of what it is compared with, taken in turns; medians hide the one odd run."""

    ours: tuple[Usage, ...]
    beside: tuple[Usage, ...]

    @property
    def seconds(self) -> tuple[float, float]:
        """Return the median seconds of both sides."""
        return median(one.seconds for one in self.ours), median(one.seconds for one in self.beside)

    @property
    def cpu_seconds(self) -> tuple[float, float] | None:
        """Return the median processor seconds of both sides, None where the system does not tell them."""
        ours = [one.cpu_seconds for one in self.ours if one.cpu_seconds is not None]
        beside = [one.cpu_seconds for one in self.beside if one.cpu_seconds is not None]
        return (median(ours), median(beside)) if ours and beside else None

    @property
    def peak_megabytes(self) -> tuple[float, float] | None:
        """Return the median peak memory of both sides in MB, None where the system does not tell it."""
        ours = [one.peak_bytes / MB for one in self.ours if one.peak_bytes is not None]
        beside = [one.peak_bytes / MB for one in self.beside if one.peak_bytes is not None]
        return (median(ours), median(beside)) if ours and beside else None


def run_in_turns(
    ours: Sequence[str | Path],
    beside: Sequence[str | Path],
    *,
    times: int,
    say: Callable[[str], None],
    ready: Callable[[], None] = lambda: None,
) -> Pairs:
    """Run both commands in turns, A B A B, so that a machine that gets busier wrongs neither side.

    `ready` is called before each pair and not measured: it puts away what the pair before has left.
    """
    taken: list[tuple[Usage, Usage]] = []
    for number in range(1, times + 1):
        ready()
        pair = run(ours), run(beside)
        say(f"pair {number} of {times}: {pair[0].seconds:.2f} s beside {pair[1].seconds:.2f} s")
        taken.append(pair)
    return Pairs(tuple(one for one, _ in taken), tuple(other for _, other in taken))


@dataclass(frozen=True)
class Machine:
    """Where the figures were taken; `load` is how many processes wanted a core when the run began."""

    system: str
    cores: int
    memory_bytes: int | None
    load: float | None
    python: str
    duckdb: str

    def __str__(self) -> str:
        """Return it as one line for people."""
        memory = "memory unknown" if self.memory_bytes is None else f"{self.memory_bytes / 1e9:.0f} GB memory"
        parts = [self.system, f"{self.cores} cores", memory, f"Python {self.python}", f"DuckDB {self.duckdb}"]
        return ", ".join(parts)

    @property
    def is_busy(self) -> bool:
        """True where others were at work on it: seconds are then longer than they need be, ratios less so."""
        return self.load is not None and self.load > self.cores / 2


def this_machine() -> Machine:
    """Return what can be known of this machine without asking for rights."""
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        cores=_cores(),
        memory_bytes=_memory_bytes(),
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        python=platform.python_version(),
        duckdb=version("duckdb"),
    )


def _cores() -> int:
    """Return how many cores this process may use, which in a container are fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
