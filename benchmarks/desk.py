"""The case of the desk: its pages under eight people who click, beside a bare Django page."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.bench import FULL, Asked, Bench, Row
from benchmarks.measure import ROOT, RunFailed, run, said
from benchmarks.shop import made_shop

PEOPLE: Final = 8
SECONDS: Final = 20
EVERY: Final = 1.0
"""Seconds from one click of a person to the next, on the average: somebody in a hurry."""

IDLE: Final = 10
"""Seconds with next to nothing done in them, after which the desk is taken to be idle."""

READY: Final = (sys.executable, "-m", "benchmarks.desk_ready")
CLICKING: Final = (sys.executable, "-m", "benchmarks.clicking")
SERVE: Final = (sys.executable, "-m", "keptword", "serve", "--no-browser")
BARE: Final = (sys.executable, "-m", "benchmarks.bare_page")

ASKED: Final = {"search": 150.0, "a customer's page": 200.0}
PAGE: Final = 200.0


@dataclass(frozen=True)
class Served:
    """A server that answers: where, how long that took from its start, and its process."""

    address: str
    seconds: float
    child: subprocess.Popen[bytes]


def desk(bench: Bench) -> list[Row]:
    """Click, eight people a page a second each, through 20 million facts: p95 under 200 ms, search under 150 ms."""
    is_full = bench.sizes.facts == FULL.facts
    shop = made_shop(count=bench.sizes.facts, say=bench.say, folder=bench.folder)
    bench.say("making the figures, the address book and somebody to sign in …")
    ready = said(run([*READY, str(shop.books)]))
    rows = [Row("desk", f"figures of {shop.facts:,} facts", "s", ready["figures_seconds"])]
    bare = _bare(bench)
    with serving([*SERVE, "--books", str(shop.books)]) as served:
        rows.append(Row("desk", "start to first page", "s", served.seconds, asked=Asked(3)))
        idle = _held(served.child.pid)
        calm = _clicked(served, cookie=ready["cookie"], pages=ready["pages"], every=EVERY, seconds=2 * SECONDS)
        told = _clicked(served, cookie=ready["cookie"], pages=ready["pages"])
        for each in (calm, told):
            bench.say(f"{each['answers']:,} answers, {each['failed']:,} of them none")
            if each["failed"]:
                raise RunFailed(f"Pages that did not answer: {each['failures']}")
        _rest(served.child.pid)
        after = _held(served.child.pid)
    for name, p95 in calm["p95"].items():
        asked = Asked(ASKED.get(name, PAGE)) if is_full else None
        rows.append(Row("desk", f"{name}, p95", "ms", p95, beside=bare["p95"]["bare"], asked=asked))
    slowest = max(told["p95"], key=lambda name: float(told["p95"][name]))
    rows.append(Row("desk", f"without a pause: {slowest}, p95", "ms", told["p95"][slowest], beside=bare["p95"]["bare"]))
    rows.append(Row("desk", "without a pause: all eight", "pages/s", told["a_second"], beside=bare["a_second"]))
    if idle is not None and after is not None:
        rows.append(Row("desk", "memory before the first click", "MB", idle, asked=Asked(512)))
        rows.append(Row("desk", "memory idle after the clicks", "MB", after, asked=Asked(512)))
    return rows


def _bare(bench: Bench) -> dict[str, Any]:
    """Return what the same people get from a Django page that does nothing."""
    bench.say("a bare Django page, for comparison …")
    with serving(list(BARE)) as served:
        return _clicked(served, cookie="", pages={"bare": ["/"]})


def _clicked(
    served: Served, *, cookie: str, pages: dict[str, list[str]], every: float = 0.0, seconds: float = SECONDS
) -> dict[str, Any]:
    asked = {
        "address": served.address,
        "cookie": cookie,
        "pages": pages,
        "people": PEOPLE,
        "seconds": seconds,
        "every": every,
    }
    return said(run([*CLICKING, json.dumps(asked)]))


@contextmanager
def serving(command: list[str]) -> Iterator[Served]:
    """Start a server on a port of its own, wait for its first page, and end it with everything it started."""
    port = _free_port()
    begin = time.perf_counter()
    child = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "CI": ""},
    )
    try:
        _wait(f"http://127.0.0.1:{port}/", child)
        yield Served(f"http://127.0.0.1:{port}", time.perf_counter() - begin, child)
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait(address: str, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if child.poll() is not None:
            raise RunFailed(f"The server ended with status {child.returncode} before its first page.")
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            answer.read()
            return
        time.sleep(0.02)
    raise RunFailed("The server gave no page within a minute.")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _held(pid: int) -> float | None:
    """Return the megabytes a process and all it started hold, what they share counted once; None off Linux."""
    total = 0
    for each in (pid, *_children(pid)):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024 / 1_000_000 if total else None


def _rest(pid: int) -> None:
    """Wait until a process and all it started rest: what the clicks asked of the background work is done too."""
    until, used = time.monotonic() + 300, -1.0
    while time.monotonic() < until:
        before, used = used, _used(pid)
        if before >= 0 and abs(used - before) < IDLE / 20:
            return
        time.sleep(IDLE)
    raise RunFailed("The server was still at work five minutes after the last click.")


def _used(pid: int) -> float:
    """Return the seconds of a processor that a process and all it started and not yet ended used; 0 off Linux."""
    ticks = 0
    for each in (pid, *_children(pid)):
        with suppress(OSError):
            # After the name, which may hold anything, the 12th and 13th field.
            ticks += sum(map(int, Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for each in path.read_text().split():
                found += [int(each), *_children(int(each))]
    return found
