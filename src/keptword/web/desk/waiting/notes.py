"""Notes to customers: drafted for those who are ticked, looked at one below the other, then mailed or marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from keptword.core.problems import KeptwordError
from keptword.figures.reading import current
from keptword.office import letters, mail
from keptword.office.drafting import LONGEST, LONGEST_SUBJECT
from keptword.office.letters import Drafted, Sent
from keptword.office.models import Letter
from keptword.office.people import several
from keptword.web import shop, spoken
from keptword.web.desk.waiting.drafts import draft_for, drafts_for, waits_now
from keptword.web.desk.waiting.listed import said_written
from keptword.web.keeping.doing import MOST
from keptword.web.keeping.fields import Fields
from keptword.web.keeping.standing import Moment
from keptword.web.keeping.telling import back, chosen, customer_page, undo_at, went
from keptword.web.keeping.waits import Wait
from keptword.web.pages import address, moved, shown, told
from keptword.words import Words, without_marks


@dataclass(frozen=True)
class NoteShown:
    """One note to look at. `sorry` says that it apologises; `settled` that nothing it is about is waited for."""

    pk: int
    who: str
    customer: str
    mail: str
    subject: str
    body: str
    open: bool
    sorry: bool
    settled: bool
    mailto: str
    said: str
    trouble: str


@dataclass(frozen=True)
class NotesPage:
    """Drafts one below the other; nothing is sent before somebody looked at it."""

    template: ClassVar[str] = "waiting_notes.html.jinja"
    group: str
    notes: tuple[NoteShown, ...]
    open: int
    can_mail: bool
    day: str = ""
    troubles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NotePage:
    """One note to change, or to begin: its text, and what cannot be taken of it."""

    template: ClassVar[str] = "waiting_note.html.jinja"
    who: str
    customer: str
    to: str
    subject: str
    body: str
    back: str
    longest: int = LONGEST
    troubles: Mapping[str, str] = field(default_factory=dict)


def draft(request: HttpRequest) -> HttpResponse:
    """Draft a note to each person of the rows that are ticked, and show them."""
    here, names = back(request, address("waiting")), chosen(request)[:MOST]
    waits = waits_now()
    found = waits.some(names) if waits else []
    drafts = drafts_for(request, found)
    nobody = sum(not wait.user_key for wait in found)
    if nobody:
        told(request, request.words.say("waits.nobody_to_write", count=nobody), trouble=True)
    if not drafts:
        if not nobody:
            told(request, request.words.say("promises.nothing_chosen" if not names else "waits.all_done"), trouble=True)
        return went(here)
    return _kept(request, drafts)


def _kept(request: HttpRequest, drafts: Sequence[Drafted]) -> HttpResponse:
    """Keep drafts, and go where they are looked at."""
    try:
        group = letters.keep(drafts, by=request.user, now=shop.now())
    except KeptwordError as error:
        told(request, request.words.refusal(error), trouble=True)
        return moved("waiting")
    return moved("waiting.notes", group=group)


def notes(request: HttpRequest, group: str) -> HttpResponse:
    """Show the notes of a group, one below the other."""
    return shown(request, _notes_page(request, group))


def anew(request: HttpRequest, group: str) -> HttpResponse:
    """Draft the ticked notes of a group anew, with the day on which it will be."""
    fields = _fields(request)
    due = fields.due("day", "", needed=True)
    if due is None:
        page = _notes_page(request, group, day=request.POST.get("day", "")[:40], troubles=fields.troubles)
        return shown(request, page, status=422)
    ticked, waits = set(_ticked(request)), waits_now()
    some = [note for note in letters.in_group(group) if note.pk in ticked]
    people, done = several(note.user_key for note in some), 0
    for note in some:
        about = waits.some(note.promise_ids) if waits else []
        name = people[note.user_key].name if note.user_key in people else ""
        new = draft_for(request, about, name=name, new_day=due.on) if about else None
        done += bool(new and letters.change(note.pk, subject=new.subject, body=new.body))
    told(request, request.words.say("waits.drafted_anew", count=done))
    return moved("waiting.notes", group=group)


def post(request: HttpRequest, group: str) -> HttpResponse:
    """Have the ticked notes mailed in ten minutes; those to people without a mail address stay."""
    ticked = _ticked(request)
    rows = Letter.objects.filter(pk__in=ticked, group=group)
    people = several(row.user_key for row in rows)
    reached = [row.pk for row in rows if row.user_key in people and people[row.user_key].mail]
    if not can_mail():
        told(request, request.words.say("waits.no_mail_server"), trouble=True)
        return moved("waiting.notes", group=group)
    sent = letters.send_off(reached, **_sending(request))
    if len(ticked) > len(reached):
        told(request, request.words.say("waits.no_address", count=len(ticked) - len(reached)), trouble=True)
    return _gone(request, sent, group=group, key="waits.will_mail")


def written(request: HttpRequest, group: str) -> HttpResponse:
    """Mark the ticked notes as written to the customers in another way."""
    there = list(Letter.objects.filter(pk__in=_ticked(request), group=group).values_list("pk", flat=True))
    sent = letters.written(there, **_sending(request))
    return _gone(request, sent, group=group, key="waits.marked_written")


def throw(request: HttpRequest, group: str) -> HttpResponse:
    """Throw the ticked drafts away."""
    there = Letter.objects.filter(pk__in=_ticked(request), group=group)
    count = letters.throw_away(there.values_list("pk", flat=True))
    told(request, request.words.say("waits.thrown_away", count=count))
    return _onwards(group)


def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one draft to change, and change it."""
    there = get_object_or_404(Letter, pk=pk)
    if there.state not in (Letter.State.DRAFTED, Letter.State.FAILED):
        told(request, request.words.say("waits.gone", count=1), trouble=True)
        return moved("waiting.notes", group=there.group)
    if request.method != "POST":
        return shown(
            request, _note_page(request, there.user_key, subject=there.subject, body=there.body, group=there.group)
        )
    fields = _fields(request)
    subject, body = _text(fields)
    if fields.troubles:
        page = _note_page(
            request, there.user_key, subject=subject, body=body[:LONGEST], group=there.group, fields=fields
        )
        return shown(request, page, status=422)
    if letters.change(pk, subject=subject, body=body):
        told(request, request.words.say("waits.changed"))
    else:
        told(request, request.words.say("waits.gone", count=1), trouble=True)
    return moved("waiting.notes", group=there.group)


