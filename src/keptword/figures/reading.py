"""Reads figures: the newest file of them, opened once in each process, and asked by many threads at once."""

from __future__ import annotations

import json
import re
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from keptword.books.folder import Folder
from keptword.figures.tables import FORMAT

MEMORY: Final = "128MB"
THREADS: Final = 1
"""A page's questions are small and many: one thread answers each of them soonest, where several people ask."""

FETCHED: Final = 2_000
"""Rows taken at once out of a result that is too large to be held whole."""

REMEMBERED: Final = 20_000
"""So many rows of answers given lately are kept, a few megabytes."""

NAME: Final = re.compile(r"(\d+)\.duckdb")


Answer = tuple[tuple[str, ...], list[tuple[Any, ...]]]
"""The columns of an answer, and its rows."""


class Answers:
    """The answers given lately, by what was asked; of more than `most` rows in all the oldest go."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self._rows = 0
        self._lock = threading.Lock()

    def get(self, asked: tuple[str, str]) -> Answer | None:
        """Return the answer that is kept, None where none is."""
        with self._lock:
            if asked in self._kept:
                self._kept.move_to_end(asked)
            return self._kept.get(asked)

    def keep(self, asked: tuple[str, str], answer: Answer) -> Answer:
        """Keep an answer that is not too large, and return it."""
        if len(answer[1]) > self._most // 20:
            return answer
        with self._lock:
            if asked not in self._kept:
                self._kept[asked] = answer
                self._rows += 1 + len(answer[1])
            while self._rows > self._most:
                _, gone = self._kept.popitem(last=False)
                self._rows -= 1 + len(gone[1])
        return answer


class Reader:
    """One file of figures, open for reading; any number of threads may ask at once.

    It ends with the last reference to it: whoever still holds it when newer figures come goes on reading these.
    """

    def __init__(self, path: Path, *, number: int) -> None:
        self.path = path
        self.number = number
        # What does not fit in the memory goes to the system's folder: that of the figures is not to be written to.
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": tempfile.gettempdir(),
        }
        self._connection = duckdb.connect(str(path), read_only=True, config=settings)
        self._said: dict[str, Any] = {}
        self._answers = Answers(most=REMEMBERED)

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return what a query comes to, one dict a row; a parameter told as `name` stands in it as `$name`.

        The file never changes: what was asked lately is not worked out again.
        """
        told = dict(parameters) if parameters else None
        asked = (sql, repr(told))
        names, rows = self._answers.get(asked) or self._answers.keep(asked, self._asked(sql, told))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _asked(self, sql: str, told: dict[str, Any] | None) -> Answer:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, told)
            return tuple(column[0] for column in cursor.description or ()), cursor.fetchall()

    def stream(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Return what a query comes to one dict after the other, however many there are."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, dict(parameters) if parameters else None)
            names = [column[0] for column in cursor.description or ()]
            while some := cursor.fetchmany(FETCHED):
                yield from (dict(zip(names, row, strict=True)) for row in some)

    def row(self, sql: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """Return the first row of a query, None where there is none."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def said(self, name: str) -> Any:
        """Return a document worked out beforehand (see `documents.DOCUMENTS`), None where there is none."""
        if name not in self._said:
            found = self.row("SELECT content FROM about WHERE name = $name", {"name": name})
            self._said[name] = json.loads(found["content"]) if found else None
        return self._said[name]

    def promises(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return the promises of these ids that there are, in no order; `place` says where each stands."""
        wanted = set(ids)
        hashes = self.rows("SELECT hash(unnest($ids::VARCHAR[])) AS hash", {"ids": sorted(wanted)})
        if not hashes:
            return []
        # Numbers standing in the question itself are held against the blocks' own; those of a parameter are not.
        numbers = ", ".join(str(int(row["hash"])) for row in hashes)
        found = self.rows(f"SELECT rowid AS place, * FROM promises WHERE id_hash IN ({numbers})")
        return [row for row in found if row["promise_id"] in wanted]

    @property
    def made_at(self) -> datetime:
        """When these figures were made, UTC."""
        return datetime.fromisoformat(self.said("made")["made_at"])


_readers: dict[Path, tuple[tuple[int, ...], Reader]] = {}
_lock = threading.Lock()


def current(folder: Folder) -> Reader | None:
    """Return the reader of the newest figures of the books; None where there are none that this Keptword can read."""
    place = folder.figures
    newest = generations(place)
    if not newest:
        # Removed with somebody's erasure: what is still open is let go of too.
        forget(folder)
        return None
    number, path = newest[-1]
    with _lock:
        try:
            seen = path.stat()
        except OSError:
            return None
        # Books brought back from a backup may have another file under the same number.
        file = (number, seen.st_ino, seen.st_mtime_ns, seen.st_size)
        known, there = _readers.get(place, ((), None))
        if there is None or known != file:
            there = _opened(path, number=number)
            if there is not None:
                _readers[place] = (file, there)
        return there


def forget(folder: Folder) -> None:
    """Let go of the reader of the books: it ends once nobody reads from it any more."""
    with _lock:
        _readers.pop(folder.figures, None)


def generations(place: Path) -> list[tuple[int, Path]]:
    """Return the files of figures in a folder by number, the oldest first."""
    try:
        paths = list(place.iterdir())
    except OSError:
        return []
    found = ((NAME.fullmatch(path.name), path) for path in paths)
    return sorted((int(match[1]), path) for match, path in found if match)


def _opened(path: Path, *, number: int) -> Reader | None:
    try:
        reader = Reader(path, number=number)
        made = reader.said("made")
    except (duckdb.Error, OSError):
        # Gone in between, or of a Keptword or a DuckDB that is not this one: figures are made anew.
        return None
    return reader if made and made.get("format") == FORMAT else None
