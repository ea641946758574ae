"""Lines we could not read: why, one by one as they came, mended and tried again, or dropped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from keptword.core.problems import KeptwordError
from keptword.intake import quarantine
from keptword.intake.quarantine import Refusal
from keptword.web import shop
from keptword.web.forms import texts
from keptword.web.listing import Listing, as_csv, asked, wants_csv
from keptword.web.pages import local_day, moved, shown, told
from keptword.words import Words

LONGEST = 100_000
_AT_ONCE = 500
_MOST_REASONS = 20
_LONGEST_REASON = 180


@dataclass(frozen=True)
class LineShown:
    """One line: its number, its day, where it came from, why it could not be read."""

    number: int
    since: date
    place: str
    reason: str


@dataclass(frozen=True)
class WhyShown:
    """One kind of reason: as the first line has it, the number of that, and how many lines."""

    reason: str
    count: int
    first: int


@dataclass(frozen=True)
class LinesPage:
    """The lines that wait to be mended, and why."""

    template: ClassVar[str] = "imports_lines.html.jinja"
    reasons: tuple[WhyShown, ...]
    lines: tuple[LineShown, ...]
    listing: Listing


@dataclass(frozen=True)
class LinePage:
    """One line as it came, to be mended."""

    template: ClassVar[str] = "imports_line.html.jinja"
    line: LineShown
    content: str
    trouble: str = ""


def lines(request: HttpRequest) -> HttpResponseBase:
    """Show the lines that wait to be mended, the newest first, and the reasons by how many they refused."""
    total = quarantine.count()
    listing = asked(request, filters=(), columns=("number",), sort="-number", total=total)
    if wants_csv(request):
        heads = [request.words.say(f"imports.{name}") for name in ("number", "day", "place", "why")]
        return as_csv("lines", heads=heads, rows=_every(request.words))
    found = quarantine.page(listing.offset, listing.size)
    said = request.words.retold
    most = quarantine.reasons()[:_MOST_REASONS]
    why = tuple(WhyShown(_brief(said(each.reason)), each.count, each.first) for each in most)
    brief = tuple(replace(_shown(each), reason=_brief(said(each.reason))) for each in found)
    return shown(request, LinesPage(why, brief, listing))


def _every(words: Words) -> Iterator[tuple[int, str, str, str]]:
    offset = 0
    while found := quarantine.page(offset, _AT_ONCE):
        offset += len(found)
        for each in found:
            yield each.number, local_day(each.since).isoformat(), each.place, words.retold(each.reason)


def line(request: HttpRequest, number: int) -> HttpResponse:
    """Show one line as it came."""
    there = _found(number)
    return shown(request, LinePage(_shown(there), _laid_out(there.content)))


def mend(request: HttpRequest, number: int) -> HttpResponse:
    """Try a line again as it was mended; refused again it stays, with the new reason."""
    _found(number)
    content = texts(request, ["content"], longest=LONGEST)["content"]
    done = quarantine.replay([number], {number: _one_line(content)}, timezone=shop.books().timezone, now=shop.now())
    if done.refused:
        # The same line may be here already under another number; then this one is no more.
        remaining = _or_none(number)
        if remaining is not None:
            return shown(request, LinePage(_shown(remaining), content, trouble=remaining.reason), status=422)
    told(request, request.words.say("imports.mended" if done.accepted else "imports.mended_known"))
    return moved("imports.lines")


def drop(request: HttpRequest, number: int) -> HttpResponse:
    """Delete a line for good."""
    _found(number)
    quarantine.drop(number)
    told(request, request.words.say("imports.dropped"))
    return moved("imports.lines")


def _found(number: int) -> Refusal:
    there = _or_none(number)
    if there is None:
        raise Http404
    return there


def _or_none(number: int) -> Refusal | None:
    try:
        return quarantine.shown(number)
    except (KeptwordError, OverflowError):
        return None


def _shown(line: Refusal) -> LineShown:
    return LineShown(line.number, local_day(line.since), line.place, line.reason)


def _brief(reason: str) -> str:
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 1]}…"


def _laid_out(content: str) -> str:
    """Return a line as it is easiest to read: one field below the other, where it is whole."""
    try:
        return json.dumps(json.loads(content), ensure_ascii=False, indent=2)
    except ValueError:
        return content


def _one_line(content: str) -> str:
    try:
        return json.dumps(json.loads(content), ensure_ascii=False)
    except ValueError:
        return " ".join(content.splitlines())
