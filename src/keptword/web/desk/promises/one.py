"""One promise: what, to whom, how much, by when, where it can be read; its history; and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import ClassVar

from django.http import Http404, HttpRequest, HttpResponse

from keptword.office.acts import group_of
from keptword.web import shop
from keptword.web.desk.promises.history import Line, history
from keptword.web.desk.promises.listed import PromiseShown, shown_rows
from keptword.web.keeping.doing import AGREED, WISHES, Desk, Done, desk_for
from keptword.web.keeping.fields import Fields
from keptword.web.keeping.standing import Moment, Promise
from keptword.web.keeping.telling import tell_done, teller, undo_at, went
from keptword.web.pages import address, shown

FIELDS = ("day", "hour", "agreed", "evidence", "reason", "wish", "remedy", "amount", "currency", "sorry")
LONGEST = 500


@dataclass(frozen=True)
class PromisePage:
    """What the page of one promise shows. `opened` names the form that was sent and not taken, with its `troubles`.

    `once` goes with the form that moves it: sent twice, it moves it once.
    """

    template: ClassVar[str] = "promise.html.jinja"
    promise: PromiseShown
    what: str
    user_key: str
    kept_on: date | None
    shown_at: str
    channel: str
    mail: str
    how_much: tuple[str, str] | None
    by_rule: bool
    can: tuple[str, ...]
    history: tuple[Line, ...]
    undo: str
    undo_until: datetime | None
    once: str
    agreed: tuple[str, ...] = AGREED
    wishes: tuple[str, ...] = WISHES
    currency: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    opened: str = ""
    troubles: Mapping[str, str] = field(default_factory=dict)


def promise(request: HttpRequest, promise_id: str) -> HttpResponse:
    """Show one promise."""
    desk, there = _there(request, promise_id)
    return shown(request, _page(request, desk, there))


def keep(request: HttpRequest, promise_id: str) -> HttpResponse:
    """Record that a promise was kept."""
    desk, there = _there(request, promise_id)
    return _answer(request, there, desk.keep([f"p:{there.promise_id}"]), key="promises.done_kept")


def move(request: HttpRequest, promise_id: str) -> HttpResponse:
    """Record that the customer agreed to another day."""
    desk, there = _there(request, promise_id)
    fields = _fields(request)
    due = fields.due("day", "hour", needed=True)
    agreed = fields.choice("agreed", AGREED, needed="promises.no_agreement")
    evidence = fields.text("evidence", needed="promises.no_evidence")
    if due is None or fields.troubles:
        return _refused(request, desk, there, opened="move", fields=fields)
    done = desk.move([f"p:{there.promise_id}"], to=due, agreed=agreed, evidence=evidence)
    return _answer(request, there, done, key="promises.done_moved")


def call_off(request: HttpRequest, promise_id: str) -> HttpResponse:
    """Record that a promise was called off, by the customer's wish or with their consent."""
    desk, there = _there(request, promise_id)
    fields = _fields(request)
    wish = fields.choice("wish", WISHES, needed="promises.no_wish")
    evidence, reason = fields.text("evidence", needed="promises.no_evidence"), fields.text("reason")
    if fields.troubles:
        return _refused(request, desk, there, opened="call_off", fields=fields)
    done = desk.call_off([f"p:{there.promise_id}"], reason=reason, wish=wish, evidence=evidence)
    return _answer(request, there, done, key="promises.done_called_off")


def fail(request: HttpRequest, promise_id: str) -> HttpResponse:
    """Record that a promise will not be kept, and what the customer gets instead."""
    desk, there = _there(request, promise_id)
    fields = _fields(request)
    reason, remedy = fields.text("reason"), fields.text("remedy")
    money = fields.money("amount", "currency", usual=shop.books().business.currency)
    sorry = fields.ticked("sorry")
    if sorry and not there.user_key:
        fields.refuse("sorry", "promises.nobody_to_tell")
    if fields.troubles:
        return _refused(request, desk, there, opened="fail", fields=fields)
    done = desk.fail(there.promise_id, reason=reason, remedy=remedy, money=money, sorry=sorry)
    return _answer(request, there, done, key="promises.done_failed")


def _there(request: HttpRequest, promise_id: str) -> tuple[Desk, Promise]:
    desk = desk_for(request.user, group=group_of(request.POST.get("once", "")))
    there = desk.book.some([promise_id]).get(promise_id) if desk else None
    if desk is None or there is None:
        raise Http404
    return desk, there


def _fields(request: HttpRequest) -> Fields:
    return Fields(request.POST, words=request.words, moment=Moment(shop.now(), shop.books().timezone))


def _answer(request: HttpRequest, there: Promise, done: Done, *, key: str) -> HttpResponse:
    to = address("promises.promise", promise_id=there.promise_id)
    tell_done(request, done, key=key, to=to)
    return went(to)


def _refused(request: HttpRequest, desk: Desk, there: Promise, *, opened: str, fields: Fields) -> HttpResponse:
    page = _page(request, desk, there)
    form = {name: request.POST.get(name, "")[:LONGEST] for name in FIELDS}
    return shown(request, replace(page, form=form, opened=opened, troubles=fields.troubles), status=422)


def _page(request: HttpRequest, desk: Desk, there: Promise) -> PromisePage:
    reader, words = desk.book.reader, request.words
    told = history(reader, there, words=words)
    held = next((each for each in reversed(told.held)), None)
    return PromisePage(
        promise=shown_rows([there], reader=reader, words=words)[0],
        what=teller(reader, words=words, user_keys=()).what(there),
        user_key=there.user_key,
        kept_on=there.kept_on,
        shown_at=there.shown_at,
        channel=told.channel,
        mail=told.mail,
        how_much=told.how_much,
        by_rule=bool(there.rule_id),
        can=_can(there),
        history=told.lines,
        undo=undo_at(held.group, to=address("promises.promise", promise_id=there.promise_id)) if held else "",
        undo_until=held.until if held else None,
        once=desk.group,
        currency=shop.books().business.currency,
        form=dict.fromkeys(FIELDS, ""),
    )


def _can(there: Promise) -> tuple[str, ...]:
    """Return what can still be done about a promise."""
    if there.is_done:
        return ()
    return ("keep",) if there.state == "broken" else ("keep", "move", "call_off", "fail")
