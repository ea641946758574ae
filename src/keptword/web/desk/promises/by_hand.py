"""A promise written down by hand: what, to whom, how much, by when, and where the customer can read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse

from keptword.core.problems import KeptwordError
from keptword.core.schema import PROMISE_KINDS
from keptword.figures.reading import Reader, current
from keptword.intake.checking import Refused
from keptword.office.acts import Intent, group_of, new_group
from keptword.office.people import several
from keptword.web import shop, spoken
from keptword.web.desk.customers.search import searched
from keptword.web.keeping.doing import desk_for, due_columns
from keptword.web.keeping.fields import Fields
from keptword.web.keeping.standing import Moment
from keptword.web.keeping.telling import undo_at
from keptword.web.pages import address, moved, shown, told

FIELDS: Final = (
    *("once", "kind", "what", "to", "user_key", "order", "amount", "currency", "day", "hour", "shown", "shown_at"),
    "channel",
)
CHANNELS: Final = ("", "web", "shop", "mail", "phone", "chat", "wechat", "weibo", "facebook", "store", "event")
MOST: Final = 12
"""Customers among whom one can choose; with more, a longer word finds fewer."""

_ORDER: Final = "order:"


@dataclass(frozen=True)
class Whom:
    """A customer one may have meant: the key, and what to call them."""

    user_key: str
    called: str
    more: str = ""


@dataclass(frozen=True)
class ByHandPage:
    """The form, with what cannot be taken of it, and the customers one may have meant."""

    template: ClassVar[str] = "promise_new.html.jinja"
    form: Mapping[str, str]
    whom: Whom | None = None
    found: tuple[Whom, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    channels: tuple[tuple[str, str], ...] = ()
    troubles: Mapping[str, str] = field(default_factory=dict)
    empty: bool = False


def new(request: HttpRequest) -> HttpResponse:
    """Show the form; or write the promise down."""
    reader = current(shop.books().folder)
    if request.method != "POST":
        form = {name: request.GET.get(name, "")[:200] for name in FIELDS} | {"once": new_group()}
        form["user_key"] = request.GET.get("to", "")[:512]
        form["to"] = ""
        form["currency"] = form["currency"] or shop.books().business.currency
        return shown(request, _page(request, reader, form))
    form = {name: request.POST.get(name, "")[:2000] for name in FIELDS} | {"subject": ""}
    fields = Fields(request.POST, words=request.words, moment=Moment(shop.now(), shop.books().timezone))
    found: tuple[Whom, ...] = ()
    if reader is None:
        fields.refuse("what", "promises.no_figures")
    else:
        found = _whom(request, reader, form=form, fields=fields)
    intent = _intent(fields, form=form)
    if not fields.troubles and _written(request, intent, fields=fields, once=form["once"]):
        return moved("promises.promise", promise_id=intent.promise_id)
    return shown(request, _page(request, reader, form, found=found, fields=fields), status=422)


def _written(request: HttpRequest, intent: Intent, *, fields: Fields, once: str) -> bool:
    """Write the promise down, and tell whether it is; a form sent twice is written down once."""
    desk = desk_for(request.user, group=once)
    if desk is None:
        return False
    try:
        recorded = desk.make(intent)
    except Refused as refusal:
        fields.troubles["what"] = str(refusal)
        return False
    except KeptwordError as error:
        fields.troubles["what"] = request.words.refusal(error)
        return False
    to = address("promises.promise", promise_id=intent.promise_id)
    if recorded.done:
        told(request, request.words.say("promises.written_down"), undo=undo_at(recorded.group, to=address("promises")))
    else:
        told(request, request.words.say("promises.written_before"), undo=undo_at(once, to=to))
    return True


def _intent(fields: Fields, *, form: dict[str, str]) -> Intent:
    """Return the promise a form tells; what is wrong with it stands in the fields' troubles."""
    kind = fields.choice("kind", PROMISE_KINDS, needed="promises.no_kind")
    what = fields.text("what", needed="promises.no_what")
    due = fields.due("day", "hour", needed=False)
    money = fields.money("amount", "currency", usual=shop.books().business.currency)
    channel = fields.choice("channel", CHANNELS, needed="promises.no_channel")
    where = fields.text("shown_at", longest=200, needed="promises.no_shown_at" if fields.ticked("shown") else "")
    form["once"] = group_of(form["once"])
    columns: dict[str, Any] = {
        "promise_kind": kind,
        "attributes": {"what": what} | ({"shown_at": where} if where and fields.ticked("shown") else {}),
        **(due_columns(due) if due else {}),
        **({"amount": money.amount, "currency": money.currency} if money else {}),
        **({"channel": channel} if channel else {}),
    }
    return Intent(
        "promise.made",
        user_key=form["user_key"],
        promise_id=f"desk:{form['once']}",
        subject=form["subject"],
        columns=columns,
    )


