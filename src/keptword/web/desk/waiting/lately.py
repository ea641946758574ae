"""What was done lately, by whom, with its undo for ten minutes; and the undo itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.http import HttpRequest, HttpResponse

from keptword.office import acts, letters
from keptword.office.models import Letter
from keptword.web import shop
from keptword.web.keeping.telling import promise_page, undo_at, went
from keptword.web.pages import address, shown, told
from keptword.web.signing_in.entering import safe_back
from keptword.words import Words, without_marks

SHOWN: Final = timedelta(days=7)
"""For so long what was done stays in the list."""


@dataclass(frozen=True)
class DoneShown:
    """One thing that was done: the sentence, by whom, when; where more of it is, and where it is taken back."""

    said: str
    by: str
    at: datetime
    more: str
    undo: str
    trouble: str = ""


@dataclass(frozen=True)
class LatelyPage:
    """What was done of late, the latest first."""

    template: ClassVar[str] = "waiting_done.html.jinja"
    done: tuple[DoneShown, ...]
    days: int = SHOWN.days


def lately(request: HttpRequest) -> HttpResponse:
    """Show what was done lately."""
    now = shop.now()
    found = [*_acts(request.words, now=now), *_letters(request.words, now=now)]
    page = LatelyPage(tuple(sorted(found, key=lambda each: each.at, reverse=True)))
    return shown(request, page)


def undo(request: HttpRequest, group: str) -> HttpResponse:
    """Take back what was done at once, while that can be."""
    told_page = request.GET.get("next", "")
    count = letters.undo(group, now=shop.now())
    if count:
        told(request, request.words.say("waits.undone", count=count))
    else:
        told(request, request.words.say("waits.too_late"), trouble=True)
    return went(safe_back(request, told_page) if told_page else address("waiting.done"))


def _acts(words: Words, *, now: datetime) -> list[DoneShown]:
    return [
        DoneShown(
            said=without_marks(words.say(f"waits.did_{each.kind.replace('.', '_')}", count=each.count)),
            by=each.member,
            at=each.at,
            more=promise_page(each.promise_id) if each.count == 1 else "",
            undo=undo_at(each.group, to=address("waiting.done")) if each.until > now else "",
        )
        for each in acts.lately(since=now - SHOWN)
    ]


def _letters(words: Words, *, now: datetime) -> list[DoneShown]:
    found = []
    for each in letters.lately(since=now - SHOWN):
        waits = each.state == Letter.State.WAITING and each.letter.send_after and each.letter.send_after > now
        marked = each.state == Letter.State.COPIED and each.at + acts.HOLD > now
        found.append(
            DoneShown(
                said=without_marks(words.say(f"waits.letters_{each.state}", count=each.count)),
                by=each.letter.member.name if each.letter.member else "",
                at=each.at,
                more=address("waiting.notes", group=each.group),
                undo=undo_at(each.group, to=address("waiting.notes", group=each.group)) if waits or marked else "",
            )
        )
    return found
