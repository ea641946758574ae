"""The statement of a period: what was promised and kept, what moved on the lines, what it took, and who spoke of us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import ibis
from ibis.expr.types import Table

from keptword.books.changes import changed_parts
from keptword.books.closing import closing_of, closings, configuration
from keptword.books.engine import engine_for
from keptword.books.opened import Books, Say
from keptword.books.spoken import counted, spoken_day
from keptword.closing.between import Movements, movements, promise_movements
from keptword.closing.compute import Closer
from keptword.closing.configuration import Configuration
from keptword.closing.line_totals import LineTotal, line_totals
from keptword.closing.sealed import Sealed
from keptword.core.at_once import MINUTES_PER_MESSAGE, WAGE_PER_HOUR, at_once
from keptword.core.effort import effort, waiting_by_kind
from keptword.core.money import missing_rates
from keptword.core.postings import anchor_of
from keptword.core.problems import KeptwordError
from keptword.core.rates import Share, wilson
from keptword.core.word_of_mouth import bringers, ratings, recommended
from keptword.engines.duckdb import Engine

COUNTED: Final = "counted"
ASSUMED: Final = "assumed"

Rows = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class PromisesOfKind:
    """The promises of one kind over a period, and the share kept of those decided in it.

    `counts` has the columns of `promise_movements`: waiting_before + made + corrected - kept - late - broken -
    released = waiting_after.
    """

    kind: str
    counts: Mapping[str, int]
    share: Share


@dataclass(frozen=True)
class Statement:
    """A period between two closings; every figure is of the days from `first` to `last`.

    `opening` is the day of the earlier closing, None where the period is from the beginning of the books. Effort, costs
    at once, ratings and word of mouth are rows as the core counts them. `message_cost_assumed` tells whether what an
    answer costs stands on an assumption. `notes` are sentences that belong to the figures.
    """

    business: str
    opening: date | None
    first: date
    last: date
    currency: str
    promises: tuple[PromisesOfKind, ...]
    total: PromisesOfKind
    lines: tuple[LineTotal, ...]
    effort: Rows
    waited: Rows
    at_once: Rows
    message_cost_assumed: bool
    missing: Rows
    recommended: Mapping[str, int]
    bringers: Rows
    ratings: Rows
    notes: tuple[str, ...]


def statement(books: Books, *, since: date | None, until: date | None, say: Say) -> Statement:
    """Return the statement between two closings: of the last, and the one before it or the beginning, unless named.

    `since` is the closed day that the period follows. Raises `KeptwordError` for a day that is not closed.
    """
    later = closing_of(books, until)
    day = later.input.day
    earlier = [each for each in closings(books) if each.input.day < day]
    before = closing_of(books, since) if since else (earlier[-1] if earlier else None)
    if before is not None and before.input.day >= day:
        raise KeptwordError(
            f"A statement goes from an earlier closed day to a later one, but {before.input.day} is not before {day}. "
            "Name an earlier day with --from, or a later one with --to."
        )
    with engine_for(books) as engine:
        facts = books.journal.facts(engine)
        told = configuration(books)
        return stated(
            engine, facts, before=before, now=later, configuration=told, business=books.business.name, say=say
        )


def stated(
    engine: Engine,
    facts: Table,
    *,
    before: Sealed | None,
    now: Sealed,
    configuration: Configuration,
    business: str = "",
    say: Say = lambda _: None,
) -> Statement:
    """Return the statement between two sealed closings of a journal; `before` None is the beginning of the books."""
    closer = Closer(engine, facts, configuration=configuration, upto=now.input, say=say)
    say("Looking for what moved …")
    moved = movements(closer, before, now=now)
    kinds = tuple(_of_kind(row) for row in engine.rows(promise_movements(moved)))
    totals = line_totals(closer, moved, before=before, now=now)
    say("Counting the period …")
    told = closer.told()
    last = now.input.day
    first = before.input.day + timedelta(days=1) if before else _first_day(engine, told) or last
    within = engine.create("period", closer.booked(_between(told, first, last), first=first, last=last))
    costs, assumed = _at_once(closer, within, moved=moved, first=first)
    return Statement(
        business=business,
        opening=before.input.day if before else None,
        first=first,
        last=last,
        currency=configuration.currency,
        promises=kinds,
        total=_total(kinds),
        lines=totals,
        effort=_rows(engine, effort(within, first=first, last=last)),
        waited=_rows(engine, waiting_by_kind(moved.now, first=first, last=last)),
        at_once=costs,
        message_cost_assumed=assumed,
        missing=_rows(engine, missing_rates(within)),
        recommended=engine.rows(recommended(within, first=first, last=last))[0],
        bringers=_rows(engine, bringers(within, first=first, last=last)),
        ratings=_rows(engine, ratings(within, first=first, last=last)),
        notes=_notes(closer, before, now=now, total=_total(kinds)),
    )


def _between(facts: Table, first: date, last: date) -> Table:
    return facts.filter(facts.occurred_on.between(ibis.literal(first), ibis.literal(last)))


def _first_day(engine: Engine, facts: Table) -> date | None:
    day: date | None = engine.rows(facts.agg(first=facts.occurred_on.min()))[0]["first"]
    return day


def _rows(engine: Engine, rows: Table) -> Rows:
    return tuple(engine.rows(rows))


def _of_kind(row: Mapping[str, Any]) -> PromisesOfKind:
    counts = {name: int(value) for name, value in row.items() if name != "kind"}
    return PromisesOfKind(str(row["kind"]), counts, _share(counts))


def _share(counts: Mapping[str, int]) -> Share:
    return wilson(counts["kept"], counts["kept"] + counts["late"] + counts["broken"])


_NONE: Final = (
    *("waiting_before", "made", "came_to_light", "taken_back", "reopened", "kept", "late", "broken", "released"),
    *("waiting_after", "after_all", "decided_otherwise", "decided_taken_back", "no_date", "corrected"),
)


def _total(kinds: Sequence[PromisesOfKind]) -> PromisesOfKind:
    counts = {name: sum(kind.counts[name] for kind in kinds) for name in _NONE}
    return PromisesOfKind("all", counts, _share(counts))


def _at_once(closer: Closer, within: Table, *, moved: Movements, first: date) -> tuple[Rows, bool]:
    """Return what failed promises cost over the period, and whether the cost of an answer is assumed."""
    engine, last = closer.engine, closer.upto.day
    told = closer.told()
    said = told.filter((told.kind == "promise.broken") & (told.occurred_on < ibis.literal(first)))
    heard = ibis.union(within, closer.booked(said, first=first, last=last), distinct=False)
    failed = moved.now.filter(moved.now.outcome.isin(["late", "broken"]))
    costs = at_once(heard, failed, first=first, last=last, message_cost=closer.message_cost())
    assumed = not {"minutes_per_message", "wage_per_hour"} <= set(closer.configuration.costs)
    return _rows(engine, costs), assumed


def _notes(closer: Closer, before: Sealed | None, *, now: Sealed, total: PromisesOfKind) -> tuple[str, ...]:
    counts, notes = total.counts, []
    if counts["after_all"]:
        some = counted(counts["after_all"], one="promise", several="promises")
        notes.append(f"{some} not kept before {'was' if counts['after_all'] == 1 else 'were'} done after all.")
    other = counts["decided_otherwise"] + counts["decided_taken_back"]
    if other:
        some = counted(other, one="promise", several="promises")
        notes.append(f"{some} decided before now {'stands' if other == 1 else 'stand'} otherwise, or not at all.")
    if counts["no_date"]:
        notes.append(f"Of those waiting, {counts['no_date']:,} have no date.")
    if before is not None and anchor_of(before.input.day) != closer.anchor:
        notes.append(
            f"The year changed: the sums of {spoken_day(before.input.day)} stand at 1 January {before.input.day.year}, "
            f"those of {spoken_day(now.input.day)} at 1 January {closer.anchor.year}. Each is told as what is left of "
            "it on its own day, to six places, before it is compared, so that nothing moves for the year's sake."
        )
    erased = max(now.erased, before.erased if before else 0)
    if erased:
        some = counted(erased, one="customer", several="customers")
        notes.append(f"{some} erased at their request {'is' if erased == 1 else 'are'} not in these figures.")
    changes = _changes(closer, before, now=now)
    if changes:
        notes.append(
            f"Since these days were closed, this changed: {'; '.join(changes)}. What that moved is in what faded."
        )
    if closer.message_cost() is None:
        notes.append("What an answer costs is not known: there is no rate for the assumed wage. Tell your own.")
    elif "wage_per_hour" not in closer.configuration.costs or "minutes_per_message" not in closer.configuration.costs:
        notes.append(
            f"The cost of answers is assumed: {MINUTES_PER_MESSAGE.value} minutes each, {WAGE_PER_HOUR.value} "
            f"{WAGE_PER_HOUR.unit} an hour, where you told no other."
        )
    return tuple(notes)


def _changes(closer: Closer, before: Sealed | None, *, now: Sealed) -> tuple[str, ...]:
    """Return what the two closings were computed by and the books are not, each once."""
    seen = [
        change
        for each in (before, now)
        if each is not None
        for change in changed_parts(each.configuration, closer.configuration.parts(until=each.input.day))
    ]
    return tuple(dict.fromkeys(seen))
