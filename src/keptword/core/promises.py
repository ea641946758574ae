"""The promise book: what was promised, and what became of it as known at the end of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast

import ibis
from ibis.expr.types import BooleanValue, Table

OUTCOMES: Final = ("open", "kept", "late", "broken", "released")

PROBLEMS: Final = {
    "unknown promise": "names a promise nobody made",
    "made twice": "makes a promise that was made before; the first one counts",
    "kept twice": "keeps a promise that was kept before; the first time counts",
    "kept before made": "keeps a promise before it was made",
    "broken after kept": "breaks a promise that had been kept; it stays kept",
    "moved too late": "moves a promise after it was due; the earlier moment stands",
}
"""What can be odd about the entries of a promise, and how it is read."""


@dataclass(frozen=True)
class AsOf:
    """The end of a local day: the day, and the last instant of it in the business's time zone (UTC)."""

    day: date
    at: datetime


def outcomes(facts: Table, *, as_of: AsOf) -> Table:
    """Judge each promise as known at the end of a day: one row per promise made by then.

    Columns: `promise_id`, `promise_kind`, `user_key`, `subject`, `made_at`, `made_on`, `due_at`, `due_on` (as they
    stand after any renegotiation that counts), `kept_at`, `kept_on`, `broken_on` (the day it was first said to be
    broken), `vague` (it has no due moment), `outcome`.

    Kept: done by the end of the due day, or by the due instant where the promise names an hour. Late: done after;
    a late keeping repairs, it never erases. Broken: the due moment passed, or it was said to be broken, and it is
    not done. Released: called off, by the user's own act, before it was done. Else open.
    """
    known = facts.filter(facts.occurred_on <= ibis.literal(as_of.day))
    promises = _with_ends(_as_renegotiated(_made(known), known), known)
    vague = promises.due_at.isnull()
    judged = promises.mutate(vague=vague, outcome=_outcome(promises, vague=vague, as_of=as_of))
    return judged.select(
        "promise_id",
        "promise_kind",
        "user_key",
        "subject",
        "made_at",
        "made_on",
        "due_at",
        "due_on",
        "kept_at",
        "kept_on",
        "broken_on",
        "vague",
        "outcome",
    )


def _outcome(promises: Table, *, vague: BooleanValue, as_of: AsOf) -> ibis.Value:
    kept = promises.kept_at.notnull()
    broken = promises.broken_at.notnull()
    called_off = promises.released_at.notnull() & (~kept | (promises.released_at < promises.kept_at))
    by_day = promises.due_on.notnull()
    in_time = by_day.ifelse(promises.kept_on <= promises.due_on, promises.kept_at <= promises.due_at)
    over = by_day.ifelse(promises.due_on <= ibis.literal(as_of.day), promises.due_at <= ibis.literal(as_of.at))
    too_late = vague.ifelse(broken & (promises.broken_at < promises.kept_at), ~in_time)
    return ibis.cases(
        (called_off, "released"),
        (kept & too_late.coalesce(False), "late"),
        (kept, "kept"),
        (broken, "broken"),
        (over.coalesce(False), "broken"),
        else_="open",
    )


def _first(rows: Table, *by: str) -> Table:
    """Keep the earliest fact of each group; of two at one instant, the one whose id comes first."""
    window = ibis.window(group_by=list(by), order_by=[rows.occurred_at, rows.fact_id])
    return rows.mutate(place=ibis.row_number().over(window)).filter(lambda row: row.place == 0).drop("place")


def _made(known: Table) -> Table:
    made = _first(known.filter(known.kind == "promise.made"), "promise_id")
    return made.select(
        "promise_id",
        "promise_kind",
        "user_key",
        "subject",
        "due_at",
        "due_on",
        made_at="occurred_at",
        made_on="occurred_on",
        made_clock="clock_seconds",
    )


def _moves(made: Table, known: Table) -> Table:
    """One row per renegotiation of a promise that was made and not kept yet, in order, with whether it came in time.

    One that comes after the moment then in force cannot move it; nor can any that follow, since that moment has
    passed for them too. So those that count are the ones before the first that does not.
    """
    moved = known.filter(known.kind == "promise.renegotiated").select(
        "promise_id", "fact_id", "occurred_at", "occurred_on", new_at="due_at", new_on="due_on"
    )
    rows = moved.inner_join(made.select("promise_id", "due_at", "due_on"), "promise_id")
    kept = known.filter(known.kind == "promise.kept")
    done = kept.group_by("promise_id").agg(kept_at=kept.occurred_at.min())
    rows = rows.left_join(done, "promise_id").drop("promise_id_right")
    rows = rows.filter(rows.kept_at.isnull() | (rows.occurred_at <= rows.kept_at)).drop("kept_at")
    in_order = ibis.window(group_by="promise_id", order_by=[rows.occurred_at, rows.fact_id])
    rows = rows.mutate(
        place=ibis.row_number().over(in_order),
        force_at=rows.new_at.lag().over(in_order),
        force_on=rows.new_on.lag().over(in_order),
    )
    first = rows.place == 0
    rows = rows.mutate(
        force_at=first.ifelse(rows.due_at, rows.force_at), force_on=first.ifelse(rows.due_on, rows.force_on)
    )
    missed = rows.force_on.notnull().ifelse(rows.occurred_on > rows.force_on, rows.occurred_at > rows.force_at)
    rows = rows.mutate(missed=missed.coalesce(False).ifelse(1, 0))
    so_far = ibis.window(group_by="promise_id", order_by=rows.place, preceding=None, following=0)
    return rows.mutate(counts=rows.missed.max().over(so_far) == 0)


