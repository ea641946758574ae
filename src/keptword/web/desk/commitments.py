"""What we do and what we never do: commitments and red lines, each held against the entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from keptword.core.calendars import zone
from keptword.core.days import first_of_year_to
from keptword.core.problems import KeptwordError
from keptword.core.rates import Share, wilson
from keptword.core.red_line_kinds import READY
from keptword.core.rules.model import KEPT_BY
from keptword.figures.reading import Reader, current
from keptword.intake.door import stamped
from keptword.office import acts
from keptword.office.acts import Intent, Recorded, group_of, new_group
from keptword.office.models import Commitment, Member
from keptword.office.rights import Right
from keptword.web import listing, shop
from keptword.web.forms import day_of, texts
from keptword.web.keeping.book import as_json
from keptword.web.listing import Listing
from keptword.web.pages import address, moved, shown, told
from keptword.web.routes import route

KINDS: Final = tuple(KEPT_BY)
"""The kinds of promise that a commitment can be held against."""

LONGEST: Final = 500
EMPTY: Final[Mapping[str, str]] = {"text": "", "check": "", "never": "never"}

_CROSSED: Final = "redline.crossed"
_CROSSINGS: Final = """
    WITH laid AS (
        SELECT unnest(from_json(
            $laid::JSON, '[{"fact_id": "VARCHAR", "occurred_on": "DATE", "subject": "VARCHAR"}]'), recursive := true)),
    found AS (
        SELECT fact_id, occurred_on, subject, user_key, promise_id FROM crossings
        WHERE "check" = $check OR ("check" = 'told' AND subject = $subject)
        UNION ALL SELECT fact_id, occurred_on, subject, NULL, NULL FROM laid
        WHERE subject = $subject AND fact_id NOT IN (SELECT fact_id FROM crossings WHERE "check" = 'told')),
    crossed AS (SELECT * FROM found WHERE occurred_on >= $first)
"""
"""The crossings of a commitment since a day: found by its check, recorded by hand, the latter from that moment on."""


@dataclass(frozen=True)
class Held:
    """How one commitment stands, over the last 12 months.

    `stands` is `held`, `crossed`, `cannot tell`, `not checked`, `measured` (then `share` is there) or `no figures`.
    """

    pk: int
    text: str
    never: bool
    check: str
    since: date
    stands: str
    crossed: int = 0
    last_on: date | None = None
    share: Share | None = None


@dataclass(frozen=True)
class CommitmentsPage:
    """What the page shows: what is done, what is never done, the ready checks not taken on yet, the form."""

    template: ClassVar[str] = "commitments.html.jinja"
    does: tuple[Held, ...]
    never: tuple[Held, ...]
    ready: tuple[str, ...]
    first: date
    last: date
    kinds: tuple[str, ...] = KINDS
    checks: tuple[str, ...] = READY
    form: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    trouble: str = ""


@dataclass(frozen=True)
class Crossing:
    """One time a red line was crossed."""

    on: date
    about: str
    user_key: str
    promise_id: str


@dataclass(frozen=True)
class CrossingsPage:
    """The times one red line was crossed in the last 12 months; a form that carries `once` records one once."""

    template: ClassVar[str] = "commitment.html.jinja"
    held: Held
    crossings: tuple[Crossing, ...]
    listing: Listing
    first: date
    last: date
    once: str


@dataclass(frozen=True)
class _Seen:
    """What commitments are held against: the figures, the crossings recorded since as JSON, from when."""

    reader: Reader
    laid: str
    first: date

    def crossed(self, commitment: Commitment) -> dict[str, Any]:
        """Return the values of `_CROSSINGS`."""
        check, subject = commitment.check_name or "-", _subject(commitment)
        return {"check": check, "subject": subject, "first": self.first, "laid": self.laid}


def commitments(request: HttpRequest) -> HttpResponse:
    """Show what is done, what is never done, and how each of it stands."""
    return shown(request, _page())


def add(request: HttpRequest) -> HttpResponse:
    """Take on a commitment: a ready one by the name of its check, or one in one's own words."""
    form = texts(request, ("text", "check", "never"), longest=LONGEST)
    ready = form["check"] in READY
    text = form["text"] or (request.words.say(f"commitments.ready_{form['check']}") if ready else "")
    known = ready or form["check"] in {"", *(f"kept:{kind}" for kind in KINDS)}
    if not text or not known:
        return shown(request, _page(form, request.words.say("commitments.no_text")), status=422)
    made = Commitment.objects.create(
        text=text,
        never=ready or form["never"] == "never",
        check_name=form["check"],
        since=shop.books().today,
        member=request.user,
        at=shop.now(),
    )
    request.audit_place = f"commitment {made.pk}"
    undo = address("commitments.end", pk=made.pk)
    told(request, request.words.say("commitments.taken_on", text=text), undo=undo)
    return moved("commitments")


