"""What moved between two closings: entries that came in or were taken back, promises that stand otherwise now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from keptword.closing.compute import Closer
from keptword.closing.configuration import Input
from keptword.closing.known import known, withdrawn_imports
from keptword.closing.promise_book import BOOK_SCHEMA
from keptword.closing.sealed import Sealed
from keptword.core.accounts import added, negated
from keptword.core.promises import AsOf
from keptword.engines import clocks
from keptword.engines.duckdb import Engine

_DECIDED: Final = ("kept", "late", "broken", "released")


@dataclass(frozen=True)
class Movements:
    """What makes one closing of another: `fresh` facts came, `gone` ones went, `before` and `now` are the two books.

    `from_day` is the earlier closing's day, None where `now` is told from the beginning.
    """

    from_day: date | None
    fresh: Table
    gone: Table
    before: Table
    now: Table


def movements(closer: Closer, before: Sealed | None, *, now: Sealed) -> Movements:
    """Return what moved between two sealed closings of one journal, whichever of them was sealed first.

    `closer` computes at the input of `now`.
    """
    engine = closer.engine
    book = book_of(engine, now)
    if before is None:
        nothing = closer.facts.filter(ibis.literal(False))
        return Movements(None, closer.told(), nothing, before=engine.put("none", BOOK_SCHEMA, rows=[]), now=book)
    fresh, gone = _moved_facts(closer, before.input)
    return Movements(before.input.day, fresh, gone, before=book_of(engine, before), now=book)


def book_of(engine: Engine, sealed: Sealed) -> Table:
    """Return the promise book of a closing, an empty one where it holds no promise."""
    if not sealed.has("promises"):
        return engine.put("none", BOOK_SCHEMA, rows=[])
    return sealed.table(engine, "promises").select(*BOOK_SCHEMA)


def _moved_facts(closer: Closer, before: Input) -> tuple[Table, Table]:
    """Return the facts known now that were not before, and those known before that are not now."""
    engine, upto = closer.engine, closer.upto
    earlier = engine.create("withdrawn_before", withdrawn_imports(closer.facts, batch=before.batch))
    day = ibis.literal(before.day)
    told = closer.told()
    was_read = (told.batch <= before.batch) & (told.occurred_on <= day)
    fresh = [told.filter(~was_read)]
    had = known(closer.facts, before, withdrawn=earlier)
    gone = [had.semi_join(closer.withdrawn, "import_number")]
    # A day may be closed after a later one was: then the earlier closing has read more.
    if before.batch > upto.batch:
        fresh.append(told.filter(was_read).semi_join(earlier, "import_number"))
        gone.append(had.filter(had.batch > upto.batch).anti_join(closer.withdrawn, "import_number"))
    both = [
        engine.create(name, ibis.union(*parts) if len(parts) > 1 else parts[0])
        for name, parts in (("came", fresh), ("went", gone))
    ]
    return both[0], both[1]


def account_movements(closer: Closer, moved: Movements) -> Table:
    """Return what the movements post: one row per `user_key`, one exact sum per line, at the later closing's anchor.

    Added to the accounts of the earlier closing, at the same anchor, it gives those of the later one to the last digit.
    """
    ends, starts = closer.as_of, end_of(closer, moved.from_day)
    return added(
        closer.posted(moved.fresh),
        negated(closer.posted(moved.gone)),
        closer.posted_by(moved.now, as_of=ends),
        negated(closer.posted_by(moved.before, as_of=starts)),
    )


def opening(closer: Closer, before: Sealed, *, book: Table) -> Table:
    """Return the accounts of an earlier closing at the anchor of this one: from its own facts and its sealed book."""
    earlier = closer.engine.create("withdrawn_before", withdrawn_imports(closer.facts, batch=before.input.batch))
    told = known(closer.facts, before.input, withdrawn=earlier)
    return added(closer.posted(told), closer.posted_by(book, as_of=end_of(closer, before.input.day)))


def end_of(closer: Closer, day: date | None) -> AsOf:
    """Return the end of a day as this closing's business has it; of its own day where none is named."""
    return clocks.as_of(day or closer.upto.day, timezone=closer.configuration.timezone)


