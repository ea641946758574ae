"""What colleagues do about promises: held for ten minutes, undone as a whole, then posted at the door exactly once."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from keptword.core.calendars import zone
from keptword.engines.duckdb import Engine, quoted
from keptword.intake import database, door, tombstones
from keptword.intake.checking import canonical, checked
from keptword.journal.table import Journal
from keptword.office.chosen import chosen
from keptword.office.models import Act, Member
from keptword.office.turns import one_at_a_time

HOLD: Final = timedelta(minutes=10)
"""For so long what was done can be taken back."""

UNTIL_SENT: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Held until the letter it goes with is sent; `letters` then lets it go, or takes it back."""

ENDS: Final = {
    "promise.kept": ("promise.kept", "promise.released"),
    "promise.released": ("promise.kept", "promise.released", "promise.broken"),
    "promise.broken": ("promise.kept", "promise.released", "promise.broken"),
    "promise.renegotiated": ("promise.kept", "promise.released", "promise.broken"),
    "contact.replied": ("contact.replied", "contact.resolved"),
    "contact.resolved": ("contact.replied", "contact.resolved"),
}
"""What cannot be done any more, by what was done before about the same promise or conversation."""

NAMED: Final = "name_colleagues"
"""The setting by which an owner lets entries say which colleague acted; without it they do not."""

_TURN: Final = "acts"
_GROUP: Final = re.compile(r"[0-9a-f]{32}")
_AT_ONCE: Final = 200
_LOOKED_UP: Final = 500


@dataclass(frozen=True)
class Intent:
    """One thing a colleague does: its kind, whom and what it concerns, and further columns of the fact."""

    kind: str
    user_key: str = ""
    promise_id: str = ""
    subject: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)

    @property
    def about(self) -> str:
        """What all that is done at once about one promise, or one conversation, has in common."""
        return self.promise_id or self.subject


@dataclass(frozen=True)
class Clash:
    """What was not done because somebody had done it, or called it off, just before: about what, by whom, when."""

    about: str
    kind: str
    member: str
    own: bool
    at: datetime


@dataclass(frozen=True)
class Recorded:
    """What came of it: the name all of it is undone by, how many things were done, and what others had done before.

    `again` says that this group had been recorded before, and nothing now.
    """

    group: str
    done: tuple[str, ...]
    clashes: tuple[Clash, ...]
    again: bool = False


@dataclass(frozen=True)
class Pending:
    """An act that some figures do not hold yet: its fact, as the door takes it, and who did it."""

    fact_id: str
    kind: str
    user_key: str
    promise_id: str
    fact: Mapping[str, Any]
    at: datetime
    member: str
    member_id: int | None
    group: str

    @property
    def subject(self) -> str:
        """What the fact is about."""
        return str(self.fact.get("subject", ""))


def new_group() -> str:
    """Return a name for what is done at once; a form that carries one is recorded once, however often it is sent."""
    return secrets.token_hex(16)


def group_of(sent: str) -> str:
    """Return the name that a form carries, a new one where it carries none."""
    return sent if _GROUP.fullmatch(sent) else new_group()


def record(
    intents: Sequence[Intent],
    *,
    by: Member,
    now: datetime,
    timezone: str | None,
    figures: int = 0,
    group: str = "",
    hold: bool = True,
) -> Recorded:
    """Hold what a colleague does, to be posted in ten minutes unless it is undone; `hold=False`: once a letter is sent.

    What another act has ended before (`ENDS`) is left out with all that goes with it, and told as a clash; acts that
    the figures of that number hold are not looked at, since whoever asks knows what they say. A group that is there
    already is not recorded again. Raises `checking.Refused` with the reason where one of them is no fact, and
    `KeptwordError` where one is about somebody who was erased.
    """
    tombstones.refuse(intent.user_key for intent in intents)
    group = group or new_group()
    with database.troubles(), one_at_a_time(_TURN):
        there = Act.objects.filter(group=group)
        if there.filter(undone_at__isnull=True).exists():
            return Recorded(group, (), (), again=True)
        if there.exists():
            group = new_group()
        before = pending(figures, about=(intent.about for intent in intents))
        clashes = _clashes(intents, before=before, by=by)
        told = {clash.about for clash in clashes}
        doing = [intent for intent in intents if intent.about not in told]
        latest = max((act.at for act in before), default=now)
        # A clock that was set back puts nothing before what it follows.
        at = max(now, latest + timedelta(microseconds=1)) if before else now
        facts = [
            _fact(intent, name=f"desk:{group}:{place}", by=by, at=at, now=now, timezone=timezone)
            for place, intent in enumerate(doing)
        ]
        until = now + HOLD if hold else UNTIL_SENT
        Act.objects.bulk_create(
            [
                Act(
                    fact_id=fact["fact_id"],
                    kind=intent.kind,
                    user_key=intent.user_key,
                    promise_id=intent.promise_id,
                    content=canonical(fact),
                    group=group,
                    member=by,
                    at=now,
                    hold_until=until,
                )
                for intent, fact in zip(doing, facts, strict=True)
            ]
        )
    return Recorded(group, tuple(dict.fromkeys(intent.about for intent in doing)), clashes)


