"""People who click page after page, each over a connection of their own: how long pages take."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import sys
import threading
import time
from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit


class Clicks:
    """What all people together saw: milliseconds by kind of page, and addresses that did not answer well."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = defaultdict(list)
        self.failures: list[str] = []
        self._lock = threading.Lock()

    def add(self, kind: str, *, milliseconds: float, path: str, status: int) -> None:
        """Note one answer."""
        with self._lock:
            self.taken[kind].append(milliseconds)
            if status != 200:
                self.failures.append(f"{status} {path}")


def click(asked: dict[str, Any], clicks: Clicks, *, seed: int, until: float) -> None:
    """Click through the kinds of pages in turn, each time another address of that kind, until the time is over.

    One click is `every` so many seconds, give or take a half; 0 is without a pause.
    """
    chance = random.Random(seed)
    place = urlsplit(asked["address"])
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    headers = {"Cookie": f"keptword={asked['cookie']}"} if asked["cookie"] else {}
    kinds = list(asked["pages"])
    chance.shuffle(kinds)
    for kind in itertools.cycle(kinds):
        if time.monotonic() > until:
            return
        path = chance.choice(asked["pages"][kind])
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        taken = time.perf_counter() - began
        clicks.add(kind, milliseconds=1000 * taken, path=path, status=answer.status)
        # Who looks at a page for a while asks for the next one when that while is over, however long this one took.
        time.sleep(max(asked["every"] * chance.uniform(0.5, 1.5) - taken, 0))


def p95(milliseconds: list[float]) -> float:
    """Return what 95 in 100 took no longer than."""
    ordered = sorted(milliseconds)
    return ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)]


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """Let everybody click for a while, after two seconds that do not count, and return what they saw."""
    for seconds in (2, asked["seconds"]):
        clicks, until = Clicks(), time.monotonic() + seconds
        people = [
            threading.Thread(target=click, args=(asked, clicks), kwargs={"seed": seed, "until": until})
            for seed in range(asked["people"])
        ]
        for one in people:
            one.start()
        for one in people:
            one.join()
    answers = sum(map(len, clicks.taken.values()))
    return {
        "p95": {kind: p95(taken) for kind, taken in sorted(clicks.taken.items())},
        "median": {kind: sorted(taken)[len(taken) // 2] for kind, taken in sorted(clicks.taken.items())},
        "a_second": answers / asked["seconds"],
        "answers": answers,
        "failed": len(clicks.failures),
        "failures": sorted(set(clicks.failures))[:10],
    }


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
