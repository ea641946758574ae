"""A customer's own rights: everything known of them as a file, and being erased at their request."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from keptword.books.exporting import exported
from keptword.core.problems import KeptwordError
from keptword.office import acts, jobs, notes
from keptword.office.models import Job, Letter
from keptword.web import shop
from keptword.web.desk.customers.person import Who, whom
from keptword.web.pages import moved, shown
from keptword.web.work.erasing import KIND, asked_for


@dataclass(frozen=True)
class ErasePage:
    """What will be erased, and the word to type; `trouble` says that it was another one."""

    template: ClassVar[str] = "customer_erase.html.jinja"
    who: Who
    entries: int
    promises: int
    notes: int
    letters: int
    trouble: str = ""


@dataclass(frozen=True)
class ErasingPage:
    """How far an erasure is, and what came of it; nothing on it says whose it is."""

    template: ClassVar[str] = "customer_erasing.html.jinja"
    job: Job

    @property
    def running(self) -> bool:
        """Whether it is still being done, or waits to be."""
        return self.job.state in (Job.State.WAITING, Job.State.RUNNING)


def export(request: HttpRequest, user_key: str) -> HttpResponse:
    """Hand out everything known of a customer as one JSON file: the entries and what was written at the desk."""
    who = whom(user_key, words=request.words)
    told: dict[str, Any] = {"user_key": user_key, "business": shop.books().business.name}
    try:
        told = exported(shop.books(), user_key, say=lambda _: None)
    except KeptwordError:
        # The address book knows them, and no entry does.
        told["entries"] = []
    content = json.dumps(told | _kept_here(who), ensure_ascii=False, indent=2, default=_plain)
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", user_key)[:60].strip("-") or "customer"
    response.headers["Content-Disposition"] = f'attachment; filename="customer-{name}.json"'
    return response


def _kept_here(who: Who) -> dict[str, Any]:
    """Return what colleagues see and wrote of a customer, beyond the entries."""
    contact = who.contact
    letters = Letter.objects.filter(user_key=who.user_key).order_by("at", "pk")
    return {
        "address_book": {
            name: getattr(contact, name) for name in ("name", "mail", "phone", "language", "country", "updated_at")
        }
        if contact
        else None,
        "notes": [
            {"at": note.at, "by": note.member.name if note.member else None, "text": note.text}
            for note in notes.listed(who.user_key)
        ],
        "letters": [
            {"at": each.at, "sent_at": each.sent_at, "state": each.state, "subject": each.subject, "text": each.body}
            for each in letters
        ],
        "not_yet_recorded": [
            dict(act.fact)
            for act in acts.pending(who.reader.number if who.reader else 0)
            if act.user_key == who.user_key
        ],
    }


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def erase(request: HttpRequest, user_key: str) -> HttpResponse:
    """Show what will be erased; and once the word is typed, ask for it to be done."""
    who = whom(user_key, words=request.words)
    if request.method != "POST":
        return shown(request, _page(who))
    typed, word = request.POST.get("word", "").strip().casefold(), request.words.say("customers.erase_word")
    if typed != word.casefold():
        return shown(request, _page(who, trouble=request.words.say("customers.erase_wrong", word=word)), status=422)
    # Neither the audit log nor a message may say who it was.
    job = jobs.ask(KIND, member=request.user, **asked_for(user_key))
    return moved("customers.erasing", job=job.pk)


def _page(who: Who, *, trouble: str = "") -> ErasePage:
    return ErasePage(
        who,
        entries=who.row["entries"],
        promises=who.row["made"],
        notes=len(notes.listed(who.user_key)),
        letters=Letter.objects.filter(user_key=who.user_key).count(),
        trouble=trouble,
    )


def erasing(request: HttpRequest, job: int) -> HttpResponse:
    """Show how far an erasure is."""
    there = get_object_or_404(Job, pk=job)
    if there.kind != KIND:
        raise Http404
    return shown(request, ErasingPage(there))