def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a commitment up from today on; one taken on today was never one."""
    there = get_object_or_404(Commitment, pk=pk, until__isnull=True)
    request.audit_place = f"commitment {pk}"
    if there.since == shop.books().today:
        there.delete()
    else:
        there.until = shop.books().today
        there.save(update_fields=["until"])
    told(request, request.words.say("commitments.given_up", text=there.text))
    return moved("commitments")


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the times a red line was crossed, or have them as a file."""
    there = get_object_or_404(Commitment, pk=pk)
    seen, (first, last) = _seen(), _period()
    asked = listing.asked(request, filters=(), columns=("on",), sort="-on", total=_count(there, seen))
    if listing.wants_csv(request):
        rows = _rows(there, seen, limit=1_000_000, offset=0, down=asked.down)
        heads = [request.words.say(f"commitments.column_{name}") for name in ("on", "about", "customer", "promise")]
        return listing.as_csv(
            f"commitment-{pk}", heads=heads, rows=((row.on, row.about, row.user_key, row.promise_id) for row in rows)
        )
    rows = _rows(there, seen, limit=asked.size, offset=asked.offset, down=asked.down)
    return shown(request, CrossingsPage(_held(there, seen), rows, asked, first, last, once=new_group()))


def crossed(request: HttpRequest, pk: int) -> HttpResponse:
    """Record by hand that a red line was crossed, once a form: an entry like any other, with ten minutes to undo it."""
    there = get_object_or_404(Commitment, pk=pk, never=True)
    try:
        on = day_of(request.POST.get("on", "")) or shop.books().today
        if on > shop.books().today:
            raise KeptwordError(request.words.say("commitments.future"))
    except KeptwordError as error:
        told(request, request.words.refusal(error), trouble=True)
        return moved("commitments.one", pk=pk)
    form = texts(request, ("what", "once"), longest=LONGEST)
    done = _recorded(there, on=on, what=form["what"], member=request.user, group=group_of(form["once"]))
    request.audit_place = f"commitment {pk}"
    said = request.words.say("commitments.recorded_before" if done.again else "commitments.recorded")
    told(request, said, undo=address("commitments.undo", group=done.group))
    return moved("commitments.one", pk=pk)


def undo(request: HttpRequest, group: str) -> HttpResponse:
    """Take back what was recorded by hand less than ten minutes ago."""
    done = acts.undo(group, now=shop.now())
    told(request, request.words.say("commitments.undone" if done else "commitments.too_late"), trouble=not done)
    return moved("commitments")


def _recorded(commitment: Commitment, *, on: date, what: str, member: Member, group: str) -> Recorded:
    """Hold the entry for ten minutes; one of the same group is recorded once."""
    books = shop.books()
    columns: dict[str, Any] = {"attributes": {"what": what}} if what else {}
    if on != books.today:
        noon = datetime.combine(on, time(12), tzinfo=zone(books.timezone))
        columns |= {"occurred_on": on.isoformat(), "occurred_at": stamped(noon)}
    crossing = Intent(_CROSSED, subject=_subject(commitment), columns=columns)
    reader = current(books.folder)
    figures = reader.number if reader else 0
    return acts.record([crossing], by=member, now=shop.now(), timezone=books.timezone, figures=figures, group=group)


