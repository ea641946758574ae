"""Notes to customers: drafted, looked at, then mailed ten minutes later or marked as written; none is mailed unseen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Max, Q

from keptword.core.problems import KeptwordError
from keptword.intake import database, tombstones
from keptword.office import acts, mail
from keptword.office.acts import HOLD, Intent, new_group
from keptword.office.models import Act, Letter, Member, Person
from keptword.office.turns import one_at_a_time

APOLOGY: Final = "apology.sent"

AT_ONCE: Final = 10
"""Mails sent in one go, so that other background work gets its turn."""

STOPPED: Final = "stopped"
"""What `Letter.error` says of one whose sending was cut off: whether it went out nobody can tell."""

BROUGHT_BACK: Final = "brought back"
"""What it says of one that waited in a backup: whether it went out after the backup nobody can tell either."""

NO_ADDRESS: Final = "no address"
"""What it says of one to somebody whose mail address is not known, or not known any more."""

_TURN: Final = "letters"
_CHANGEABLE: Final = (Letter.State.DRAFTED, Letter.State.FAILED)


@dataclass(frozen=True)
class Drafted:
    """A note to keep as a draft: to whom, about which promises and conversations (`p:…`, `c:…`), its text."""

    user_key: str
    about: tuple[str, ...]
    subject: str
    body: str


@dataclass(frozen=True)
class Sent:
    """What became of notes somebody sent off: the name it is undone by, how many, and how many were gone already."""

    group: str
    count: int
    gone: int


def keep(drafts: Sequence[Drafted], *, by: Member, now: datetime) -> str:
    """Keep notes as drafts and return the name of the group they are in.

    Raises `KeptwordError` where one is to somebody who was erased.
    """
    tombstones.refuse(draft.user_key for draft in drafts)
    group = new_group()
    with database.troubles():
        Letter.objects.bulk_create(
            [
                Letter(
                    user_key=draft.user_key,
                    promise_ids=list(draft.about),
                    subject=draft.subject,
                    body=draft.body,
                    group=group,
                    member=by,
                    at=now,
                )
                for draft in drafts
            ]
        )
    return group


def in_group(group: str) -> list[Letter]:
    """Return the notes of a group, in the order they were drafted; those thrown away are none."""
    rows = Letter.objects.filter(group=group).exclude(state=Letter.State.UNDONE)
    return list(rows.select_related("member").order_by("pk"))


def change(letter: int, *, subject: str, body: str) -> bool:
    """Change the text of a draft, and tell whether it still was one."""
    there = Letter.objects.filter(pk=letter, state__in=_CHANGEABLE)
    return bool(there.update(subject=subject, body=body, state=Letter.State.DRAFTED, error=""))


def throw_away(ids: Iterable[int]) -> int:
    """Throw drafts away, and return how many that were."""
    return int(Letter.objects.filter(pk__in=list(ids), state__in=_CHANGEABLE).update(state=Letter.State.UNDONE))


def send_off(
    ids: Iterable[int],
    *,
    apologies: Iterable[int],
    by: Member,
    now: datetime,
    timezone: str | None,
    figures: int = 0,
) -> Sent:
    """Have drafts mailed in ten minutes, unless that is undone. `apologies` names those that say sorry.

    That we apologised is recorded once the mail server has taken the mail. `figures` is as in `acts.record`.
    """
    return _off(ids, Letter.State.WAITING, apologies=apologies, by=by, now=now, timezone=timezone, figures=figures)


def written(
    ids: Iterable[int],
    *,
    apologies: Iterable[int],
    by: Member,
    now: datetime,
    timezone: str | None,
    figures: int = 0,
) -> Sent:
    """Mark drafts as written to the customer in another way: copied, or from one's own mail program."""
    return _off(ids, Letter.State.COPIED, apologies=apologies, by=by, now=now, timezone=timezone, figures=figures)


def undo(group: str, *, now: datetime) -> int:
    """Take back what was done at once, notes and acts, and return how many that were; 0 once that is too late.

    Notes that were not mailed yet, or marked as written at most ten minutes ago, are drafts again.
    """
    with database.troubles(), one_at_a_time(_TURN):
        there = Letter.objects.filter(group=group)
        if not there.exists():
            return acts.undo(group, now=now)
        waits = Q(state=Letter.State.WAITING, send_after__gt=now)
        marked = Q(state=Letter.State.COPIED, sent_at__gt=now - HOLD)
        count = int(there.filter(waits | marked).update(state=Letter.State.DRAFTED, send_after=None, sent_at=None))
        if count:
            acts.undo(group, now=now)
        return count


