"""Turns a page's dataclass into HTML: its template, the frame around it, and the words it is told in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any, ClassVar, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from keptword.core.calendars import zone
from keptword.core.rates import Share
from keptword.web import shop
from keptword.web.chrome import Frame, frame
from keptword.words import STRONG_BEGINS, STRONG_ENDS, Words


class Page(Protocol):
    """What a page gives its template: a frozen dataclass that names it."""

    template: ClassVar[str]


def shown(request: HttpRequest, page: Page, *, status: int = 200) -> HttpResponse:
    """Return the answer that shows a page.

    Where htmx asks for a part, named by the element it goes into (`hx-target="#list"`), the block of that name in the
    page's own template is the whole answer.
    """
    values = {"page": page, **_context(request, frame(request))}
    template = _environment().get_template(page.template)
    values["parts"] = _environment().get_template("parts.html.jinja").make_module(values)
    part = template.blocks.get(request.headers.get("HX-Target", "")) if getattr(request, "htmx", False) else None
    html = "".join(part(template.new_context(values))) if part else template.render(values)
    return HttpResponse(html, status=status, headers={"Vary": "HX-Request, Cookie"})


def rendered(template: str, *, words: Words, **values: object) -> str:
    """Return a text made by a template outside any request: a mail, a message, a letter."""
    return str(_environment().get_template(template).render(**_speech(words), **values))


@dataclass(frozen=True)
class Undo:
    """Where to undo what was just done, and until when that can be."""

    address: str
    until: datetime


def told(request: HttpRequest, sentence: str, *, undo: str = "", trouble: bool = False) -> None:
    """Say a sentence at the top of the next page; `undo` is the address that takes back what was done."""
    level = messages.ERROR if trouble else messages.SUCCESS
    messages.add_message(request, level, sentence, extra_tags=undo)


def moved(name: str, /, **arguments: Any) -> HttpResponse:
    """Return the answer that sends the browser on to a page after something was written."""
    return HttpResponseRedirect(reverse(name, kwargs=arguments), status=303)


def marked(text: str) -> Markup:
    """Return a sentence as HTML: escaped, and heavy where it is marked to be."""
    pieces = text.replace(STRONG_ENDS, STRONG_BEGINS).split(STRONG_BEGINS)
    return Markup().join(
        escape(piece) if place % 2 == 0 else Markup("<strong>{}</strong>").format(piece)
        for place, piece in enumerate(pieces)
    )


def _speech(words: Words) -> dict[str, Callable[..., object] | Words]:
    def say(key: str, /, **values: Any) -> Markup:
        return marked(words.say(key, **values))

    return {
        "words": words,
        "say": say,
        "retold": words.retold,
        "day": words.day,
        "short_day": words.short_day,
        "month": words.month,
        "number": words.number,
        "money": lambda amount, currency: money(words, amount, currency=currency),
        "share": partial(_share, words),
        "moment": partial(moment, words),
        "marked": marked,
    }


def _share(words: Words, share: Share) -> Markup:
    return marked(words.share(share))


def money(words: Words, amount: Decimal | float, *, currency: str) -> str:
    """Return money as the language writes it: EUR 1,206.50; whole where it is large."""
    value = Decimal(amount)
    return words.say(
        "money.amount", currency=currency, amount=f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
    )


def moment(words: Words, at: datetime | None) -> str:
    """Return an instant as a day and an hour in the business's time zone."""
    if at is None:
        return "–"
    there = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone(shop.books().timezone))
    return words.say("date.moment", day=words.short_day(there.date()), time=f"{there:%H:%M}")


def local_day(at: datetime) -> date:
    """Return the business's local day of an instant."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone(shop.books().timezone)).date()


def _context(request: HttpRequest, around: Frame) -> dict[str, Any]:
    return {
        **_speech(request.words),
        "frame": around,
        "request": request,
        "csrf": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request)),
        "messages": list(messages.get_messages(request)),
    }


def address(name: str, /, **arguments: Any) -> str:
    """Return the address of a page by its name."""
    return str(reverse(name, kwargs={key: value for key, value in arguments.items() if value is not None}))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("keptword.web", "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(address=address, static=static)
    return environment
