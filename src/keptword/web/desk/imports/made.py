"""One import: what it brought, what could not be read and why, and taking all of it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse

from keptword.books import uploads
from keptword.books.imports_made import imports_made
from keptword.office import jobs
from keptword.office.models import Job
from keptword.web import shop
from keptword.web.desk.imports.front import ImportShown, import_shown, may_look_inside
from keptword.web.desk.imports.lot import ReasonShown, left_out, reasons_shown
from keptword.web.desk.imports.work_shown import is_open
from keptword.web.desk.imports.working import rejected_path
from keptword.web.pages import moved, shown
from keptword.web.work.reasons import RESULT


@dataclass(frozen=True)
class Unread:
    """Lines of one file nobody could read: how many, why, and whether they can still be taken along."""

    place: int
    name: str
    count: int
    reasons: tuple[ReasonShown, ...]
    is_here: bool


@dataclass(frozen=True)
class MadePage:
    """What an import brought; `job` is the work it was done by, where that was asked for on a page."""

    template: ClassVar[str] = "imports_made.html.jinja"
    made: ImportShown
    job: int | None
    unread: tuple[Unread, ...]
    unread_lines: int
    left_out: str
    noticed: tuple[str, ...]
    erased: int
    rates: int
    resumed: bool
    is_being_taken_back: bool
    staying: int


@dataclass(frozen=True)
class UndoPage:
    """Asks whether a whole import shall be taken back, and says what that means; `staying` for how many customers."""

    template: ClassVar[str] = "imports_undo.html.jinja"
    made: ImportShown
    staying: int


def made(request: HttpRequest, number: int) -> HttpResponse:
    """Show what an import brought."""
    there = _made(request, number)
    job = Job.objects.filter(kind="import", result__number=number).order_by("-pk").first()
    result: Mapping[str, Any] = job.result if job is not None else {}
    unread = _unread(request, job) if job is not None else ()
    page = MadePage(
        made=there,
        job=job.pk if job is not None else None,
        unread=unread,
        unread_lines=sum(each.count for each in unread),
        left_out=left_out(result.get("left_out", {}), words=request.words),
        noticed=tuple(result.get("problems", ())),
        erased=result.get("erased", 0),
        rates=result.get("rates", 0),
        resumed=bool(result.get("resumed")),
        is_being_taken_back=_is_being_taken_back(number),
        staying=_stayed(number),
    )
    return shown(request, page)


def _made(request: HttpRequest, number: int) -> ImportShown:
    for each in imports_made():
        if each.number == number:
            return import_shown(each, words=request.words)
    raise Http404


def _is_being_taken_back(number: int) -> bool:
    return bool(Job.objects.filter(kind="take back", state__in=is_open(), asked__number=number).exists())


def _stayed(number: int) -> int:
    """Return how many people stayed in the address book when an import was taken back on a page, 0 where it was not."""
    done = Job.objects.filter(kind="take back", state=Job.State.DONE, asked__number=number).order_by("-pk").first()
    return int(done.result.get("people", 0)) if done is not None else 0


def _unread(request: HttpRequest, job: Job) -> tuple[Unread, ...]:
    """Return what could not be read of each file; with the cells themselves for a day, and for who may see them."""
    token = str(job.asked.get("upload", ""))
    whole = uploads.read(shop.books().folder.uploads / token / RESULT) if may_look_inside(request) else None
    files = (whole or job.result).get("files", ())
    return tuple(
        Unread(
            place=file["place"],
            name=file["name"],
            count=file["refused"],
            reasons=reasons_shown(file["reasons"]),
            is_here=rejected_path(job, file["place"]) is not None,
        )
        for file in files
        if file["refused"]
    )


def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Ask whether an import shall be taken back, and have it done; asked twice, it is done once."""
    from keptword.books.recording import people_staying

    there = _made(request, number)
    if there.state != "recorded" or _is_being_taken_back(number):
        return moved("imports.made", number=number)
    if request.method != "POST":
        return shown(request, UndoPage(there, people_staying(shop.books(), number)))
    request.audit_place = f"import {number}"
    return moved("imports.job", job=jobs.ask("take back", member=request.user, number=number).pk)
