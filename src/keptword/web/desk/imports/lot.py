"""What was dropped: what each file is, what it would bring, and the one button that brings it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse

from keptword.books import uploads
from keptword.books.seen import Seen, forget, looked
from keptword.books.uploads import Lot
from keptword.core.problems import KeptwordError
from keptword.office import jobs
from keptword.office.models import Job
from keptword.web import shop
from keptword.web.desk.imports.front import read_as
from keptword.web.desk.imports.work_shown import WorkShown, work_shown
from keptword.web.forms import texts
from keptword.web.pages import moved, shown, told
from keptword.web.spoken import entry
from keptword.web.work.reasons import RESULT, reasons_of
from keptword.words import Words

_COLUMNS = 12


@dataclass(frozen=True)
class ReasonShown:
    """Why lines of a file cannot be read: where first, the sentence, how many."""

    where: str
    sentence: str
    count: int


@dataclass(frozen=True)
class FileShown:
    """One file: what it is, its first rows, its lines, and why some of them cannot be read.

    `state` is as `seen.State` has it, or `left_out`.
    """

    place: int
    name: str
    megabytes: float
    state: str
    read_as: str
    kept: bool
    error: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more_columns: int
    lines: int | None
    refused: int
    reasons: tuple[ReasonShown, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    """What the files would bring: how many entries of which kind, about whom, from when to when, what is left out."""

    new: int
    known: int
    refused: int
    erased: int
    customers: int
    first_on: date | None
    last_on: date | None
    to_come: int
    kinds: tuple[tuple[str, int], ...]
    left_out: str
    lines_refused: int

    @property
    def entries(self) -> int:
        """All entries, whatever would become of them."""
        return self.new + self.known + self.refused + self.erased


@dataclass(frozen=True)
class LotPage:
    """What was dropped, and what it would bring."""

    template: ClassVar[str] = "imports_lot.html.jinja"
    token: str
    files: tuple[FileShown, ...]
    work: WorkShown | None
    counted: Counted | None
    noticed: tuple[str, ...]
    rates_alone: bool
    unknown: int
    has_mailbox: bool
    own: str
    goods_alone: bool


def lot(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was dropped; what is being brought in already is shown where that is."""
    there = lot_of(token)
    importing = _newest(token, "import")
    if importing is not None and importing.state != Job.State.FAILED:
        return _on(request, importing.pk)
    return shown(request, page_of(there, words=request.words))


def lot_of(token: str) -> Lot:
    """Return a lot; there is no page of one that is gone."""
    try:
        return uploads.found(shop.books().folder, token)
    except KeptwordError as error:
        raise Http404 from error


def _on(request: HttpRequest, job: int) -> HttpResponse:
    response = moved("imports.job", job=job)
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": response.headers["Location"]})
    return response


def again(request: HttpRequest, token: str) -> HttpResponse:
    """Have the files looked at again."""
    return looked_at_again(request, lot_of(token))


def looked_at_again(request: HttpRequest, there: Lot) -> HttpResponse:
    """Ask for a look at the files of a lot and go there; what was found before counts no more."""
    forget(there)
    jobs.ask("rehearsal", member=request.user, upload=there.token)
    return moved("imports.upload", token=there.token)


def without(request: HttpRequest, token: str) -> HttpResponse:
    """Leave one of the files out, or take it in again."""
    there = lot_of(token)
    place = _place(request, there)
    left_out = {*there.left_out} ^ {place}
    uploads.keep(replace(there, left_out=tuple(sorted(left_out))))
    return looked_at_again(request, there)


def _place(request: HttpRequest, there: Lot) -> int:
    told_place = request.POST.get("place", "")
    if told_place not in {str(file.place) for file in there.files}:
        raise Http404
    return int(told_place)


def own(request: HttpRequest, token: str) -> HttpResponse:
    """Say which mail addresses are the business's own."""
    there = lot_of(token)
    addresses = texts(request, ["own"], longest=2000)["own"].replace(",", " ").split()
    uploads.keep(replace(there, own=tuple(addresses[:50])))
    return looked_at_again(request, there)


