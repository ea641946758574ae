"""One customer as the figures have them: our record with them, the promises, what they allow, what happened when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from keptword.core.red_lines import MARKETING
from keptword.figures.reading import Reader
from keptword.web import spoken
from keptword.web.keyed import reached
from keptword.words import Words

MOST: Final = 200
"""Promises shown of one customer: with more than that, the file of everything is the better place to look."""

_CONSENTS: Final = ("list.subscribed", "consent.given", "consent.withdrawn")


@dataclass(frozen=True)
class Promise:
    """One promise to a customer, as people read it; `days` is how late it came, or how long it has been due."""

    address: str
    name: str
    about: str
    made_on: date
    due_day: date | None
    kept_on: date | None
    state: str
    outcome: str
    days: int | None


@dataclass(frozen=True)
class Promises:
    """The promises to a customer: what they wait for, what was late or not kept, what was kept, and called off."""

    waiting: tuple[Promise, ...]
    failed: tuple[Promise, ...]
    kept: tuple[Promise, ...]
    released: tuple[Promise, ...]
    more: int


@dataclass(frozen=True)
class Happened:
    """One entry of a customer in people's words."""

    said: str
    about: str
    address: str
    channel: str
    stars: str


@dataclass(frozen=True)
class Day:
    """What happened on one day, the newest first."""

    on: date
    entries: tuple[Happened, ...]


@dataclass(frozen=True)
class Consent:
    """Something a customer allowed or took back, and when."""

    on: date
    said: str
    about: str
    allows: bool


def known(reader: Reader | None, user_key: str) -> Mapping[str, Any] | None:
    """Return the row of `people` of a customer; None where nobody has this key."""
    if reader is None:
        return None
    return reader.row("SELECT * FROM people WHERE user_key = $key", {"key": user_key})


def promises(reader: Reader, user_key: str, *, today: date, words: Words) -> Promises:
    """Return the promises to a customer, those of each kind of standing the newest first; at most `MOST`."""
    rows = reader.rows(
        "SELECT promise_id, promise_kind, subject, said, made_on, due_day, kept_on, outcome, vague, made_at, due_at"
        " FROM promises_of WHERE user_key = $key ORDER BY coalesce(due_at, made_at) DESC, promise_id",
        {"key": user_key},
    )
    told = [_promise(row, today=today, words=words) for row in rows[:MOST]]
    return Promises(
        waiting=tuple(each for each in reversed(told) if each.state in ("open", "vague")),
        failed=tuple(each for each in told if each.state in ("late", "broken")),
        kept=tuple(each for each in told if each.state == "kept"),
        released=tuple(each for each in told if each.state == "released"),
        more=max(len(rows) - MOST, 0),
    )


def _promise(row: Mapping[str, Any], *, today: date, words: Words) -> Promise:
    state = "vague" if row["vague"] and row["outcome"] == "open" else row["outcome"]
    due = row["due_day"]
    until = row["kept_on"] if row["outcome"] == "late" else today
    return Promise(
        address=reached("promises.promise", promise_id=row["promise_id"]),
        name=spoken.short(row["said"] or "") or spoken.promise(words, row["promise_kind"]),
        about=spoken.about(words, row["subject"]),
        made_on=row["made_on"],
        due_day=due,
        kept_on=row["kept_on"],
        state=state,
        outcome=spoken.outcome(words, state),
        days=(until - due).days if due and until and row["outcome"] in ("late", "broken") else None,
    )


def entries_count(reader: Reader, user_key: str) -> int:
    """Return how many entries of a customer are listed."""
    row = reader.row("SELECT count(*) AS count FROM entries_of WHERE user_key = $key", {"key": user_key})
    return int(row["count"]) if row else 0


def entries(reader: Reader, user_key: str, *, limit: int, offset: int, down: bool) -> list[dict[str, Any]]:
    """Return entries of a customer, the newest first where `down`."""
    order = "DESC" if down else "ASC"
    return reader.rows(
        "SELECT occurred_at, occurred_on, kind, subject, promise_id, channel, score, source FROM entries_of"
        f" WHERE user_key = $key ORDER BY occurred_at {order}, kind, subject LIMIT $limit OFFSET $offset",
        {"key": user_key, "limit": limit, "offset": offset},
    )


def days(rows: Sequence[Mapping[str, Any]], *, words: Words) -> tuple[Day, ...]:
    """Return entries by day, in their order; what several of a day have in common is said once.

    Amounts are left out: what somebody spent is no part of how we kept our word to them.
    """
    by_day: Iterator[tuple[date, Iterator[Mapping[str, Any]]]] = groupby(rows, key=itemgetter("occurred_on"))
    return tuple(Day(on, tuple(_happened(row, words=words) for row in some)) for on, some in by_day)


def _happened(row: Mapping[str, Any], *, words: Words) -> Happened:
    promise_id = row["promise_id"]
    return Happened(
        said=spoken.entry(words, row["kind"]),
        about=spoken.about(words, row["subject"]),
        address=reached("promises.promise", promise_id=promise_id) if promise_id else "",
        channel=spoken.channel(words, row["channel"]),
        stars="" if row["score"] is None else words.say("customers.score", score=round(100 * row["score"])),
    )


def consents(reader: Reader, user_key: str, *, words: Words) -> tuple[Consent, ...]:
    """Return what a customer allowed and took back, the newest first."""
    rows = reader.rows(
        "SELECT occurred_on, kind, subject FROM entries_of WHERE user_key = $key AND kind IN (SELECT unnest($kinds))"
        " ORDER BY occurred_at DESC LIMIT 50",
        {"key": user_key, "kinds": list(_CONSENTS)},
    )
    return tuple(
        Consent(
            row["occurred_on"],
            spoken.entry(words, row["kind"]),
            spoken.about(words, row["subject"]),
            row["kind"] != "consent.withdrawn",
        )
        for row in rows
    )


def offers(reader: Reader, user_key: str) -> tuple[str, datetime | None]:
    """Say whether a customer may be sent offers, by their newest word on it, and when they said it.

    `allowed`, `refused`, or `unknown` where no entry says so either way.
    """
    row = reader.row(
        "SELECT kind, occurred_at FROM entries_of WHERE user_key = $key AND (kind = 'list.subscribed' OR"
        " (kind IN ('consent.given', 'consent.withdrawn') AND subject IN (SELECT unnest($about))))"
        " ORDER BY occurred_at DESC LIMIT 1",
        {"key": user_key, "about": list(MARKETING)},
    )
    if row is None:
        return "unknown", None
    return ("refused" if row["kind"] == "consent.withdrawn" else "allowed"), row["occurred_at"]
