"""The door: facts posted as lines of JSON are checked and accepted durably, or laid aside with the reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from django.db import connection, transaction

from keptword.core.calendars.zones import zone
from keptword.intake import database
from keptword.intake.checking import Fact, Refused, canonical, checked
from keptword.intake.comparing import difference, digest, text_digest

AT_ONCE: Final = 100
"""Lines accepted by one transaction: each waits for the disk once."""

_ACCEPT: Final = (
    "INSERT INTO intake_waiting (fact_id, content, batch_id) VALUES (%s, %s, NULL) ON CONFLICT (fact_id) DO NOTHING"
)
_LAY_ASIDE: Final = (
    "INSERT INTO intake_quarantined (digest, content, reason, place, since) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT (digest) DO NOTHING"
)


_TAKEN_BACK: Final = "import.withdrawn"
# The numbers of imports are these books' own: told from outside, another import would be taken back than was meant.
_NOT_POSTED: Final = (
    "An import is taken back by a command and not by an entry, since its number means something only in its own books. "
    "If you mean import {0} of these: keptword import --undo {0}"
)


@dataclass(frozen=True)
class Posted:
    """How many lines were accepted, said nothing new, and were laid aside."""

    accepted: int = 0
    known: int = 0
    refused: int = 0

    def __add__(self, other: Posted) -> Posted:
        return Posted(self.accepted + other.accepted, self.known + other.known, self.refused + other.refused)

    @property
    def lines(self) -> int:
        """All of them."""
        return self.accepted + self.known + self.refused


@dataclass(frozen=True)
class Aside:
    """A line to lay aside: what it says in 32 bytes, as it came, why, and from where."""

    digest: str
    content: str
    reason: str
    place: str


def post(lines: Iterable[str], *, timezone: str | None, now: datetime, place: str = "line") -> Posted:
    """Accept facts, one JSON object a line as `keptword facts` writes them; empty lines are passed over.

    What comes back is durable: what was accepted waits for the journal, what was refused lies in quarantine with the
    reason in a sentence. `timezone` decides `occurred_on` where it is not given, `now` is `recorded_at` where that is
    not, `place` names where the lines come from. Raises `KeptwordError` where the database does not take them.
    """
    return sum(posting(lines, timezone=timezone, now=now, place=place), start=Posted())


def posting(lines: Iterable[str], *, timezone: str | None, now: datetime, place: str = "line") -> Iterator[Posted]:
    """Accept facts as `post` does, and give a `Posted` for each hundred lines once they are durable."""
    here, moment = zone(timezone), stamped(now)
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line and not line.isspace())
    while some := list(islice(numbered, AT_ONCE)):
        facts, asides = sorted_out(some, zone=here, now=moment, place=place)
        with database.troubles(), transaction.atomic(durable=True):
            done = accept(facts, asides=asides, now=now)
        yield done


def stamped(moment: datetime) -> str:
    """Return a moment as facts carry it: in UTC, with microseconds and a Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def sorted_out(
    lines: Iterable[tuple[int, str]], *, zone: tzinfo, now: str, place: str
) -> tuple[list[tuple[Fact, str]], list[Aside]]:
    """Return the facts, each with its line, and the lines that are none."""
    facts, asides = [], []
    for number, line in lines:
        try:
            fact = checked(line, zone=zone, now=now)
            if fact["kind"] == _TAKEN_BACK:
                raise Refused(_NOT_POSTED.format(fact["subject"].removeprefix("import:")))
            facts.append((fact, line))
        except Refused as refusal:
            text = line.strip()
            asides.append(Aside(text_digest(text), text, reason=str(refusal), place=f"{place} {number}"))
    return facts, asides


def accept(facts: list[tuple[Fact, str]], *, asides: list[Aside], now: datetime) -> Posted:
    """Write facts to those that wait and the rest to quarantine; the caller's transaction makes it durable."""
    new = _written(fact for fact, _ in facts)
    contradicting: list[Aside] = []
    if new < len(facts):
        waiting = _those_waiting(facts)
        # On a server, one that was there a moment ago may have gone into the journal since: then this one waits.
        while gone := [fact for fact, _ in facts if fact["fact_id"] not in waiting]:
            new += _written(gone)
            waiting = _those_waiting(facts)
        contradicting = _contradicting(facts, waiting)
    lay_aside([*asides, *contradicting], now=now)
    return Posted(new, len(facts) - new - len(contradicting), len(asides) + len(contradicting))


def _written(facts: Iterable[Fact]) -> int:
    """Let facts wait, but for those whose id waits already, and return how many are new."""
    # In the order of their ids, so that of two who post the same at once neither waits for the other.
    rows = sorted(((fact["fact_id"], canonical(fact)) for fact in facts), key=itemgetter(0))
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(_ACCEPT, rows)
        return int(cursor.rowcount)


def _those_waiting(facts: list[tuple[Fact, str]]) -> dict[str, Fact]:
    """Return what waits under the ids of these facts.

    Looked for after the insert, so that what another process posted at the same moment is seen too.
    """
    names = sorted({fact["fact_id"] for fact, _ in facts})
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(names))
        cursor.execute(f"SELECT fact_id, content FROM intake_waiting WHERE fact_id IN ({marks})", names)
        return {fact_id: json.loads(content) for fact_id, content in cursor.fetchall()}


def _contradicting(facts: list[tuple[Fact, str]], waiting: dict[str, Fact]) -> list[Aside]:
    """Return the facts that say something else than the one of the same id that waits."""
    found = []
    for fact, _ in facts:
        reason = difference(waiting[fact["fact_id"]], fact)
        if reason:
            found.append(Aside(digest(fact), canonical(fact), reason=reason, place=fact["source"]))
    return found


def lay_aside(asides: list[Aside], *, now: datetime) -> None:
    """Write lines to quarantine; one that lies there already is not written again."""
    if not asides:
        return
    since = connection.ops.adapt_datetimefield_value(now)
    rows: list[tuple[Any, ...]] = [
        (aside.digest, _storable(aside.content), _storable(aside.reason), _storable(aside.place), since)
        for aside in asides
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_LAY_ASIDE, rows)


def _storable(text: str) -> str:
    """Return a text as a database takes it: stray bytes and zeros written out."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
