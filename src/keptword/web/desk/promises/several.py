"""Many promises at once: marked as kept, moved to another day, called off; from whatever list they were ticked in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from django.http import HttpRequest, HttpResponse

from keptword.office.acts import group_of
from keptword.web.desk.promises.listed import PromiseShown, shown_rows
from keptword.web.keeping.doing import AGREED, MOST, WISHES, Desk, desk_for
from keptword.web.keeping.fields import Fields
from keptword.web.keeping.telling import back, chosen, tell_done, went
from keptword.web.pages import address, shown, told

ACTS: Final = ("keep", "move", "call_off")
FIELDS: Final = ("day", "hour", "agreed", "evidence", "wish", "reason")


@dataclass(frozen=True)
class SeveralPage:
    """Asks what is needed to do the same about several promises, and shows which they are; `once` as with one."""

    template: ClassVar[str] = "promises_several.html.jinja"
    act: str
    rows: tuple[PromiseShown, ...]
    back: str
    once: str
    agreed: tuple[str, ...] = AGREED
    wishes: tuple[str, ...] = WISHES
    form: Mapping[str, str] = field(default_factory=dict)
    troubles: Mapping[str, str] = field(default_factory=dict)


def several(request: HttpRequest) -> HttpResponse:
    """Do what is asked about the rows that are ticked; what needs to be told more of is asked first."""
    here, names, act = back(request, address("promises")), chosen(request), request.POST.get("act", "")
    desk = desk_for(request.user, group=group_of(request.POST.get("once", "")))
    if desk is None or act not in ACTS or not names:
        told(request, request.words.say("promises.nothing_chosen"), trouble=True)
        return went(here)
    if len(names) > MOST:
        told(request, request.words.say("promises.too_many", count=MOST, there=len(names)), trouble=True)
        return went(here)
    if act == "keep":
        tell_done(request, desk.keep(names), key="promises.done_kept", to=here)
        return went(here)
    # A message without an answer has no day that could be moved, and nothing that could be called off.
    names = [name for name in names if name.startswith("p:")]
    return _move(request, desk, names) if act == "move" else _call_off(request, desk, names)


def _move(request: HttpRequest, desk: Desk, names: list[str]) -> HttpResponse:
    fields = _fields(request, desk)
    if not request.POST.get("sent"):
        return _asked(request, desk, names, act="move")
    due = fields.due("day", "hour", needed=True)
    agreed = fields.choice("agreed", AGREED, needed="promises.no_agreement")
    evidence = fields.text("evidence", needed="promises.no_evidence")
    if due is None or fields.troubles:
        return _asked(request, desk, names, act="move", fields=fields)
    here = back(request, address("promises"))
    done = desk.move(names, to=due, agreed=agreed, evidence=evidence)
    tell_done(request, done, key="promises.done_moved", to=here)
    return went(here)


def _call_off(request: HttpRequest, desk: Desk, names: list[str]) -> HttpResponse:
    fields = _fields(request, desk)
    if not request.POST.get("sent"):
        return _asked(request, desk, names, act="call_off")
    wish = fields.choice("wish", WISHES, needed="promises.no_wish")
    evidence, reason = fields.text("evidence", needed="promises.no_evidence"), fields.text("reason")
    if fields.troubles:
        return _asked(request, desk, names, act="call_off", fields=fields)
    here = back(request, address("promises"))
    done = desk.call_off(names, reason=reason, wish=wish, evidence=evidence)
    tell_done(request, done, key="promises.done_called_off", to=here)
    return went(here)


def _asked(
    request: HttpRequest, desk: Desk, names: list[str], *, act: str, fields: Fields | None = None
) -> HttpResponse:
    """Show the form with the promises it is about; where nothing is left of them, go back."""
    there = desk.book.some([name.removeprefix("p:") for name in names])
    here = back(request, address("promises"))
    if not there:
        told(request, request.words.say("promises.no_promise_chosen"), trouble=True)
        return went(here)
    page = SeveralPage(
        act,
        rows=shown_rows(list(there.values()), reader=desk.book.reader, words=request.words),
        back=here,
        once=desk.group,
        form={name: request.POST.get(name, "")[:500] for name in FIELDS},
        troubles=fields.troubles if fields else {},
    )
    return shown(request, page, status=422 if fields else 200)


def _fields(request: HttpRequest, desk: Desk) -> Fields:
    return Fields(request.POST, words=request.words, moment=desk.moment)
