"""Sends Monday's mail, once a week to everybody who wants it, and the same to a chat; tries again what failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from hashlib import sha256
from typing import Final

from django.core import signing
from django.db import IntegrityError, transaction

from keptword.books.opened import Books
from keptword.core.calendars import zone
from keptword.core.problems import KeptwordError
from keptword.office import brought_back, hooks, mail
from keptword.office.chosen import choose, chosen
from keptword.office.models import Member, Told
from keptword.office.rights import Role
from keptword.web.addresses import whole
from keptword.web.monday.saying import Message, message, somebody_waits
from keptword.web.pages import address, rendered
from keptword.words import LANGUAGES, Words, without_marks, words

WHEN: Final = "monday"
"""The setting of when it goes out: {"weekday": 0, "at": "07:30"}"""

CHAT: Final = "message"
"""The setting of the chat it goes to: {"url": …, "form": …}"""

AT: Final = time(7, 30)
LATEST: Final = timedelta(hours=40)
"""For so long after its hour it still goes out, where nothing was running then."""

TRIES: Final = 5
SENDING, SENT, SAID, QUIET, FAILED, GIVEN_UP = "sending", "sent", "said", "quiet", "failed", "given up"

EVERYBODY: Final = "everybody"
TO_CHAT: Final = "chat"
SALT: Final = "keptword.monday"

_LAST: Final = "monday.last"


@dataclass(frozen=True)
class Week:
    """One week's message: how the week is called, its day, and the moment it goes out."""

    name: str
    day: date
    at: datetime


def send_monday(books: Books, now: datetime) -> float | None:
    """Mail it to whoever has not had it yet; raises `KeptwordError` where somebody could not be reached."""
    week = due(now, books=books)
    if week is None or not mail.configured() or _is_quiet(week, now=now):
        return None
    readers = Member.objects.filter(is_active=True, wants_monday=True, joined_at__lt=week.at).order_by("pk")
    failed = [_once(week, f"member:{each.pk}", now=now, send=partial(mail_to, each, day=week.day)) for each in readers]
    _raise_first(failed)
    return None


def send_message(books: Books, now: datetime) -> float | None:
    """Post it to the chat, where one is told; raises `KeptwordError` where that could not be reached."""
    week, told = due(now, books=books), chosen(CHAT)
    if week is None or not told or not told.get("url") or _is_quiet(week, now=now):
        return None
    owner = Member.objects.filter(is_active=True, role=Role.OWNER.value).order_by("pk").first()
    speech = _words(owner.language if owner else "")
    send = partial(post_to, str(told["url"]), form=str(told.get("form", "")), words=speech, day=week.day)
    _raise_first([_once(week, TO_CHAT, now=now, send=send)])
    return None


def due(now: datetime, *, books: Books) -> Week | None:
    """Return the week whose message is due at a moment: from its day and hour on, and not for long after."""
    told = chosen(WHEN) or {}
    there = now.astimezone(zone(books.timezone))
    try:
        hour, weekday = time.fromisoformat(str(told["at"])), int(told.get("weekday", 0)) % 7
    except (KeyError, ValueError):
        hour, weekday = AT, 0
    day = there.date() - timedelta(days=(there.weekday() - weekday) % 7)
    at = datetime.combine(day, hour, tzinfo=there.tzinfo)
    if not at <= there <= at + LATEST or _may_have_gone(at):
        return None
    year, number, _ = day.isocalendar()
    return Week(f"{year}-W{number:02}", day, at)


def _may_have_gone(at: datetime) -> bool:
    """Tell whether a message of that moment may have gone out before these books were brought back from a backup."""
    since = brought_back.since()
    return since is not None and at <= since


def mail_to(member: Member, *, day: date) -> None:
    """Mail it to one colleague; KeptwordError where that does not go, or there is nothing to say yet."""
    speech = _words(member.language)
    said = _said(speech, day)
    stop = whole(address("monday.stop", token=signing.dumps(member.pk, salt=SALT)))
    headers = {"List-Unsubscribe": f"<{stop}>"}
    if stop.startswith("https://"):
        # Mail programs then offer to stop it with one press (RFC 8058).
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.send(
        to=member.mail,
        subject=said.subject,
        text="\n".join((*said.lines, "", "-- ", without_marks(speech.say("monday.why", link=stop)), "")),
        html=rendered("monday_mail.html.jinja", words=speech, message=said, stop=stop),
        headers=headers,
    )


def post_to(url: str, *, form: str, words: Words, day: date) -> None:
    """Post it to a chat; KeptwordError where that does not take it, or there is nothing to say yet."""
    hooks.send(url, form=form, lines=_said(words, day).lines)


def try_message(url: str, *, form: str, words: Words, name: str) -> None:
    """Post a line that says that this works; KeptwordError where it does not."""
    hooks.send(url, form=form, lines=(words.say("monday.trial", name=name),))


def stopped(token: str) -> Member | None:
    """Return the colleague a link for stopping it was made for; None where nobody made it."""
    try:
        number = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return Member.objects.filter(pk=number).first()


def _said(words: Words, day: date) -> Message:
    said = message(words=words, day=day)
    if said is None:
        raise KeptwordError("There is nothing to say yet: no figures are made, or nothing is in the books.")
    return said


def _words(language: str) -> Words:
    return words(language if language in LANGUAGES else "en")


def _is_quiet(week: Week, *, now: datetime) -> bool:
    """Tell whether nothing is said this week: nobody waits, and all else is as it was told last. Decided once."""
    decided = Told.objects.filter(week=week.name, to=EVERYBODY).first()
    if decided is not None:
        return bool(decided.outcome == QUIET)
    said = message(words=words("en"), day=week.day)
    if said is None:
        # Figures may be made within the next hours; then it is decided.
        return True
    digest = sha256("\n".join((*said.verdict, *said.acts)).encode()).hexdigest()
    quiet = not somebody_waits() and chosen(_LAST) == digest
    choose(_LAST, digest)
    Told.objects.create(week=week.name, to=EVERYBODY, at=now, outcome=QUIET if quiet else SAID)
    return quiet


def _once(week: Week, to: str, *, now: datetime, send: Callable[[], None]) -> str:
    """Send it to one receiver unless they had it, and return why it could not be, empty where all is well.

    Noted before it is sent, so that one that is cut off in between is not sent twice.
    """
    tries = _claimed(week, to, now=now)
    if tries is None:
        return ""
    row = Told.objects.filter(week=week.name, to=to)
    try:
        send()
    except KeptwordError as error:
        state = FAILED if tries + 1 < TRIES else GIVEN_UP
        row.update(outcome=f"{state} {tries + 1}: {error}"[:255], at=now)
        return error.sentence
    row.update(outcome=SENT, at=now)
    return ""


def _claimed(week: Week, to: str, *, now: datetime) -> int | None:
    """Take on sending to a receiver, and return how often it was tried; None where it was sent, or given up."""
    row = Told.objects.filter(week=week.name, to=to).first()
    if row is None:
        try:
            with transaction.atomic():
                Told.objects.create(week=week.name, to=to, at=now, outcome=SENDING)
        except IntegrityError:
            return None
        return 0
    state, _, rest = str(row.outcome).partition(" ")
    if state != FAILED:
        return None
    mine = Told.objects.filter(pk=row.pk, outcome=row.outcome).update(outcome=SENDING)
    return int(rest.partition(":")[0]) if mine else None


def _raise_first(failed: list[str]) -> None:
    for each in failed:
        if each:
            raise KeptwordError(each)