def letter(request: HttpRequest) -> HttpResponse:
    """Begin a note to one customer, drafted from what they wait for; it is kept once it is sent back."""
    key = request.POST.get("to", request.GET.get("to", ""))
    if not key or len(key) > 512:
        raise Http404
    waits = waits_now()
    about: list[Wait] = waits.of_customer(key)[:MOST] if waits else []
    if request.method != "POST":
        person = several([key]).get(key)
        new = draft_for(request, about, name=person.name if person else "", new_day=None)
        return shown(request, _note_page(request, key, subject=new.subject, body=new.body))
    fields = _fields(request)
    subject, body = _text(fields)
    if fields.troubles:
        return shown(request, _note_page(request, key, subject=subject, body=body[:LONGEST], fields=fields), status=422)
    return _kept(request, [Drafted(key, tuple(wait.name for wait in about), subject, body)])


def can_mail() -> bool:
    """Tell whether mail can be sent: a server is told, and what was told of it is right."""
    try:
        return mail.configured()
    except KeptwordError:
        return False


def _notes_page(
    request: HttpRequest, group: str, *, day: str = "", troubles: Mapping[str, str] | None = None
) -> NotesPage:
    found = letters.in_group(group)
    if not found:
        raise Http404
    ticked = set(_ticked(request)) if request.method == "POST" else set()
    rows = _shown(request, found, ticked=ticked)
    return NotesPage(group, rows, sum(row.open for row in rows), can_mail(), day, troubles or {})