def bring(request: HttpRequest, token: str) -> HttpResponse:
    """Bring the files into the books; asked twice, it is done once."""
    there = lot_of(token)
    before = _newest(token, "import")
    if before is not None and before.state != Job.State.FAILED:
        return moved("imports.job", job=before.pk)
    request.audit_place = ", ".join(file.name for file in there.files)[:255]
    return moved("imports.job", job=jobs.ask("import", member=request.user, upload=token).pk)


def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Remove the files again, nothing of them taken in."""
    there = lot_of(token)
    before = _newest(token, "import")
    if before is not None and before.state in ("waiting", "running"):
        return moved("imports.job", job=before.pk)
    uploads.remove(there)
    told(request, request.words.say("imports.left"))
    return moved("imports")


def _newest(token: str, kind: str) -> Job | None:
    found: Job | None = Job.objects.filter(kind=kind, asked__upload=token).order_by("-pk").first()
    return found


def page_of(there: Lot, *, words: Words) -> LotPage:
    """Return the page of a lot."""
    rehearsal = _newest(there.token, "rehearsal")
    work = work_shown(rehearsal, words=words) if rehearsal is not None else None
    going_on = work is not None and work.is_open
    seen = () if going_on else looked(there) or ()
    result = {} if going_on or rehearsal is None else rehearsal.result
    details = (uploads.read(there.folder / RESULT) or {}) if result.get("counted") else {}
    files = tuple(_file(there, each, details=details, words=words) for each in seen)
    taken = [each for each in seen if each.place not in there.left_out]
    return LotPage(
        token=there.token,
        files=files,
        work=work,
        counted=_counted(result, words=words) if result.get("counted") else None,
        noticed=tuple(details.get("problems", ())),
        rates_alone=bool(taken) and all(each.state == "rates" for each in taken),
        unknown=sum(each.state == "unknown" for each in taken),
        has_mailbox=any(each.source == "mailbox" for each in taken),
        own=", ".join(there.own),
        goods_alone=bool(taken) and all(each.source == "shopify_products" for each in taken),
    )


def _file(there: Lot, seen: Seen, *, details: Mapping[str, Any], words: Words) -> FileShown:
    file = there.file(seen.place)
    read: Mapping[str, Any] = next((each for each in details.get("files", ()) if each["place"] == seen.place), {})
    state = "left_out" if seen.place in there.left_out else seen.state
    return FileShown(
        place=seen.place,
        name=file.name,
        megabytes=max(file.size / 1_000_000, 0.1),
        state=state,
        read_as=read_as(words, source=seen.source) if state in ("known", "rates") else "",
        kept=seen.kept,
        error=words.refusal(seen.error),
        header=seen.header[:_COLUMNS],
        rows=tuple(row[:_COLUMNS] for row in seen.rows),
        more_columns=max(len(seen.header) - _COLUMNS, 0),
        lines=read.get("rows"),
        refused=read.get("refused", 0),
        reasons=reasons_shown(read.get("reasons", ())),
        problems=seen.problems,
    )


def reasons_shown(told_reasons: Sequence[Mapping[str, Any]]) -> tuple[ReasonShown, ...]:
    """Return reasons as a page shows them."""
    return tuple(ReasonShown(each.where, each.seen, each.count) for each in reasons_of(told_reasons))


def _counted(result: Mapping[str, Any], *, words: Words) -> Counted:
    kinds = sorted(result["kinds"].items(), key=lambda each: -each[1])
    return Counted(
        new=result["new"],
        known=result["known"],
        refused=result["refused"],
        erased=result["erased"],
        customers=result["customers"],
        first_on=_day(result["first_on"]),
        last_on=_day(result["last_on"]),
        to_come=result["to_come"],
        kinds=tuple((entry(words, kind), count) for kind, count in kinds),
        left_out=left_out(result["left_out"], words=words),
        lines_refused=result["lines_refused"],
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def left_out(counts: Mapping[str, int], *, words: Words) -> str:
    """Return what is left out by rule as one phrase, empty where nothing is."""
    said = []
    for reason, count in counts.items():
        key = f"left_out.{reason.replace(' ', '_')}"
        if words.has(key):
            said.append(words.say(key, count=count))
        else:
            said.append(words.say("imports.left_out_other", count=count, reason=reason))
    return words.listed(said)
