"""The months: every closed day with its statement, two periods side by side, and closing another day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from django.http import Http404, HttpRequest, HttpResponse

from keptword.core.differences import changed
from keptword.core.problems import KeptwordError
from keptword.core.rates import Share
from keptword.figures import statements
from keptword.figures.statements import Kept, Period, closed_days, months, period_of
from keptword.office import jobs
from keptword.office.models import Job
from keptword.office.rights import Right
from keptword.report.blocks import Section
from keptword.web import shop
from keptword.web.desk import months_files
from keptword.web.desk.months_beside import Beside, beside
from keptword.web.desk.months_shown import Note, Total, kept_share, notes, sections, title, total, whole
from keptword.web.desk.overview_strip import MonthOf, Strip, strip
from keptword.web.forms import day_of
from keptword.web.listing import as_csv, wants_csv
from keptword.web.pages import moved, shown, told
from keptword.web.routes import route
from keptword.words import Words

PATIENCE: Final = timedelta(minutes=10)
"""A statement that could not be written is not tried again by itself before."""

DECIDED: Final = ("made", "kept", "late", "broken", "released", "waiting_after")
LISTED: Final = 60
"""How many other closed days are listed, the newest."""


@dataclass(frozen=True)
class Row:
    """One month in the list: what it is called, its day, and what became of its promises; None while it is written.

    `is_drawn` says that it is of one month, or of a part of one: what is longer is no column among months.
    """

    day: date
    label: str
    counts: dict[str, int] | None
    share: Share | None
    is_drawn: bool = False


@dataclass(frozen=True)
class Closing:
    """How far closing a day, or writing statements, is; `error` where it failed."""

    busy: bool
    said: str
    percent: float | None
    error: str


@dataclass(frozen=True)
class MonthsPage:
    """Every month that was closed, the newest first, and what can be closed next."""

    template: ClassVar[str] = "months.html.jinja"
    rows: tuple[Row, ...]
    others: tuple[date, ...]
    strip: Strip | None
    closing: Closing
    next: date | None
    latest: date
    day: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class MonthPage:
    """One statement; `sections` is empty while it is being written."""

    template: ClassVar[str] = "month.html.jinja"
    day: date
    title: str
    first: date | None
    lead: str
    before: str
    total: Total | None
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    closing: Closing
    others: tuple[date, ...]


@dataclass(frozen=True)
class ComparePage:
    """Two statements side by side."""

    template: ClassVar[str] = "months_compare.html.jinja"
    days: tuple[date, ...]
    left: date | None
    right: date | None
    beside: Beside | None
    closing: Closing


@dataclass(frozen=True)
class PaperPage:
    """One statement as a page to print for a partner or a bank."""

    template: ClassVar[str] = "month_paper.html.jinja"
    business: str
    day: date
    title: str
    first: date
    lead: str
    before: str
    total: Total | None
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    today: date


def list_months(request: HttpRequest) -> HttpResponse:
    """Show every month, or hand them out as a table."""
    if wants_csv(request):
        heads = (*(request.words.say(f"months.head_{name}") for name in ("day", *DECIDED)), "kept_share")
        found = _rows(request.words)[0]
        return as_csv(
            "months",
            heads=heads,
            rows=(
                (row.day, *(row.counts[name] for name in DECIDED), row.share.value if row.share else "")
                for row in found
                if row.counts
            ),
        )
    return shown(request, _months_page(request))


def _months_page(request: HttpRequest, *, day: str = "", trouble: str = "") -> MonthsPage:
    rows, days = _rows(request.words)
    listed = {row.day for row in rows}
    drawn = [
        MonthOf(row.day.replace(day=1), row.share, late=row.counts["late"], rest=row.counts["broken"])
        for row in reversed(rows)
        if row.is_drawn and row.counts and row.share and row.share.of
    ]
    today = shop.books().today
    ended = today.replace(day=1) - timedelta(days=1)
    return MonthsPage(
        rows=tuple(rows),
        others=tuple(each for each in reversed(days) if each not in listed)[:LISTED],
        strip=strip(drawn[-24:], words=request.words, caption=request.words.say("months.strip")),
        closing=_closing(request.words, missing=any(row.counts is None for row in rows)),
        next=None if ended in days or (days and ended < days[-1]) else ended,
        latest=today - timedelta(days=1),
        day=day,
        trouble=trouble,
    )


def _rows(words: Words) -> tuple[list[Row], tuple[date, ...]]:
    books, days = shop.books(), closed_days(shop.books().folder)
    return [_row(period, statements.kept(books, period), words=words) for period in months(days)], days


def _row(period: Period, kept: Kept | None, *, words: Words) -> Row:
    if kept is None:
        label = words.month(period.day) if period.is_month else words.say("months.up_to", day=words.day(period.day))
        return Row(period.day, label, None, None)
    counts = {name: int(whole(kept)[name]) for name in DECIDED}
    is_drawn = date.fromisoformat(kept.values["from"]) >= period.day.replace(day=1)
    return Row(period.day, title(kept, words=words), counts, kept_share(kept), is_drawn)


def _closing(words: Words, *, missing: bool, day: date | None = None) -> Closing:
    """Return how far the work is, and ask for the statements that are missing where nobody did yet."""
    found = Job.objects.filter(kind__in=("close", "statement")).order_by("-pk").first()
    if found is not None and found.state in (Job.State.WAITING, Job.State.RUNNING):
        return Closing(True, words.refusal(found.said) or words.say("months.waits"), found.percent, "")
    failed = found is not None and found.state == Job.State.FAILED
    error = ""
    if failed and found.ended_at is not None and shop.now() - found.ended_at < PATIENCE:
        error = words.say("failure.broken") if found.error == "broken" else words.refusal(jobs.why(found))
    if missing and not error:
        jobs.ask("statement", member=None, day=day.isoformat() if day else "")
        return Closing(True, words.say("months.waits"), None, "")
    return Closing(False, "", None, error)


def close(request: HttpRequest) -> HttpResponse:
    """Ask for a day to be closed."""
    text = request.POST.get("day", "")[:20]
    try:
        day = day_of(text)
        if day is None or day >= shop.books().today:
            raise KeptwordError(request.words.say("months.not_over", day=request.words.day(shop.books().today)))
    except KeptwordError as error:
        return shown(request, _months_page(request, day=text, trouble=request.words.refusal(error)), status=422)
    jobs.ask("close", member=request.user, day=day.isoformat())
    request.audit_place = day.isoformat()
    told(request, request.words.say("months.asked", day=request.words.day(day)))
    return moved("months")


def _found(day: str) -> tuple[Period, Kept | None]:
    """Return the period up to a closed day and its statement where it is written; 404 for any other day."""
    days = closed_days(shop.books().folder)
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    if asked not in days:
        raise Http404
    period = period_of(days, asked)
    return period, statements.kept(shop.books(), period)


def month(request: HttpRequest, day: str) -> HttpResponse:
    """Show one statement."""
    period, kept = _found(day)
    words = request.words
    others = tuple(each for each in reversed(closed_days(shop.books().folder)) if each != period.day)
    closing = _closing(words, missing=kept is None, day=period.day)
    if kept is None:
        label = words.say("months.up_to", day=words.day(period.day))
        return shown(request, MonthPage(period.day, label, None, "", "", None, (), (), closing, others))
    page = MonthPage(
        day=period.day,
        title=title(kept, words=words),
        first=date.fromisoformat(kept.values["from"]),
        lead=_lead(kept, words=words),
        before=_before(period, kept, words=words),
        total=total(kept, words=words),
        sections=sections(kept, words=words),
        notes=notes(kept, words=words),
        closing=closing,
        others=others,
    )
    return shown(request, page)


def _lead(kept: Kept, *, words: Words) -> str:
    share = kept_share(kept)
    if not share.of:
        return words.say("months.none_decided")
    return words.say("months.decided", count=int(share.of), kept=int(share.count), share=words.share(share))


def _before(period: Period, kept: Kept, *, words: Words) -> str:
    """Return how the period stands to the one before it, by the test that tells a change from chance."""
    days = closed_days(shop.books().folder)
    if period.opening is None:
        return ""
    earlier = statements.kept(shop.books(), period_of(days, period.opening))
    if earlier is None or not kept_share(earlier).of or not kept_share(kept).of:
        return ""
    change = changed(kept_share(earlier), kept_share(kept))
    said = words.say("overview.before", month=title(earlier, words=words), share=words.share(kept_share(earlier)))
    chance = words.say("overview.more_than_chance" if change.beyond_chance else "overview.may_be_chance")
    return words.say("list.space").join((said, chance))


def compare(request: HttpRequest) -> HttpResponse:
    """Show two periods side by side."""
    days = tuple(reversed(closed_days(shop.books().folder)))
    left, right = (_chosen(request.GET.get(name, ""), days=days) for name in ("a", "b"))
    if left is None and right is None and len(days) > 1:
        ends = [period.day for period in months(days)]
        right, left = (ends + [each for each in days if each not in ends])[:2]
    found = [_found(str(each)) for each in (left, right) if each is not None]
    whole_ones = [kept for _, kept in found if kept is not None]
    missing = next((period.day for period, kept in found if kept is None), None)
    closing = _closing(request.words, missing=missing is not None, day=missing)
    page = ComparePage(days, left, right, None, closing)
    if len(whole_ones) == 2:
        page = replace(page, beside=beside(whole_ones[0], whole_ones[1], words=request.words))
    return shown(request, page)


def _chosen(text: str, *, days: tuple[date, ...]) -> date | None:
    return next((day for day in days if day.isoformat() == text), None)


def paper(request: HttpRequest, day: str) -> HttpResponse:
    """Show a statement to be printed, or kept as a PDF, with nothing else on the page."""
    period, kept = _found(day)
    if kept is None:
        return moved("months.month", day=day)
    words = request.words
    page = PaperPage(
        business=shop.books().business.name,
        day=period.day,
        title=title(kept, words=words),
        first=date.fromisoformat(kept.values["from"]),
        lead=_lead(kept, words=words),
        before=_before(period, kept, words=words),
        total=total(kept, words=words),
        sections=tuple(each for each in sections(kept, words=words) if each.key != "moved"),
        notes=notes(kept, words=words),
        today=shop.books().today,
    )
    return shown(request, page)


def file(request: HttpRequest, *, day: str, form: str) -> HttpResponse:
    """Hand a statement out as a file: csv, json or txt."""
    _, kept = _found(day)
    if kept is None or form not in months_files.FORMS:
        raise Http404
    return months_files.statement(kept, form)


def promises(request: HttpRequest, day: str) -> Any:
    """Hand out the promises that fell due in a period, as they stand now."""
    period, kept = _found(day)
    if kept is None:
        raise Http404
    return months_files.promises(request, first=date.fromisoformat(kept.values["from"]), last=period.day)


ROUTES = (
    route("months/", list_months, name="months", right=Right.LOOK),
    route("months/close/", close, name="months.close", right=Right.MANAGE, writes=True),
    route("months/beside/", compare, name="months.compare", right=Right.LOOK),
    route("months/<str:day>/", month, name="months.month", right=Right.LOOK),
    route("months/<str:day>/paper/", paper, name="months.paper", right=Right.LOOK),
    route("months/<str:day>/promises/", promises, name="months.promises", right=Right.LOOK),
    route("months/<str:day>/statement/<str:form>/", file, name="months.file", right=Right.LOOK),
)