def promise_movements(moved: Movements) -> Table:
    """Count what became of promises between two closings: one row per `kind`, in its order.

    `waiting_before` + `made` + `corrected` - `kept` - `late` - `broken` - `released` = `waiting_after`. `made` are
    those of the days after the earlier closing. `corrected` = `came_to_light` (of earlier days, not known then) -
    `taken_back` (that waited, and are in the books no more) + `reopened` (that were decided, and wait again). The four
    outcomes are of promises that waited before or are new. Beside them: `after_all` (not kept by then, done since),
    `decided_otherwise` (corrected from one outcome to another), `decided_taken_back`, and `no_date` of those waiting.
    """
    rows = _paired(moved)
    waited, new = rows.was == "open", rows.was == ""
    there = rows.stands != ""
    earlier = rows.is_earlier
    counts = {
        "waiting_before": waited,
        "made": new & ~earlier,
        "came_to_light": new & earlier,
        "taken_back": waited & ~there,
        "reopened": ~new & ~waited & (rows.stands == "open"),
        **{outcome: (new | waited) & (rows.stands == outcome) for outcome in _DECIDED},
        "waiting_after": rows.stands == "open",
        "after_all": (rows.was == "broken") & rows.stands.isin(["late", "kept"]),
        "decided_otherwise": rows.was.isin(_DECIDED)
        & rows.stands.isin(_DECIDED)
        & (rows.was != rows.stands)
        & ~((rows.was == "broken") & rows.stands.isin(["late", "kept"])),
        "decided_taken_back": ~new & ~waited & ~there,
        "no_date": (rows.stands == "open") & rows.vague,
    }
    counted = rows.group_by("kind").agg(**{name: rows.count(where=each) for name, each in counts.items()})
    corrected = counted.came_to_light - counted.taken_back + counted.reopened
    return counted.mutate(corrected=corrected).order_by("kind")


def _paired(moved: Movements) -> Table:
    """One row per promise and kind of either book: `was` and `stands` are its outcomes, empty where it is not there."""
    old = moved.before.select("promise_id", kind="promise_kind", was="outcome", was_kept_on="kept_on", was_due="due_at")
    new = moved.now.select(
        "made_on", "kept_on", "due_at", now_id="promise_id", now_kind="promise_kind", stands="outcome", no_date="vague"
    )
    rows = old.outer_join(new, [old.promise_id == new.now_id, old.kind == new.now_kind])
    day = moved.from_day
    earlier = rows.made_on <= ibis.literal(day) if day else ibis.literal(False)
    return rows.select(
        "was_kept_on",
        "kept_on",
        "was_due",
        "due_at",
        promise_id=rows.promise_id.coalesce(rows.now_id),
        kind=rows.kind.coalesce(rows.now_kind),
        was=cast(StringValue, rows.was.coalesce("")),
        stands=cast(StringValue, rows.stands.coalesce("")),
        vague=rows.no_date.coalesce(False),
        is_earlier=cast(Any, earlier).coalesce(False),
    )


def corrected(moved: Movements) -> Table:
    """Return the promises of which earlier days tell otherwise now: one row each, `promise_id` and `promise_kind`."""
    rows = _paired(moved)
    day = ibis.literal(moved.from_day, type="date")
    decided = rows.stands.isin(["kept", "late"])
    heard_late = decided & (rows.kept_on <= day).coalesce(False)
    after_all = (rows.was == "broken") & decided & (rows.kept_on > day).coalesce(False)
    moves = (rows.kept_on.coalesce(day) != rows.was_kept_on.coalesce(day)) | (rows.was != rows.stands)
    otherwise = rows.was.isin(_DECIDED) & moves & ~after_all
    found = (
        ((rows.was == "") & rows.is_earlier)
        | (rows.stands == "")
        | otherwise
        | ((rows.was == "open") & heard_late)
        | (rows.was.isin(_DECIDED) & (rows.due_at != rows.was_due).coalesce(False))
    )
    return rows.filter(cast(BooleanValue, found)).select("promise_id", promise_kind="kind")
