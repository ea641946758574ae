"""Work that was asked for: how far it is, what came of it, and the lines it could not read, to take along."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from keptword.books import uploads
from keptword.core.problems import KeptwordError
from keptword.office.models import Job
from keptword.web import shop
from keptword.web.desk.imports.work_shown import WorkShown, work_shown
from keptword.web.pages import moved, shown

KINDS = ("import", "rehearsal", "take back")


@dataclass(frozen=True)
class WorkPage:
    """How far some work is; `lot` names the files it is about where they are still here."""

    template: ClassVar[str] = "imports_job.html.jinja"
    work: WorkShown
    names: tuple[str, ...]
    number: int | None
    rates: int | None
    lot: str


def job(request: HttpRequest, job: int) -> HttpResponse:
    """Show how far some work is; when it is done, go on to what came of it."""
    there = get_object_or_404(Job, pk=job, kind__in=KINDS)
    goal = _goal(there)
    if goal:
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Redirect": goal})
        return _redirect(there)
    return shown(request, _page(request, there))


def _goal(there: Job) -> str:
    if there.kind == "rehearsal":
        return str(reverse("imports.upload", kwargs={"token": there.asked.get("upload", "-")}))
    number = there.result.get("number")
    if there.state == Job.State.DONE and number is not None:
        return str(reverse("imports.made", kwargs={"number": number}))
    return ""


def _redirect(there: Job) -> HttpResponse:
    if there.kind == "rehearsal":
        return moved("imports.upload", token=there.asked.get("upload", "-"))
    return moved("imports.made", number=there.result["number"])


def _page(request: HttpRequest, there: Job) -> WorkPage:
    lot = _lot(there)
    return WorkPage(
        work=work_shown(there, words=request.words),
        names=tuple(file.name for file in lot.files) if lot is not None else (),
        number=there.asked.get("number"),
        rates=there.result.get("rates") if there.state == Job.State.DONE else None,
        lot=lot.token if lot is not None else "",
    )


def _lot(there: Job) -> uploads.Lot | None:
    try:
        return uploads.found(shop.books().folder, str(there.asked.get("upload", "")))
    except KeptwordError:
        return None


def rejected(request: HttpRequest, *, job: int, place: int) -> HttpResponseBase:
    """Hand out the lines of a file nobody could read, each with the reason; kept for a day."""
    there = get_object_or_404(Job, pk=job, kind="import")
    path = rejected_path(there, place)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="text/csv; charset=utf-8")


def rejected_path(there: Job, place: int) -> Path | None:
    """Return where the lines of a file lie that nobody could read; None where they do not, or no more."""
    token = str(there.asked.get("upload", ""))
    for file in there.result.get("files", ()):
        if file["place"] == place and file["rejected"]:
            path = shop.books().folder.uploads / token / file["rejected"]
            return path if path.is_file() else None
    return None