def undo(group: str, *, now: datetime) -> int:
    """Take back all that was done at once, and return how many acts that were; 0 once the ten minutes are over."""
    with database.troubles(), one_at_a_time(_TURN):
        rows = Act.objects.filter(group=group, undone_at__isnull=True)
        if rows.filter(Q(posted_at__isnull=False) | Q(hold_until__lte=now)).exists():
            return 0
        return int(rows.update(undone_at=now))


def post_due(now: datetime) -> int:
    """Hand the acts whose ten minutes are over to the door, and return how many; for the background work.

    The fact and the mark that it is posted are written together or not at all. One that the door refuses lies aside
    with the reason, as every line that is no fact, and counts as undone.
    """
    due = Act.objects.filter(posted_at__isnull=True, undone_at__isnull=True, hold_until__lte=now)
    if not due.exists():
        return 0
    with database.troubles(), one_at_a_time(_TURN):
        some = list(due.order_by("pk").values_list("pk", "content")[:_AT_ONCE])
        lines = [(key, content) for key, content in some]
        facts, asides = door.sorted_out(lines, zone=UTC, now=door.stamped(now), place="desk")
        door.accept(facts, asides=asides, now=now)
        these = Act.objects.filter(pk__in=[key for key, _ in some])
        these.filter(fact_id__in=[fact["fact_id"] for fact, _ in facts]).update(posted_at=now)
        these.filter(posted_at__isnull=True).update(undone_at=now)
    return len(some)


def inside(number: int, *, batch: int, journal: Journal) -> int:
    """Say which acts the figures of a number hold, and return how many: those that the journal has up to their batch.

    For the background work, after figures were made. Called again with the same figures it finds nothing new.
    """
    posted = Act.objects.filter(posted_at__isnull=False, figures__isnull=True, undone_at__isnull=True)
    names = list(posted.values_list("fact_id", flat=True))
    if not names:
        return 0
    with Engine(memory="512MB", threads=1) as engine:
        held = _in_journal(engine, journal, names=names, batch=batch)
    done = 0
    with database.troubles(), one_at_a_time(_TURN):
        for begin in range(0, len(held), _LOOKED_UP):
            some = held[begin : begin + _LOOKED_UP]
            done += int(Act.objects.filter(fact_id__in=some, figures__isnull=True).update(figures=number))
    return done


def pending(number: int, *, about: Iterable[str] | None = None) -> tuple[Pending, ...]:
    """Return the acts that the figures of a number do not hold, in the order they happened; undone ones are none.

    `about` keeps only those about these promises and conversations.
    """
    rows = Act.objects.filter(Q(figures__isnull=True) | Q(figures__gt=number), undone_at__isnull=True)
    wanted = None if about is None else {*about} - {""}
    if wanted is not None:
        # What an act about no promise is about stands in its fact.
        rows = rows.filter(Q(promise_id__in=wanted) | Q(promise_id=""))
    found = (_pending(row) for row in rows.select_related("member").order_by("at", "pk"))
    return tuple(act for act in found if wanted is None or wanted & {act.promise_id, act.subject})


@dataclass(frozen=True)
class Told:
    """One act about a promise, whether it is recorded yet or not; until when it can be undone."""

    kind: str
    fact: Mapping[str, Any]
    at: datetime
    member: str
    group: str
    until: datetime
    posted: bool


def about(promise_id: str) -> list[Told]:
    """Return what was done about a promise at the desk and not undone, the first thing first."""
    rows = Act.objects.filter(promise_id=promise_id, undone_at__isnull=True).exclude(hold_until=UNTIL_SENT)
    found = []
    for row in rows.select_related("member").order_by("at", "pk"):
        act = _pending(row)
        found.append(Told(act.kind, act.fact, act.at, act.member, act.group, row.hold_until, row.posted_at is not None))
    return found


