"""Add data: one box, what was brought in, and what could be added next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from keptword.books.imports_made import ImportMade, imports_made
from keptword.books.rates import known
from keptword.core.problems import KeptwordError
from keptword.intake import quarantine
from keptword.office import jobs
from keptword.office.models import Job
from keptword.office.rights import Right
from keptword.sources.rooms import ROOMS
from keptword.web import shop
from keptword.web.arriving import arrived, kept, most
from keptword.web.desk.imports.work_shown import is_open, open_jobs
from keptword.web.listing import Listing, as_csv, asked, wants_csv
from keptword.web.pages import local_day, moved, shown, told
from keptword.web.signing_in.entering import safe_back
from keptword.words import Words

COLUMNS: Final = ("number", "day", "recorded", "known", "refused")
STATES: Final = ("recorded", "back", "waiting", "stopped")

_HEADS: Final = ("number", "day", "files", "recorded", "known", "refused", "state")
_SHOPS: Final = ("shopify_orders", "woocommerce_orders")
_OTHERS: Final = ("mailbox", "judgeme_reviews", "shopify_products", "rates", "csv")


@dataclass(frozen=True)
class ImportShown:
    """One import: its number, its day, the files with what they were read as, what became of them, how it stands.

    `state` is `recorded`, `back` (taken back), `waiting` (not in the books yet) or `stopped` (nothing of it was kept).
    """

    number: int
    day: date
    files: tuple[tuple[str, str], ...]
    lines: int
    recorded: int
    known: int
    refused: int
    state: str


@dataclass(frozen=True)
class Next:
    """One kind of file that could be added: its name; `is_there` says that some of it was brought in already."""

    name: str
    is_there: bool


@dataclass(frozen=True)
class ImportsPage:
    """What stands where data is added."""

    template: ClassVar[str] = "imports.html.jinja"
    imports: tuple[ImportShown, ...]
    listing: Listing
    next: tuple[Next, ...]
    going_on: tuple[tuple[int, str], ...]
    lines: int
    most: int
    trouble: str = ""


def imports(request: HttpRequest) -> HttpResponseBase:
    """Show the box, what was brought in, and what could be added next; as CSV the imports alone."""
    if wants_csv(request):
        return _csv(request)
    return shown(request, _page(request))


def drop(request: HttpRequest) -> HttpResponse:
    """Take files, and go on to what they are; a hidden `next` has them brought in at once and leads there."""
    found = arrived(request)
    lot = kept(found)
    if lot is None:
        key = found.trouble or (found.left[0][1] if found.left else "none")
        sentence = request.words.say(f"imports.trouble_{key}", most=most())
        return shown(request, replace(_page(request), trouble=sentence), status=422)
    request.audit_place = ", ".join(file.name for file in lot.files)[:255]
    for name, why in lot.troubles:
        told(request, request.words.say(f"imports.left_{why}", name=name), trouble=True)
    onward = request.POST.get("next", "")
    job = jobs.ask("import" if onward else "rehearsal", member=request.user, upload=lot.token)
    if not onward:
        return moved("imports.upload", token=lot.token)
    back = safe_back(request, onward)
    return HttpResponseRedirect(f"{back}{'&' if '?' in back else '?'}{urlencode({'job': job.pk})}", status=303)


def _page(request: HttpRequest) -> ImportsPage:
    rows = [import_shown(each, words=request.words) for each in imports_made()]
    listing = _listing(request, total=len(rows))
    rows = _sorted(rows, listing)[listing.offset : listing.offset + listing.size]
    return ImportsPage(
        imports=tuple(rows),
        listing=listing,
        next=_next(),
        going_on=tuple((job.pk, job.kind) for job in open_jobs() if job.kind in ("import", "take back")),
        lines=quarantine.count(),
        most=most(),
    )


def _listing(request: HttpRequest, *, total: int) -> Listing:
    return asked(request, filters=(), columns=COLUMNS, sort="-number", total=total)


def _sorted(rows: Sequence[ImportShown], listing: Listing) -> list[ImportShown]:
    return sorted(rows, key=lambda row: (getattr(row, listing.sort), row.number), reverse=listing.down)


def import_shown(made: ImportMade, *, words: Words) -> ImportShown:
    """Return an import as a page shows it."""
    state = "back" if made.withdrawn else {"recorded": "recorded", "sealed": "waiting"}.get(made.state, "stopped")
    if state == "stopped" and _is_at_work(made.number):
        state = "waiting"
    return ImportShown(
        number=made.number,
        day=local_day(made.started_at),
        files=tuple((name, read_as(words, source=source, title=title)) for name, source, title, _ in made.read),
        lines=sum(rows for *_, rows in made.read),
        recorded=made.recorded,
        known=made.known,
        refused=made.refused,
        state=state,
    )


def _is_at_work(number: int) -> bool:
    return Job.objects.filter(kind="import", state__in=is_open(), result__number=number).exists()


def read_as(words: Words, *, source: str, title: str = "") -> str:
    """Return what a file was read as, in words; a table of one's own by the name it was given."""
    key = f"source.{source}"
    return words.say(key) if words.has(key) else words.say("imports.own_table", name=source or title)


def _next() -> tuple[Next, ...]:
    """Return the kinds of files there are, those not brought in yet first; of the shops only those in use."""
    there = {source for made in imports_made() if not made.withdrawn for _, source, *_ in made.read}
    sold = [name for name in _SHOPS if name in there]
    names = {*ROOMS, "rates", "csv"}
    every = [name for name in (*(sold or _SHOPS), *_OTHERS) if name in names]
    if _has_rates():
        there.add("rates")
    found = [Next(name, name in there) for name in every]
    return tuple(sorted(found, key=lambda each: each.is_there))


def _has_rates() -> bool:
    try:
        return bool(known(shop.books()))
    except KeptwordError:
        return True


def _csv(request: HttpRequest) -> HttpResponseBase:
    words = request.words
    rows = _sorted([import_shown(each, words=words) for each in imports_made()], _listing(request, total=0))
    return as_csv(
        "imports",
        heads=[words.say(f"imports.{name}") for name in _HEADS],
        rows=(
            (
                row.number,
                row.day.isoformat(),
                ", ".join(name for name, _ in row.files),
                row.recorded,
                row.known,
                row.refused,
                words.say(f"imports.state_{row.state}"),
            )
            for row in rows
        ),
    )


def may_look_inside(request: HttpRequest) -> bool:
    """Tell whether somebody may see lines of files as they came."""
    return bool(request.user.may(Right.MANAGE))
