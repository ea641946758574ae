"""What is written about a customer by hand: notes, and corrections to the address book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from keptword.core.problems import KeptwordError
from keptword.office import notes
from keptword.office.correcting import correct
from keptword.office.models import Note
from keptword.web import shop
from keptword.web.desk.customers.person import Who, refused, whom
from keptword.web.forms import texts
from keptword.web.pages import address, moved, shown, told

FIELDS: Final = ("name", "mail", "phone", "language", "country")


@dataclass(frozen=True)
class ContactPage:
    """The form in which the address book is corrected; `trouble` says what could not be taken."""

    template: ClassVar[str] = "customer_contact.html.jinja"
    who: Who
    form: Mapping[str, str]
    trouble: str = ""


def note(request: HttpRequest, user_key: str) -> HttpResponse:
    """Write a note down."""
    who = whom(user_key, words=request.words)
    text = notes.written(request.POST.get("text", ""))
    if not text:
        return refused(request, who, note="", trouble=request.words.say("customers.note_empty"))
    if len(text) > notes.LONGEST:
        trouble = request.words.say("customers.note_long", longest=notes.LONGEST, count=len(text))
        return refused(request, who, note=text, trouble=trouble)
    try:
        made = notes.add(user_key, text=text, member=request.user, now=shop.now())
    except KeptwordError as error:
        return refused(request, who, note="", trouble=request.words.refusal(error))
    undo = address("customers.note_remove", user_key=user_key, pk=made.pk)
    told(request, request.words.say("customers.note_kept"), undo=undo)
    return moved("customers.person", user_key=user_key)


def note_remove(request: HttpRequest, *, user_key: str, pk: int) -> HttpResponse:
    """Remove a note: one's own, or anybody's for whoever manages."""
    there = get_object_or_404(Note, pk=pk, user_key=user_key)
    if not notes.may_remove(there, member=request.user):
        raise Http404
    if notes.remove(there, now=shop.now()):
        undo = address("customers.note_restore", user_key=user_key, pk=pk)
        told(request, request.words.say("customers.note_removed"), undo=undo)
    return moved("customers.person", user_key=user_key)


def note_restore(request: HttpRequest, *, user_key: str, pk: int) -> HttpResponse:
    """Bring a note back that was removed less than ten minutes ago."""
    there = get_object_or_404(Note, pk=pk, user_key=user_key)
    if not notes.may_remove(there, member=request.user):
        raise Http404
    done = notes.bring_back(there, now=shop.now())
    told(request, request.words.say("customers.note_back" if done else "customers.note_gone"), trouble=not done)
    return moved("customers.person", user_key=user_key)


def contact(request: HttpRequest, user_key: str) -> HttpResponse:
    """Show what the address book knows of a customer, or correct it."""
    who = whom(user_key, words=request.words)
    if request.method != "POST":
        there = who.contact
        return shown(request, ContactPage(who, {name: getattr(there, name) if there else "" for name in FIELDS}))
    form = texts(request, FIELDS, longest=300)
    try:
        correct(user_key, **form, now=shop.now())
    except KeptwordError:
        trouble = request.words.say("customers.contact_mail")
        return shown(request, ContactPage(who, form, trouble), status=422)
    told(request, request.words.say("customers.contact_kept"))
    return moved("customers.person", user_key=user_key)
