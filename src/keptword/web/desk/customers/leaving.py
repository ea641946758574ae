"""A customer's own rights: everything known of them as a file, and being erased at their request."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from keptword.core.problems import KeptwordError
from keptword.office import forgetting, jobs
from keptword.office.forgetting import Kept
from keptword.office.models import Job
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
    kept: Kept
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

    @property
    def error(self) -> str:
        """Why it failed, as `Words.refusal` takes it."""
        return jobs.why(self.job)


def export(request: HttpRequest, user_key: str) -> HttpResponse:
    """Hand out everything known of a customer as one JSON file: entries, address book, notes, letters."""
    from keptword.books.exporting import exported

    whom(user_key, words=request.words)
    try:
        told = exported(shop.books(), user_key, say=lambda _: None)
    except KeptwordError:
        # Erased a moment ago, and the figures have not heard of it.
        raise Http404 from None
    response = HttpResponse(json.dumps(told, ensure_ascii=False, indent=2), content_type="application/json")
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", user_key)[:60].strip("-") or "customer"
    response.headers["Content-Disposition"] = f'attachment; filename="customer-{name}.json"'
    return response


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
        kept=forgetting.kept(who.user_key),
        trouble=trouble,
    )


def erasing(request: HttpRequest, job: int) -> HttpResponse:
    """Show how far an erasure is."""
    there = get_object_or_404(Job, pk=job)
    if there.kind != KIND:
        raise Http404
    return shown(request, ErasingPage(there))