def _subject(commitment: Commitment) -> str:
    return f"commitment:{commitment.pk}"


def _seen() -> _Seen | None:
    """Return what commitments are held against; None before there are any figures."""
    reader = current(shop.books().folder)
    if reader is None:
        return None
    facts = [act.fact for act in acts.pending(reader.number) if act.kind == _CROSSED]
    laid = [{name: fact[name] for name in ("fact_id", "occurred_on", "subject")} for fact in facts]
    return _Seen(reader, as_json(laid), _period()[0])


def _period() -> tuple[date, date]:
    """Return the first and the last day of the last 12 months."""
    last = shop.books().today
    return first_of_year_to(last), last


def _page(form: Mapping[str, str] | None = None, trouble: str = "") -> CommitmentsPage:
    seen, (first, last) = _seen(), _period()
    held = [_held(each, seen) for each in Commitment.objects.filter(until__isnull=True).order_by("pk")]
    taken = {each.check for each in held}
    return CommitmentsPage(
        does=tuple(each for each in held if not each.never),
        never=tuple(each for each in held if each.never),
        ready=tuple(name for name in READY if name not in taken),
        first=first,
        last=last,
        trouble=trouble,
        form=form or EMPTY,
    )


def _held(commitment: Commitment, seen: _Seen | None) -> Held:
    """Return how a commitment stands."""
    check = commitment.check_name
    given = {
        "pk": commitment.pk,
        "text": commitment.text,
        "never": commitment.never,
        "check": check,
        "since": commitment.since,
    }
    if seen is None:
        return Held(**given, stands="no figures")
    if check.startswith("kept:"):
        return Held(**given, stands="measured", share=_kept(seen.reader, check.removeprefix("kept:")))
    counted = f"{_CROSSINGS} SELECT count(*) AS crossed, max(occurred_on) AS last_on FROM crossed"
    row = seen.reader.row(counted, seen.crossed(commitment))
    if row and row["crossed"]:
        return Held(**given, stands="crossed", crossed=row["crossed"], last_on=row["last_on"])
    if check not in READY:
        return Held(**given, stands="not checked")
    tells = (seen.reader.said("checks") or {}).get(check, {}).get("tells", False)
    return Held(**given, stands="held" if tells else "cannot tell")


def _kept(reader: Reader, kind: str) -> Share:
    counted = reader.said("year")["kinds"].get(kind) or {"kept": 0, "due": 0}
    return wilson(counted["kept"], counted["due"])


def _count(commitment: Commitment, seen: _Seen | None) -> int:
    if seen is None:
        return 0
    row = seen.reader.row(f"{_CROSSINGS} SELECT count(*) AS count FROM crossed", seen.crossed(commitment))
    return int(row["count"]) if row else 0


def _rows(commitment: Commitment, seen: _Seen | None, *, limit: int, offset: int, down: bool) -> tuple[Crossing, ...]:
    if seen is None:
        return ()
    order = "DESC" if down else "ASC"
    found = seen.reader.rows(
        f"{_CROSSINGS} SELECT * FROM crossed ORDER BY occurred_on {order}, subject, fact_id, promise_id"
        " LIMIT $limit OFFSET $offset",
        {**seen.crossed(commitment), "limit": limit, "offset": offset},
    )
    return tuple(
        Crossing(row["occurred_on"], row["subject"] or "", row["user_key"] or "", row["promise_id"] or "")
        for row in found
    )


ROUTES = (
    route("do-and-never-do/", commitments, name="commitments", right=Right.LOOK),
    route("do-and-never-do/add/", add, name="commitments.add", right=Right.MANAGE, writes=True),
    route("do-and-never-do/<int:pk>/", one, name="commitments.one", right=Right.LOOK),
    route("do-and-never-do/<int:pk>/end/", end, name="commitments.end", right=Right.MANAGE, writes=True),
    route("do-and-never-do/<int:pk>/crossed/", crossed, name="commitments.crossed", right=Right.WORK, writes=True),
    route("do-and-never-do/undo/<str:group>/", undo, name="commitments.undo", right=Right.WORK, writes=True),
)