@dataclass(frozen=True)
class Together:
    """What was done at once, of one kind: how many, about which promise the first was, by whom, undone until when."""

    group: str
    kind: str
    count: int
    promise_id: str
    at: datetime
    member: str
    until: datetime


def lately(*, since: datetime, most: int = 500) -> list[Together]:
    """Return what was done of late and not undone, the latest first; apologies go with their letters."""
    rows = Act.objects.filter(at__gte=since, undone_at__isnull=True).exclude(kind="apology.sent")
    found: dict[tuple[str, str], Together] = {}
    for row in rows.select_related("member").order_by("-pk")[:most]:
        there = found.get((row.group, row.kind))
        name = row.member.name if row.member else ""
        count = there.count + 1 if there else 1
        found[row.group, row.kind] = Together(
            row.group, row.kind, count, row.promise_id, at=row.at, member=name, until=row.hold_until
        )
    return list(found.values())


def last_about(promise_id: str, *, kind: str) -> Pending | None:
    """Return the last act of a kind about a promise that was not undone, None where there is none."""
    rows = Act.objects.filter(promise_id=promise_id, kind=kind, undone_at__isnull=True).select_related("member")
    row = rows.order_by("-pk").first()
    return None if row is None else _pending(row)


def pseudonym(member: Member) -> str:
    """Return what entries call a colleague: a text that only these books can tell the colleague by."""
    secret = tombstones.kept("colleagues")
    return hmac.new(secret.encode(), f"member {member.pk}".encode(), hashlib.sha256).hexdigest()[:12]


def agreed_days(promise_ids: Iterable[str]) -> dict[str, str]:
    """Return the day (ISO) last agreed on at the desk for each of the promises that has one, in time or not."""
    rows = Act.objects.filter(
        kind="promise.renegotiated", promise_id__in=list(promise_ids), undone_at__isnull=True
    ).order_by("at", "pk")
    told = ((row.promise_id, json.loads(row.content)) for row in rows)
    return {name: str(fact.get("due_on") or fact["due_at"]) for name, fact in told}


def done_by(member: int) -> list[str]:
    """Return the promises a colleague made or did something about at the desk, in no order."""
    rows = Act.objects.filter(member=member, undone_at__isnull=True).exclude(promise_id="")
    return list(rows.values_list("promise_id", flat=True).distinct())


def _clashes(intents: Sequence[Intent], *, before: Sequence[Pending], by: Member) -> tuple[Clash, ...]:
    found: dict[str, Clash] = {}
    for intent in intents:
        for act in before:
            same = act.promise_id == intent.promise_id if intent.promise_id else act.subject == intent.subject
            if same and act.kind in ENDS.get(intent.kind, ()) and intent.about not in found:
                found[intent.about] = Clash(intent.about, act.kind, act.member, own=act.member_id == by.pk, at=act.at)
    return tuple(found.values())


def _fact(
    intent: Intent, *, name: str, by: Member, at: datetime, now: datetime, timezone: str | None
) -> dict[str, Any]:
    written = {
        "fact_id": name,
        "kind": intent.kind,
        "user_key": intent.user_key or None,
        "promise_id": intent.promise_id or None,
        "subject": intent.subject or None,
        "occurred_at": door.stamped(at),
        "member": pseudonym(by) if chosen(NAMED, False) else None,
        "source": name,
        **intent.columns,
    }
    line = json.dumps({column: value for column, value in written.items() if value is not None}, ensure_ascii=False)
    return checked(line, zone=zone(timezone), now=door.stamped(now))


def _pending(row: Act) -> Pending:
    fact = json.loads(row.content)
    return Pending(
        fact_id=row.fact_id,
        kind=row.kind,
        user_key=row.user_key,
        promise_id=row.promise_id,
        fact=fact,
        at=datetime.fromisoformat(fact["occurred_at"]),
        member=row.member.name if row.member else "",
        member_id=row.member_id,
        group=row.group,
    )


def _in_journal(engine: Engine, journal: Journal, *, names: Sequence[str], batch: int) -> list[str]:
    facts = quoted(journal.facts(engine, upto=batch).get_name())
    hashes = [int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:15], 16) for name in names]
    rows = engine.sql(
        f"SELECT DISTINCT fact_id FROM {facts} WHERE fact_hash IN (SELECT unnest($1::BIGINT[]))"
        " AND fact_id IN (SELECT unnest($2::VARCHAR[]))",
        [hashes, list(names)],
    ).fetchall()
    return [name for (name,) in rows]
