"""One customer as the figures have them: our record with them, the promises, what they allow, what happened when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from keptword.core.red_line_kinds import MARKETING
from keptword.figures.reading import Reader
from keptword.web import spoken
from keptword.web.desk.promises.listed import mark, said_state
from keptword.web.keeping.book import promises_of
from keptword.web.keeping.standing import Promise as Standing
from keptword.web.keeping.telling import Teller, teller
from keptword.web.keyed import reached
from keptword.words import Words

CONSENTS_SHOWN: Final = 50
MOST: Final = 200
"""Promises shown of one customer: with more than that, the file of everything is the better place to look."""

_CONSENTS: Final = ("list.subscribed", "consent.given", "consent.withdrawn")


@dataclass(frozen=True)
class Promise:
    """One promise to a customer, as people read it; `mark` is the style of how it stands."""

    address: str
    what: str
    about: str
    due_day: date | None
    kept_on: date | None
    mark: str
    state: str


@dataclass(frozen=True)
class Promises:
    """The promises to a customer as they stand now: what they wait for, what was late or not kept, the rest.

    The counts are of all: `due` have fallen due, and `kept`, `late` and `not_kept` of these were that; `waiting` have
    not fallen due. `more` are too old to be shown.
    """

    waits: tuple[Promise, ...] = ()
    failed: tuple[Promise, ...] = ()
    done: tuple[Promise, ...] = ()
    made: int = 0
    due: int = 0
    kept: int = 0
    late: int = 0
    not_kept: int = 0
    waiting: int = 0
    more: int = 0


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


def promises(reader: Reader, user_key: str, *, now: datetime, timezone: str | None, words: Words) -> Promises:
    """Return the promises to a customer as they stand now, the newest due first.

    At most `MOST` of them are shown; what the customer waits for goes before what is settled.
    """
    every = promises_of(reader, user_key, now=now, timezone=timezone)
    counts = Counter(each.state for each in every)
    speaker = teller(reader, words=words, user_keys=())
    some = sorted(every, key=lambda each: each.state not in ("overdue", "open"))[:MOST]

    def those(*states: str) -> tuple[Promise, ...]:
        return tuple(_promise(each, speaker=speaker) for each in some if each.state in states)

    not_kept = counts["broken"] + counts["overdue"]
    return Promises(
        waits=(*those("overdue"), *those("open")[::-1]),
        failed=those("late", "broken"),
        done=those("kept", "released"),
        made=len(every),
        due=counts["kept"] + counts["late"] + not_kept,
        kept=counts["kept"],
        late=counts["late"],
        not_kept=not_kept,
        waiting=counts["open"],
        more=len(every) - len(some),
    )


def _promise(each: Standing, *, speaker: Teller) -> Promise:
    return Promise(
        address=reached("promises.promise", promise_id=each.promise_id),
        what=speaker.what(each),
        about=speaker.about(each.subject),
        due_day=each.due_day,
        kept_on=each.kept_on,
        mark=mark(each),
        state=said_state(speaker.words, each),
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


def permissions(reader: Reader, user_key: str) -> list[dict[str, Any]]:
    """Return the entries by which a customer allowed something or took it back, the newest first."""
    return reader.rows(
        "SELECT occurred_on, kind, subject FROM entries_of WHERE user_key = $key AND kind IN (SELECT unnest($kinds))"
        " ORDER BY occurred_at DESC",
        {"key": user_key, "kinds": list(_CONSENTS)},
    )


def consents(rows: Sequence[Mapping[str, Any]], *, words: Words) -> tuple[Consent, ...]:
    """Return the newest of what a customer allowed and took back."""
    return tuple(
        Consent(
            row["occurred_on"],
            spoken.entry(words, row["kind"]),
            spoken.about(words, row["subject"]),
            row["kind"] != "consent.withdrawn",
        )
        for row in rows[:CONSENTS_SHOWN]
    )


def offers(rows: Sequence[Mapping[str, Any]]) -> tuple[str, date | None]:
    """Say whether a customer may be sent offers, by their newest word on it, and when they said it.

    `allowed`, `refused`, or `unknown` where no entry says so either way.
    """
    for row in rows:
        if row["kind"] == "list.subscribed" or row["subject"] in MARKETING:
            return ("refused" if row["kind"] == "consent.withdrawn" else "allowed"), row["occurred_on"]
    return "unknown", None