def _shown(request: HttpRequest, found: Sequence[Letter], *, ticked: set[int]) -> tuple[NoteShown, ...]:
    people = several(each.user_key for each in found)
    waits = waits_now()
    there = (
        {wait.name: wait for wait in waits.some([name for each in found for name in each.promise_ids])} if waits else {}
    )
    rows = []
    for each in found:
        person = people.get(each.user_key)
        about = [there[name] for name in each.promise_ids if name in there]
        to = person.mail if person else ""
        rows.append(
            NoteShown(
                pk=each.pk,
                who=spoken.customer(request.words, user_key=each.user_key, name=person.name if person else "", mail=to),
                customer=customer_page(each.user_key),
                mail=to,
                subject=each.subject,
                body=each.body,
                open=each.state in (Letter.State.DRAFTED, Letter.State.FAILED),
                sorry=any(wait.is_conversation or wait.days_late is not None for wait in about),
                settled=bool(each.promise_ids) and not about,
                mailto=_mailto(to, each),
                said=_said(request.words, each),
                trouble=_trouble(request.words, each),
            )
        )
    return tuple(rows)


def _mailto(to: str, each: Letter) -> str:
    """Return the address that opens a mail program with the note in it; empty where no mail address is known."""
    if not to:
        return ""
    body = quote(each.body.replace("\n", "\r\n"))
    return f"mailto:{quote(to, safe='@')}?subject={quote(each.subject)}&body={body}"


def _said(words: Words, each: Letter) -> str:
    if each.state in (Letter.State.DRAFTED, Letter.State.FAILED):
        return ""
    return said_written(words, each)


def _trouble(words: Words, each: Letter) -> str:
    """Return why a note could not be mailed."""
    if each.state != Letter.State.FAILED:
        return ""
    keys = {
        letters.STOPPED: "waits.stopped",
        letters.BROUGHT_BACK: "waits.brought_back",
        letters.NO_ADDRESS: "waits.has_no_address",
    }
    if each.error in keys:
        return without_marks(words.say(keys[each.error]))
    return without_marks(words.say("waits.not_mailed", why=words.refusal(each.error)))


def _note_page(
    request: HttpRequest, key: str, *, subject: str, body: str, group: str = "", fields: Fields | None = None
) -> NotePage:
    person = several([key]).get(key)
    mail_address = person.mail if person else ""
    return NotePage(
        who=spoken.customer(request.words, user_key=key, name=person.name if person else "", mail=mail_address),
        customer=customer_page(key),
        to="" if group else key,
        subject=subject,
        body=body,
        back=address("waiting.notes", group=group) if group else customer_page(key) or address("waiting"),
        troubles=fields.troubles if fields else {},
    )


def _fields(request: HttpRequest) -> Fields:
    return Fields(request.POST, words=request.words, moment=Moment(shop.now(), shop.books().timezone))


def _text(fields: Fields) -> tuple[str, str]:
    subject = fields.text("subject", longest=LONGEST_SUBJECT, needed="waits.no_subject")
    return " ".join(subject.split()), fields.text("body", longest=LONGEST, needed="waits.no_body")


def _ticked(request: HttpRequest) -> list[int]:
    return [int(name) for name in request.POST.getlist("note") if name.isascii() and name.isdigit() and len(name) < 18]


def _sorry(request: HttpRequest) -> list[int]:
    return [int(name) for name in request.POST.getlist("sorry") if name.isascii() and name.isdigit() and len(name) < 18]


def _sending(request: HttpRequest) -> dict[str, Any]:
    """Return who sends notes off, when, which of them say sorry, and what the figures know already."""
    books = shop.books()
    reader = current(books.folder)
    return {
        "apologies": _sorry(request),
        "by": request.user,
        "now": shop.now(),
        "timezone": books.timezone,
        "figures": reader.number if reader else 0,
    }


def _gone(request: HttpRequest, sent: Sent, *, group: str, key: str) -> HttpResponse:
    if sent.count:
        told(request, request.words.say(key, count=sent.count), undo=undo_at(sent.group, to=address("waiting")))
    if sent.gone:
        told(request, request.words.say("waits.gone", count=sent.gone), trouble=True)
    if not sent.count and not sent.gone:
        told(request, request.words.say("promises.nothing_chosen"), trouble=True)
    return _onwards(group)


def _onwards(group: str) -> HttpResponse:
    """Go on to the notes that are left, else to the list."""
    return moved("waiting.notes", group=group) if letters.in_group(group) else moved("waiting")
