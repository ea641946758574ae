"""What is done with books, as a process of its own that tells how long each of its steps took."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path


class Steps:
    """Takes the time of steps: each ends where the next one is told."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[float, float]] = {}
        self._name = "Starting …"
        self._begin = time.perf_counter(), time.process_time()

    def say(self, sentence: str) -> None:
        """Begin a step."""
        seconds, cpu_seconds = time.perf_counter(), time.process_time()
        before = self.taken.get(self._name, (0.0, 0.0))
        self.taken[self._name] = before[0] + seconds - self._begin[0], before[1] + cpu_seconds - self._begin[1]
        self._name, self._begin = sentence, (seconds, cpu_seconds)


def close(place: Path, *, day: date, full: bool) -> dict[str, object]:
    """Close a day as the command does and return the seconds and processor seconds of each step."""
    steps = Steps()
    from keptword.books.closing import close_day
    from keptword.books.folder import Folder
    from keptword.books.opened import open_books

    done = close_day(open_books(Folder(place)), day, full=full, say=steps.say)
    steps.say("")
    return {"steps": steps.taken, "was_closed": done.was_closed, "carried": done.before is not None}


def post(place: Path, files: Sequence[Path]) -> dict[str, object]:
    """Post files of JSON Lines, several at the same time each by a process of its own; return what was accepted."""
    if len(files) > 1:
        return _post_at_once(place, files)
    from keptword.books.folder import Folder
    from keptword.books.opened import open_books
    from keptword.intake import door

    books = open_books(Folder(place))
    from django.db import connection

    with files[0].open(encoding="utf-8") as lines:
        begin = time.time()
        done = door.post(lines, timezone=books.timezone, now=datetime.now(UTC))
        end = time.time()
    with connection.cursor() as cursor:
        pragmas = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")}
    return {"accepted": done.accepted, "begin": begin, "end": end, "seconds": end - begin, **pragmas}


def _post_at_once(place: Path, files: Sequence[Path]) -> dict[str, object]:
    """Return what all processes accepted, and the seconds from the first one's first line to the last one's last."""
    command = [sys.executable, "-m", "benchmarks.steps", "post", str(place)]
    children = [subprocess.Popen([*command, str(file)], stdout=subprocess.PIPE, text=True) for file in files]
    said = [json.loads(child.communicate()[0]) for child in children]
    seconds = max(one["end"] for one in said) - min(one["begin"] for one in said)
    return {**said[0], "accepted": sum(one["accepted"] for one in said), "seconds": seconds}


def bare(place: Path, file: Path) -> dict[str, object]:
    """Write the same lines as they are into a bare SQLite file, a hundred a transaction, as durably: the limit."""
    place.unlink(missing_ok=True)
    connection = sqlite3.connect(place, isolation_level=None)
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
    connection.execute("CREATE TABLE waiting (id INTEGER PRIMARY KEY, fact_id TEXT UNIQUE, content TEXT)")
    with file.open(encoding="utf-8") as lines:
        begin, count = time.perf_counter(), 0
        while some := list(islice(lines, 100)):
            rows = [(json.loads(line)["fact_id"], line) for line in some]
            with _transaction(connection):
                connection.executemany("INSERT INTO waiting (fact_id, content) VALUES (?, ?)", rows)
            count += len(rows)
        seconds = time.perf_counter() - begin
    connection.close()
    return {"accepted": count, "seconds": seconds}


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("COMMIT")


if __name__ == "__main__":
    way, where, *more = sys.argv[1:]
    if way == "close":
        print(json.dumps(close(Path(where), day=date.fromisoformat(more[0]), full="full" in more)))
    elif way == "post":
        print(json.dumps(post(Path(where), [Path(one) for one in more])))
    else:
        print(json.dumps(bare(Path(where), Path(more[0]))))