def _as_renegotiated(made: Table, known: Table) -> Table:
    """The promises with the due moment now in force: that of the last renegotiation that counts."""
    moves = _moves(made, known)
    counting = moves.filter(moves.counts)
    last = counting.group_by("promise_id").agg(place=counting.place.max())
    force = counting.inner_join(last, ["promise_id", "place"]).select("promise_id", "new_at", "new_on", moved=True)
    rows = made.left_join(force, "promise_id").drop("promise_id_right")
    moved = rows.moved.notnull()
    return rows.mutate(
        due_at=moved.ifelse(rows.new_at, rows.due_at), due_on=moved.ifelse(rows.new_on, rows.due_on)
    ).drop("new_at", "new_on", "moved")


def _with_ends(promises: Table, known: Table) -> Table:
    ends = known.filter(known.kind.isin(["promise.kept", "promise.broken", "promise.released"]))
    gathered = ends.group_by("promise_id").agg(
        kept_at=ends.occurred_at.min(where=ends.kind == "promise.kept"),
        kept_on=ends.occurred_on.min(where=ends.kind == "promise.kept"),
        broken_at=ends.occurred_at.min(where=ends.kind == "promise.broken"),
        broken_on=ends.occurred_on.min(where=ends.kind == "promise.broken"),
        released_at=ends.occurred_at.min(where=ends.kind == "promise.released"),
    )
    return promises.left_join(gathered, "promise_id").drop("promise_id_right")


def tallies(judged: Table) -> Table:
    """Count promises by kind: one row per `promise_kind`.

    Columns: `kind`, `made`, the five outcomes, and `vague` (those without a due moment, whatever became of them).
    made = open + kept + late + broken + released.
    """
    counts = {outcome: (judged.outcome == outcome).sum() for outcome in OUTCOMES}
    counted = judged.group_by(kind="promise_kind").agg(made=judged.count(), **counts, vague=judged.vague.sum())
    return counted.order_by("kind")


def oddities(facts: Table, *, as_of: AsOf) -> Table:
    """Return what is odd about promises: one row per fact concerned, with `problem` from `PROBLEMS`.

    Columns: `fact_id`, `promise_id`, `kind`, `occurred_on`, `source`, `problem`. Nothing is guessed away: the facts
    stay as they are, and `outcomes` reads them as `PROBLEMS` says.
    """
    known = facts.filter(facts.occurred_on <= ibis.literal(as_of.day))
    made = _made(known)
    about = known.filter(known.promise_id.notnull() & known.kind.startswith("promise."))
    shown = ("fact_id", "promise_id", "kind", "occurred_on", "source")
    orphans = (
        about.filter(about.kind != "promise.made")
        .anti_join(made, "promise_id")
        .select(*shown, problem=ibis.literal("unknown promise"))
    )
    parts = [orphans]
    for kind, problem in (("promise.made", "made twice"), ("promise.kept", "kept twice")):
        same = about.filter(about.kind == kind)
        place = ibis.row_number().over(group_by="promise_id", order_by=[same.occurred_at, same.fact_id])
        repeated = same.mutate(place=place).filter(lambda row: row.place > 0)
        parts.append(repeated.select(*shown, problem=ibis.literal(problem)))
    kept = about.filter(about.kind == "promise.kept")
    begun = made.select("promise_id", "made_at", "made_on", "made_clock")
    # Where only the day of one of the two is known, the same day is no contradiction.
    early = kept.inner_join(begun, "promise_id").filter(
        lambda row: (
            (row.occurred_on < row.made_on)
            | (
                (row.occurred_at < row.made_at)
                & (row.occurred_on == row.made_on)
                & row.clock_seconds.notnull()
                & row.made_clock.notnull()
            )
        )
    )
    parts.append(early.select(*shown, problem=ibis.literal("kept before made")))
    first_kept = kept.group_by("promise_id").agg(kept_at=kept.occurred_at.min())
    broken = about.filter(about.kind == "promise.broken").inner_join(first_kept, "promise_id")
    undone = broken.filter(broken.occurred_at > broken.kept_at)
    parts.append(undone.select(*shown, problem=ibis.literal("broken after kept")))
    moves = _moves(made, known)
    futile = about.semi_join(moves.filter(~cast(BooleanValue, moves.counts)), "fact_id")
    parts.append(futile.select(*shown, problem=ibis.literal("moved too late")))
    return ibis.union(*parts, distinct=False)
