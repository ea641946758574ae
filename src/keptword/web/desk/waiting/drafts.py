"""Drafts notes to those who wait, one to each person, out of what they wait for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest

from keptword.figures.reading import current
from keptword.office.drafting import Asked, Draft, Owed, drafted
from keptword.office.letters import Drafted
from keptword.office.people import several
from keptword.web import shop
from keptword.web.keeping.standing import Moment
from keptword.web.keeping.telling import hour_of
from keptword.web.keeping.waits import Wait, Waits, waits_of


def waits_now() -> Waits | None:
    """Return what is waited for now in the books being served; None before there are any figures."""
    books = shop.books()
    reader = current(books.folder)
    return None if reader is None else waits_of(reader, moment=Moment(shop.now(), books.timezone))


def owed(wait: Wait) -> Owed:
    """Return what somebody waits for, as a note speaks of it."""
    return Owed(
        kind="" if wait.is_conversation else wait.kind,
        subject=wait.subject,
        since_on=wait.since_on,
        what=wait.said,
        due_on=wait.due_day,
        due_time=hour_of(wait.due_at) if wait.due_on is None else "",
        days_late=wait.days_late,
    )


def draft_for(request: HttpRequest, waits: Sequence[Wait], *, name: str, new_day: date | None) -> Draft:
    """Return a note to one person about all of some things they wait for, in the colleague's language."""
    asked = Asked(name, business=shop.books().business.name, by=request.user.name, new_day=new_day)
    return drafted(request.words, [owed(wait) for wait in waits], asked=asked)


def drafts_for(request: HttpRequest, waits: Sequence[Wait], *, new_day: date | None = None) -> list[Drafted]:
    """Return a note to each of those who wait, in the order they are in the list; nobody unknown is written to."""
    by_person: dict[str, list[Wait]] = {}
    for wait in waits:
        if wait.user_key:
            by_person.setdefault(wait.user_key, []).append(wait)
    people = several(by_person)
    found = []
    for key, some in by_person.items():
        draft = draft_for(request, some, name=people[key].name if key in people else "", new_day=new_day)
        found.append(Drafted(key, tuple(wait.name for wait in some), draft.subject, draft.body))
    return found