def _whom(request: HttpRequest, reader: Reader, *, form: dict[str, str], fields: Fields) -> tuple[Whom, ...]:
    """Settle to whom the promise was made, into the form; return those among whom somebody has to choose."""
    order = _order(reader, form=form, fields=fields)
    text = form["to"].strip()
    if text:
        # What is searched for goes before whoever was found first.
        form.update(user_key="", to="")
        known = _known(request, reader, text)
        found = [known] if known else _searched(request, reader, text)
        if len(found) > 1:
            fields.refuse("to", "promises.choose_whom", count=len(found))
            return tuple(found)
        if found:
            form["user_key"] = found[0].user_key
        else:
            form["to"] = text
            fields.refuse("to", "promises.nobody_found", text=spoken.short(text))
    elif form["user_key"] and _known(request, reader, form["user_key"]) is None:
        fields.refuse("to", "promises.nobody_found", text=spoken.short(form["user_key"]))
        form["user_key"] = ""
    elif not form["user_key"] and order and order["user_key"]:
        form["user_key"] = order["user_key"]
    elif not form["user_key"] and "order" not in fields.troubles and not order:
        fields.refuse("to", "promises.no_whom")
    if order and form["user_key"] and order["user_key"] and order["user_key"] != form["user_key"]:
        fields.refuse("order", "promises.others_order", number=order["number"])
    return ()


def _searched(request: HttpRequest, reader: Reader, text: str) -> list[Whom]:
    found = searched(reader, text, words=request.words, limit=MOST)
    return [Whom(each.user_key, each.called, each.mail if each.name else "") for each in found]


def _order(reader: Reader, *, form: dict[str, str], fields: Fields) -> dict[str, Any] | None:
    """Return the order a form names, as the figures know it; one that they do not needs somebody it is for."""
    number = form["order"].strip().removeprefix("#").strip()
    if not number:
        return None
    if len(number) > 100 or any(not sign.isprintable() for sign in number):
        fields.refuse("order", "promises.no_order", text=spoken.short(number))
        return None
    row = reader.row("SELECT number, subject, user_key FROM subjects WHERE number = $number", {"number": number})
    form["subject"] = row["subject"] if row else f"{_ORDER}{number}"
    if row is None and not (form["to"].strip() or form["user_key"]):
        fields.refuse("order", "promises.no_order", text=spoken.short(number))
    return row


def _known(request: HttpRequest, reader: Reader, user_key: str) -> Whom | None:
    """Return a customer by their key, where the figures or the address book know them."""
    person = several([user_key]).get(user_key)
    row = reader.row("SELECT user_key FROM people WHERE user_key = $key", {"key": user_key})
    if person is None and row is None:
        return None
    name, mail = (person.name, person.mail) if person else ("", "")
    return Whom(user_key, spoken.customer(request.words, user_key=user_key, name=name, mail=mail), mail if name else "")


def _page(
    request: HttpRequest,
    reader: Reader | None,
    form: Mapping[str, str],
    *,
    found: tuple[Whom, ...] = (),
    fields: Fields | None = None,
) -> ByHandPage:
    words = request.words
    return ByHandPage(
        form,
        whom=_known(request, reader, form["user_key"]) if reader and form["user_key"] else None,
        found=found,
        kinds=tuple((kind, spoken.promise(words, kind)) for kind in PROMISE_KINDS),
        channels=tuple((name, spoken.channel(words, name) or "–") for name in CHANNELS),
        troubles=fields.troubles if fields else {},
        empty=reader is None,
    )
