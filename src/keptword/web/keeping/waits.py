"""Who waits now: promises not kept yet, soonest due first, then most often let down, and messages without an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from keptword.core.red_line_kinds import OWED_FROM_MADE
from keptword.figures.reading import Reader
from keptword.web.keeping.book import Book, as_json, book_of
from keptword.web.keeping.standing import COLUMNS, LONGEST_WAIT_DAYS, Moment, state_of

CONVERSATION: Final = "conversation"
"""The kind that messages without an answer are asked for by."""

ANSWERS: Final = ("contact.replied", "contact.resolved")

WHEN: Final = {
    "overdue": "NOT vague AND coalesce(due_on < $today, due_at <= $now)",
    "today": "due_day = $today AND NOT coalesce(due_on < $today, due_at <= $now)",
    "week": "due_day >= $today AND due_day < $today + 7 AND NOT coalesce(due_on < $today, due_at <= $now)",
    "unanswered": "what = 'conversation'",
}
"""When somebody waits for, as SQL: past its day, due today, within seven days; and messages without an answer."""

OWED: Final = f"what = 'conversation' OR ({WHEN['overdue']}) OR list_contains($owed, promise_kind)"
"""Whom we owe something, however long ago: nobody is to get an offer (core/red_lines.py looks whether one did)."""

SORTS: Final = {
    "due": "due_at {way} NULLS LAST, let_down DESC, since_on, row_name",
    "let_down": "let_down {way}, due_at NULLS LAST, since_on, row_name",
    "since": "since_on {way}, due_at NULLS LAST, row_name",
}
"""What the list can be sorted by. Never by money."""

FILTERS: Final = ("kind", "carrier", "country", "channel")

_READ: Final = (
    *("promise_id", "promise_kind", "user_key", "subject", "made_at", "made_on", "due_at", "due_on", "due_day"),
    *("broken_on", "vague", "outcome", "rule_id", "said", "channel", "carrier", "country"),
)
_TYPES: Final = json.dumps(
    [
        {"what": "VARCHAR", **{name: COLUMNS[name] for name in _READ}, "since_on": "DATE", "let_down": "INTEGER"}
        | {"long_ago": "BOOLEAN"}
    ]
)


@dataclass(frozen=True)
class Wait:
    """One thing somebody waits for; `name` tells it in forms: `p:` and a promise, or `c:` and a conversation.

    `days_late` is None where it is not due yet, or has no day; `let_down` counts other promises to them that failed.
    """

    name: str
    kind: str
    promise_id: str
    user_key: str
    subject: str
    due_at: datetime | None
    due_on: date | None
    due_day: date | None
    since_on: date
    rule_id: str
    said: str
    channel: str
    carrier: str
    country: str
    let_down: int
    days_late: int | None
    waited_days: int

    @property
    def is_conversation(self) -> bool:
        """Whether it is a message without an answer, and no promise."""
        return not self.promise_id


@dataclass(frozen=True)
class Counts:
    """How many wait: in all, past their day, due today, due within a week, for an answer; and how many customers."""

    all: int
    overdue: int
    today: int
    week: int
    unanswered: int
    people: int
    let_down: int


@dataclass(frozen=True)
class Together:
    """Some that wait, added up: how many, of how many customers, how many of those let down before; of which kinds.

    `longest` is what the one is about that has waited longest, `days` for how long.
    """

    count: int
    people: int
    let_down: int
    kinds: tuple[str, ...]
    longest: str
    days: int


@dataclass(frozen=True)
class Waits:
    """All that is waited for at a moment, by some figures and what was done since."""

    book: Book

    @property
    def moment(self) -> Moment:
        """The moment it is told for."""
        return self.book.moment

    def counts(self, filters: Mapping[str, str]) -> Counts:
        """Return how many wait, filtered as told but for when."""
        kept = {name: value for name, value in filters.items() if name != "when"}
        where, told = self._where(kept)
        parts = ", ".join(f'count(*) FILTER ({condition}) AS "{name}"' for name, condition in WHEN.items())
        row = self._rows(
            f'SELECT count(*) AS "all", {parts}, count(DISTINCT user_key) AS people,'
            f" count(DISTINCT user_key) FILTER (let_down > 0) AS let_down FROM waits WHERE {where}",
            told | {"now": self.moment.naive, "today": self.moment.today},
        )[0]
        return Counts(**row)

    def together(self, filters: Mapping[str, str]) -> Together:
        """Return those asked for, added up."""
        where, told = self._where(filters)
        row = self._rows(
            "SELECT count(*) AS count, count(DISTINCT user_key) AS people,"
            " count(DISTINCT user_key) FILTER (let_down > 0) AS let_down, list(DISTINCT promise_kind) AS kinds,"
            " arg_min(coalesce(subject, said, ''), (since_on, row_name)) AS longest, min(since_on) AS since_on"
            f" FROM waits WHERE {where}",
            told,
        )[0]
        since = row.pop("since_on")
        kinds, longest = tuple(sorted(row.pop("kinds") or ())), row.pop("longest") or ""
        return Together(**row, kinds=kinds, longest=longest, days=(self.moment.today - since).days if since else 0)

    def owed_people(self) -> int:
        """Return how many customers we owe something, however long ago."""
        told = {"owed": list(OWED_FROM_MADE), "today": self.moment.today, "now": self.moment.naive}
        row = self._rows(f"SELECT count(DISTINCT user_key) AS people FROM owing WHERE {OWED}", told)[0]
        return int(row["people"])

    def count(self, filters: Mapping[str, str]) -> int:
        """Return how many are asked for."""
        where, told = self._where(filters)
        return int(self._rows(f"SELECT count(*) AS count FROM waits WHERE {where}", told)[0]["count"])

    def page(self, filters: Mapping[str, str], *, sort: str, down: bool, offset: int, size: int) -> list[Wait]:
        """Return some of those asked for, in an order."""
        where, told = self._where(filters)
        order = SORTS[sort].format(way="DESC" if down else "ASC")
        rows = self._rows(
            f"SELECT * FROM waits WHERE {where} ORDER BY {order} LIMIT $size OFFSET $offset",
            told | {"size": size, "offset": offset},
        )
        return [self._wait(row) for row in rows]

    def all(self, filters: Mapping[str, str], *, sort: str, down: bool) -> Iterator[Wait]:
        """Return all of those asked for, in an order."""
        where, told = self._where(filters)
        order = SORTS[sort].format(way="DESC" if down else "ASC")
        sql = f"{self._with} SELECT * FROM waits WHERE {where} ORDER BY {order}"
        return (self._wait(row) for row in self.book.reader.stream(sql, told | self._told))

    def some(self, names: Sequence[str]) -> list[Wait]:
        """Return those of some rows, by their names in forms, that are still waited for."""
        if not names:
            return []
        where = "row_name IN (SELECT unnest($names::VARCHAR[]))"
        rows = self._rows(f"SELECT * FROM waits WHERE {where}", {"names": list(names)})
        found = {row["row_name"]: self._wait(row) for row in rows}
        return [found[name] for name in dict.fromkeys(names) if name in found]

    def of_product(self, name: str, *, most: int) -> list[Wait]:
        """Return the promises about orders with a product that are waited for, soonest due first."""
        about = "SELECT subject FROM subjects WHERE list_contains(products, $name)"
        order = SORTS["due"].format(way="ASC")
        rows = self._rows(
            f"SELECT * FROM waits WHERE what = 'promise' AND subject IN ({about}) ORDER BY {order} LIMIT $most",
            {"name": name, "most": most},
        )
        return [self._wait(row) for row in rows]

    def of_customer(self, user_key: str) -> list[Wait]:
        """Return what one customer waits for, soonest due first."""
        order = SORTS["due"].format(way="ASC")
        rows = self._rows(f"SELECT * FROM waits WHERE user_key = $key ORDER BY {order}", {"key": user_key})
        return [self._wait(row) for row in rows]

    def owed(self) -> Iterator[Wait]:
        """Return what we owe to people who are known, however long ago, by customer, longest waited for first."""
        sql = f"{self._with} SELECT * FROM owing WHERE user_key IS NOT NULL AND ({OWED}) ORDER BY user_key, since_on"
        told = {"owed": list(OWED_FROM_MADE), "today": self.moment.today, "now": self.moment.naive}
        return (self._wait(row) for row in self.book.reader.stream(sql, told | self._told))

    def choices(self) -> dict[str, list[str]]:
        """Return what one can filter by: the kinds, carriers, countries and channels there are, by name of filter."""
        rows = self.book.reader.rows("SELECT DISTINCT what, promise_kind, carrier, country, channel FROM waiting")
        kinds = {CONVERSATION if row["what"] == CONVERSATION else row["promise_kind"] for row in rows}
        others = {name: sorted({row[name] for row in rows if row[name]}) for name in FILTERS[1:]}
        return {"kind": sorted(kinds), **others}

    def _rows(self, sql: str, told: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self.book.reader.rows(f"{self._with} {sql}", {**told, **self._told})

    def _wait(self, row: Mapping[str, Any]) -> Wait:
        today = self.moment.today
        late = row["what"] == "promise" and state_of(row, moment=self.moment) == "overdue"
        return Wait(
            name=row["row_name"],
            kind=row["promise_kind"],
            promise_id=row["promise_id"] or "",
            user_key=row["user_key"] or "",
            subject=row["subject"] or "",
            due_at=row["due_at"],
            due_on=row["due_on"],
            due_day=row["due_day"],
            since_on=row["since_on"],
            rule_id=row["rule_id"] or "",
            said=row["said"] or "",
            channel=row["channel"] or "",
            carrier=row["carrier"] or "",
            country=row["country"] or "",
            let_down=row["let_down"],
            days_late=(today - row["due_day"]).days if late else None,
            waited_days=(today - row["since_on"]).days,
        )

    def _where(self, filters: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        parts: list[str] = ["true"]
        told: dict[str, Any] = {}
        for name in FILTERS[1:]:
            if filters.get(name):
                parts.append(f"{name} = ${name}")
                told[name] = filters[name]
        kind = filters.get("kind")
        if kind:
            parts.append(
                "what = 'conversation'" if kind == CONVERSATION else "what = 'promise' AND promise_kind = $kind"
            )
            told |= {} if kind == CONVERSATION else {"kind": kind}
        if filters.get("when") in WHEN:
            parts.append(WHEN[filters["when"]])
        condition = " AND ".join(f"({part})" for part in parts)
        moments = {"today": self.moment.today, "now": self.moment.naive}
        return condition, told | {name: value for name, value in moments.items() if f"${name}" in condition}

    @cached_property
    def _laid(self) -> list[dict[str, Any]]:
        """The promises that something was done about since and that are still to be kept, as rows of `waiting`."""
        since = self.moment.today - timedelta(days=LONGEST_WAIT_DAYS)
        states = {name: state_of(row, moment=self.moment) for name, row in self.book.changed.items()}
        rows = [row for name, row in self.book.changed.items() if states[name] in ("open", "overdue")]
        let_down = self._let_down(rows)
        return [
            {
                **{name: row[name] for name in _READ},
                "what": "promise",
                "since_on": row["made_on"],
                "let_down": let_down.get(row["promise_id"], 0),
                "long_ago": row["due_day"] is not None and row["due_day"] < since,
            }
            for row in rows
        ]

    def _let_down(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        """Return how often those who wait for these promises were let down before, by promise."""
        if not rows:
            return {}
        reader, ids = self.book.reader, [row["promise_id"] for row in rows]
        keys = [row["user_key"] for row in rows if row["user_key"]]
        there = reader.rows(
            "SELECT promise_id, let_down FROM waiting WHERE list_contains($ids, promise_id)", {"ids": ids}
        )
        people = reader.rows(
            "SELECT user_key, late + broken AS failed FROM people WHERE user_key IN (SELECT unnest($keys::VARCHAR[]))",
            {"keys": keys},
        )
        failed = {row["user_key"]: row["failed"] for row in people}
        told = {row["promise_id"]: row["let_down"] for row in there}
        return {row["promise_id"]: failed.get(row["user_key"], 0) for row in rows} | told

    @cached_property
    def _gone(self) -> list[str]:
        """The rows of the figures that do not stand as they are there: promises changed, conversations answered."""
        answered: dict[str, datetime] = {}
        for act in self.book.pending:
            if act.kind in ANSWERS and act.subject:
                answered[act.subject] = act.at.astimezone(UTC).replace(tzinfo=None)
        rows = self.book.reader.rows(
            "SELECT subject, made_at FROM waiting WHERE what = 'conversation' AND list_contains($about, subject)",
            {"about": list(answered)},
        )
        changed = [f"p:{row['promise_id']}" for row in self.book.changed.values()]
        return [*changed, *(f"c:{row['subject']}" for row in rows if answered[row["subject"]] > row["made_at"])]

    @cached_property
    def _told(self) -> dict[str, Any]:
        return {"laid": as_json(self._laid), "gone": self._gone} if self.book.pending else {}

    @cached_property
    def _with(self) -> str:
        columns = ", ".join(("what", *_READ, "since_on", "let_down"))
        name = "CASE what WHEN 'promise' THEN 'p:' || promise_id ELSE 'c:' || subject END AS row_name"
        waiting, owing = (f"SELECT {columns}, {name} FROM {table}" for table in ("waiting", "still_owed"))
        if not self.book.pending:
            return f"WITH waits AS ({waiting}), owing AS (FROM waits UNION ALL {owing})"
        stays = "row_name NOT IN (SELECT unnest($gone::VARCHAR[]))"
        laid = f"SELECT {columns}, {name} FROM laid WHERE"
        return f"""
            WITH laid AS (SELECT unnest(from_json($laid::JSON, '{_TYPES}'), recursive := true)),
            waits AS (SELECT * FROM ({waiting}) WHERE {stays} UNION ALL {laid} NOT long_ago),
            owing AS (FROM waits UNION ALL SELECT * FROM ({owing}) WHERE {stays} UNION ALL {laid} long_ago)
        """


def waits_of(reader: Reader, *, moment: Moment) -> Waits:
    """Return what is waited for by some figures, with all that was done since laid over them."""
    return Waits(book_of(reader, moment=moment))
