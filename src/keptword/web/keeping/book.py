"""The promise book as pages read it: filtered, sorted and counted as promises stand now, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from keptword.figures.reading import Reader
from keptword.office import acts
from keptword.office.acts import Pending
from keptword.web.keeping.standing import COLUMNS, Moment, Promise, laid, promise_of

SORTS: Final = {"due": "due_at", "made": "made_at", "kind": "promise_kind"}
"""What the book can be sorted by, and the column of each."""

_WAITS: Final = "outcome IN ('open', 'broken') AND broken_on IS NULL"
_OVER: Final = "NOT vague AND coalesce(due_on < $today, due_at <= $now)"
STATES: Final = {
    "open": f"({_WAITS} AND NOT ({_OVER}))",
    "overdue": f"({_WAITS} AND {_OVER})",
    "kept": "outcome = 'kept'",
    "late": "outcome = 'late'",
    "broken": f"((outcome = 'broken' AND broken_on IS NOT NULL) OR ({_WAITS} AND {_OVER}))",
    "released": "outcome = 'released'",
    "vague": f"({_WAITS} AND vague)",
}
"""The states one can ask for, as SQL; `broken` has all that was not kept, also what is still waited for."""

_TYPES: Final = json.dumps([{"place": "BIGINT", **COLUMNS}])
_NEW: Final = 10**15
"""Where promises stand that the figures do not have yet: after all others."""


@dataclass(frozen=True)
class Wanted:
    """Which promises are asked for; what is empty leaves nothing out.

    `ids` are promises by name, `by` those of one colleague, whom the entries may also call `member`.
    """

    kind: str = ""
    state: str = ""
    due_from: date | None = None
    due_to: date | None = None
    channel: str = ""
    rule: str = ""
    ids: tuple[str, ...] | None = None
    by: tuple[str, ...] | None = None
    member: str = ""


@dataclass(frozen=True)
class _Where:
    """A condition in SQL and what stands in it."""

    sql: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Book:
    """The promises of some figures, as they stand at a moment."""

    reader: Reader
    moment: Moment
    pending: Sequence[Pending] = field(default=())

    @cached_property
    def changed(self) -> dict[int, dict[str, Any]]:
        """The promises that acts lie over, by their place in the figures; those made since come after all others."""
        by_promise: dict[str, list[Pending]] = {}
        for act in self.pending:
            if act.promise_id and act.kind.startswith("promise."):
                by_promise.setdefault(act.promise_id, []).append(act)
        there = {row["promise_id"]: row for row in _rows_of(self.reader, list(by_promise))}
        found: dict[int, dict[str, Any]] = {}
        for number, (name, some) in enumerate(by_promise.items()):
            row = laid(there.get(name), some, moment=self.moment)
            if row is not None:
                found[there[name]["place"] if name in there else _NEW + number] = row
        return found

    def count(self, wanted: Wanted) -> int:
        """Return how many promises are asked for."""
        where = self._where(wanted)
        row = self.reader.row(
            f"""WITH {_laid()}
            SELECT (SELECT count(*) FROM promises WHERE {where.sql})
                - (SELECT count(*) FROM promises WHERE rowid IN (SELECT place FROM laid) AND {where.sql})
                + (SELECT count(*) FROM laid WHERE {where.sql}) AS count""",
            {**where.parameters, **self._told},
        )
        return int(row["count"]) if row else 0

    def page(self, wanted: Wanted, *, sort: str, down: bool, offset: int, size: int) -> list[Promise]:
        """Return some of the promises asked for, in an order; those without what they are sorted by come last."""
        where = self._where(wanted)
        order = f"{SORTS[sort]} {'DESC' if down else 'ASC'} NULLS LAST, place"
        # First only where they stand, which is soon found; then what those few say.
        places = self.reader.rows(
            f"""WITH {_laid()},
            found AS (
                SELECT rowid AS place, {SORTS[sort]} FROM promises WHERE {where.sql} ORDER BY {order} LIMIT $most)
            SELECT place FROM (
                SELECT place, {SORTS[sort]} FROM found WHERE place NOT IN (SELECT place FROM laid)
                UNION ALL SELECT place, {SORTS[sort]} FROM laid WHERE {where.sql})
            ORDER BY {order} LIMIT $size OFFSET $offset""",
            {
                **where.parameters,
                **self._told,
                "most": offset + size + len(self.changed),
                "size": size,
                "offset": offset,
            },
        )
        return self._at([row["place"] for row in places])

    def all(self, wanted: Wanted, *, sort: str, down: bool) -> Iterator[Promise]:
        """Return every promise asked for, one after the other, in an order."""
        where = self._where(wanted)
        columns = ", ".join(COLUMNS)
        rows = self.reader.stream(
            f"""WITH {_laid()}
            SELECT * FROM (
                SELECT rowid AS place, {columns} FROM promises
                WHERE rowid NOT IN (SELECT place FROM laid) AND {where.sql}
                UNION ALL SELECT place, {columns} FROM laid WHERE {where.sql})
            ORDER BY {SORTS[sort]} {"DESC" if down else "ASC"} NULLS LAST, place""",
            {**where.parameters, **self._told},
        )
        return (promise_of(row, moment=self.moment, held=row["place"] in self.changed) for row in rows)

    def some(self, promise_ids: Sequence[str]) -> dict[str, Promise]:
        """Return those of some promises that there are, by their name."""
        wanted = set(promise_ids)
        held = {row["promise_id"]: row for row in self.changed.values() if row["promise_id"] in wanted}
        others = _rows_of(self.reader, [name for name in dict.fromkeys(promise_ids) if name not in held])
        found = {name: promise_of(row, moment=self.moment, held=True) for name, row in held.items()}
        return found | {row["promise_id"]: promise_of(row, moment=self.moment) for row in others}

    def found(self, *, of: Sequence[str], number: str) -> tuple[str, ...]:
        """Return the names of the promises made to some customers or about the order of a number."""
        theirs = "SELECT promise_id FROM promises_of WHERE user_key IN (SELECT unnest($of::VARCHAR[]))"
        rows = self.reader.rows(theirs, {"of": list(of)}) if of else []
        about = (f"order:{number}", f"order:#{number}", number)
        if number:
            rows += self._about(number, about=about)
        held = [row["promise_id"] for row in self.changed.values() if row["user_key"] in of or row["subject"] in about]
        return tuple(dict.fromkeys([*(row["promise_id"] for row in rows), *held]))

    def _about(self, number: str, *, about: Sequence[str]) -> list[dict[str, Any]]:
        """Return the promises about an order; by whose it is, where that is known, since that is soon found."""
        known = self.reader.rows("SELECT subject, user_key FROM subjects WHERE number = $number", {"number": number})
        keys = [row["user_key"] for row in known]
        if known and None not in keys:
            where = "user_key IN (SELECT unnest($keys::VARCHAR[])) AND list_contains($about, subject)"
            told = {"keys": keys, "about": [row["subject"] for row in known]}
            return self.reader.rows(f"SELECT promise_id FROM promises_of WHERE {where}", told)
        where = " OR ".join(f"subject = $about_{place}" for place in range(len(about)))
        names = {f"about_{place}": each for place, each in enumerate(about)}
        return self.reader.rows(f"SELECT promise_id FROM promises WHERE {where}", names)

    def of_customer(self, user_key: str) -> tuple[Promise, ...]:
        """Return the promises made to one customer, the latest due first."""
        rows = self.reader.rows(
            f"SELECT {', '.join(COLUMNS)} FROM promises_of WHERE user_key = $key", {"key": user_key}
        )
        held = {row["promise_id"]: row for row in self.changed.values() if row["user_key"] == user_key}
        kept = [promise_of(row, moment=self.moment) for row in rows if row["promise_id"] not in held]
        made = [*kept, *(promise_of(row, moment=self.moment, held=True) for row in held.values())]
        return tuple(sorted(made, key=lambda each: (each.due_at or datetime.min, each.made_at), reverse=True))

    def _at(self, places: Sequence[int]) -> list[Promise]:
        wanted = [place for place in places if place not in self.changed]
        columns = ", ".join(COLUMNS)
        rows = self.reader.rows(
            f"SELECT rowid AS place, {columns} FROM promises WHERE rowid IN (SELECT unnest($places::BIGINT[]))",
            {"places": wanted},
        )
        there = {row["place"]: row for row in rows}
        return [
            promise_of(self.changed.get(place) or there[place], moment=self.moment, held=place in self.changed)
            for place in places
        ]

    @cached_property
    def _told(self) -> dict[str, str]:
        return {"laid": as_json([{"place": place, **row} for place, row in self.changed.items()])}

    def _where(self, wanted: Wanted) -> _Where:
        """Return the condition; a parameter that no part of it names is not told, as DuckDB wants it."""
        parts: list[str] = ["true"]
        told: dict[str, Any] = {}
        for name, value in (("promise_kind", wanted.kind), ("channel", wanted.channel), ("rule", wanted.rule)):
            if value:
                parts.append(f"{name} = ${name}")
                told[name] = value
        if wanted.state in STATES:
            parts.append(STATES[wanted.state])
            moments = {"today": self.moment.today, "now": self.moment.naive}
            told |= {name: value for name, value in moments.items() if f"${name}" in parts[-1]}
        for name, sign, day in (("due_from", ">=", wanted.due_from), ("due_to", "<=", wanted.due_to)):
            if day is not None:
                parts.append(f"due_day {sign} ${name}")
                told[name] = day
        if wanted.ids is not None:
            parts.append("id_hash IN (SELECT hash(unnest($ids::VARCHAR[])))")
            told["ids"] = list(wanted.ids)
        if wanted.by is not None:
            parts.append("(id_hash IN (SELECT hash(unnest($by::VARCHAR[]))) OR member = $member)")
            told |= {"by": list(wanted.by), "member": wanted.member}
        return _Where(" AND ".join(parts), told)


def book_of(reader: Reader, *, moment: Moment) -> Book:
    """Return the book of some figures with all that was done since laid over it."""
    return Book(reader, moment, acts.pending(reader.number))


def promises_of(reader: Reader, user_key: str, *, now: datetime, timezone: str | None) -> tuple[Promise, ...]:
    """Return the promises made to one customer as they stand now, the latest due first."""
    return book_of(reader, moment=Moment(now, timezone)).of_customer(user_key)


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as the JSON that DuckDB makes a table of again."""
    return json.dumps(rows, ensure_ascii=False, default=lambda value: value.isoformat())


def _laid() -> str:
    rows = f"SELECT unnest(from_json($laid::JSON, '{_TYPES}'), recursive := true)"
    return f"laid AS (SELECT *, hash(promise_id) AS id_hash FROM ({rows}))"


def _rows_of(reader: Reader, promise_ids: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in ("place", *COLUMNS)} for row in reader.promises(promise_ids)]