def send_due(now: datetime) -> int:
    """Mail the notes whose ten minutes are over, and return how many the mail server took; for the background work.

    Each is tried once: one that could not be mailed says why, and waits for a colleague to try again. Where the
    program is stopped in the midst of one, nobody can tell whether it went out, and it says that.
    """
    waits = Letter.objects.filter(state=Letter.State.WAITING)
    for key in list(waits.filter(send_after__isnull=True).values_list("pk", flat=True)):
        _settle(key, error=STOPPED, now=now)
    done = 0
    for key in list(waits.filter(send_after__lte=now).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with database.troubles(), one_at_a_time(_TURN):
            # Taken before it is sent, so that no customer ever gets it twice.
            taken = Letter.objects.filter(pk=key, state=Letter.State.WAITING, send_after__lte=now)
            if not taken.update(send_after=None):
                continue
        error = _mailed(Letter.objects.get(pk=key))
        _settle(key, error=error, now=now)
        done += not error
    return done


def hold_back(now: datetime) -> int:
    """Mail none of the notes that wait to be mailed, and return how many that are: they wait for a colleague."""
    waiting = list(Letter.objects.filter(state=Letter.State.WAITING).values_list("pk", flat=True))
    for key in waiting:
        _settle(key, error=BROUGHT_BACK, now=now)
    # However old the backup is, they stand among what could not be mailed of late.
    Letter.objects.filter(pk__in=waiting).update(at=now)
    return len(waiting)


def last_written(user_keys: Iterable[str]) -> dict[str, Letter]:
    """Return for each of some customers the last note that went to them, or is about to, where there is any."""
    gone = (Letter.State.WAITING, Letter.State.SENT, Letter.State.COPIED)
    rows = Letter.objects.filter(user_key__in=list(user_keys), state__in=gone).select_related("member").order_by("pk")
    return {row.user_key: row for row in rows}


def unfinished(member: Member, *, since: datetime) -> tuple[str, int] | None:
    """Return the group of a colleague's latest drafts that were neither sent nor thrown away, and how many they are."""
    rows = Letter.objects.filter(member=member, state=Letter.State.DRAFTED, at__gte=since)
    last = rows.aggregate(last=Max("pk"))["last"]
    if last is None:
        return None
    group = rows.get(pk=last).group
    return group, rows.filter(group=group).count()


@dataclass(frozen=True)
class Together:
    """Notes of one group that got equally far: how many, who sent them off, when, and the first of them."""

    group: str
    state: str
    count: int
    letter: Letter
    at: datetime


def lately(*, since: datetime, most: int = 500) -> list[Together]:
    """Return the notes sent off of late, those together that went together, the latest first."""
    gone = (Letter.State.WAITING, Letter.State.SENT, Letter.State.COPIED, Letter.State.FAILED)
    rows = Letter.objects.filter(at__gte=since, state__in=gone).select_related("member").order_by("-pk")[:most]
    found: dict[tuple[str, str], Together] = {}
    for row in rows:
        there = found.get((row.group, row.state))
        at = row.sent_at or (row.send_after - HOLD if row.send_after else row.at)
        found[row.group, row.state] = Together(row.group, row.state, there.count + 1 if there else 1, row, at)
    return list(found.values())


def failed(*, since: datetime) -> list[Letter]:
    """Return the notes that could not be mailed lately, the newest first."""
    rows = Letter.objects.filter(state=Letter.State.FAILED, at__gte=since)
    return list(rows.select_related("member").order_by("-pk")[:50])


def _off(
    ids: Iterable[int],
    state: str,
    *,
    apologies: Iterable[int],
    by: Member,
    now: datetime,
    timezone: str | None,
    figures: int,
) -> Sent:
    asked, sorry, group = list(dict.fromkeys(ids)), set(apologies), new_group()
    mailed = state == Letter.State.WAITING
    with database.troubles(), one_at_a_time(_TURN):
        there = list(Letter.objects.filter(pk__in=asked, state__in=_CHANGEABLE).order_by("pk"))
        erased = tombstones.erased(row.user_key for row in there)
        rows = [row for row in there if row.user_key not in erased]
        Letter.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=state,
            group=group,
            member=by,
            at=now,
            error="",
            send_after=now + HOLD if mailed else None,
            sent_at=None if mailed else now,
        )
        intents = [
            Intent(APOLOGY, row.user_key, promise_id=_promise(row), columns={"channel": "mail"} if mailed else {})
            for row in rows
            if row.pk in sorry and row.user_key
        ]
        if intents:
            acts.record(intents, by=by, now=now, timezone=timezone, figures=figures, group=group, hold=not mailed)
    return Sent(group, len(rows), len(asked) - len(rows))


def _promise(letter: Letter) -> str:
    """Return the promise a note is about, where it is about one."""
    about = [name.removeprefix("p:") for name in letter.promise_ids if name.startswith("p:")]
    return about[0] if len(about) == 1 else ""


def _mailed(letter: Letter) -> str:
    """Mail a note, and return what went wrong: nothing, a sentence, or that nobody has an address."""
    person = Person.objects.filter(pk=letter.user_key).first()
    if person is None or not person.mail:
        return NO_ADDRESS
    try:
        mail.send(to=person.mail, subject=letter.subject, text=letter.body)
    except KeptwordError as error:
        return str(error)
    return ""


def _settle(key: int, *, error: str, now: datetime) -> None:
    """Say what became of a note, and let the entry go that we apologised, or take it back."""
    with database.troubles(), one_at_a_time(_TURN):
        letter = Letter.objects.get(pk=key)
        held = Act.objects.filter(
            group=letter.group, user_key=letter.user_key, kind=APOLOGY, posted_at__isnull=True, undone_at__isnull=True
        )
        if error:
            Letter.objects.filter(pk=key).update(state=Letter.State.FAILED, error=error)
            held.update(undone_at=now)
        else:
            Letter.objects.filter(pk=key).update(state=Letter.State.SENT, sent_at=now, error="")
            held.update(hold_until=now)
