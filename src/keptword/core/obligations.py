"""What a rule asks of the business: which events call for something, when it was done, how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from keptword.core.rules import Rule

CALLED_OFF_BY = {"dispatch": "order.cancelled", "delivery": "order.cancelled"}
"""What ends an obligation of a kind without fulfilling it."""


@dataclass(frozen=True)
class Clock:
    """A calendar as tables, for joining.

    `days` has one row per local day: `day`, `day_number` (since 1970-01-01), `start`, `start_after_cutoff` and
    `reach` (ordinals of working days, see `calendars.day_rows`). `workdays` has one row per ordinal: its `day`, and
    `ends_at`, the instant (UTC) at which that day ends.
    """

    days: Table
    workdays: Table


def obligations(facts: Table, *, begins: Sequence[str], done_by: str, called_off_by: str | None, as_of: date) -> Table:
    """Return what was called for by the end of `as_of`: one row per subject.

    An obligation begins with the first fact of the first kind in `begins` that the subject has (an order: paid,
    else placed). Columns: `subject`, `user_key`, `event_at`, `event_on`, `event_clock`, `done_at`, `done_on`,
    `called_off_on`; the last three are empty where that has not happened by then.
    """
    kinds = [*begins, done_by, *([called_off_by] if called_off_by else [])]
    known = facts.filter(facts.kind.isin(kinds) & (facts.occurred_on <= ibis.literal(as_of)) & facts.subject.notnull())

    def first(column: str, kind: str | None) -> ibis.Value:
        return ibis.null(known[column].type()) if kind is None else known[column].min(where=known.kind == kind)

    gathered = known.group_by("subject").agg(
        user_key=known.user_key.max(),
        done_at=first("occurred_at", done_by),
        done_on=first("occurred_on", done_by),
        called_off_on=first("occurred_on", called_off_by),
        **{
            f"{part}_{place}": first(column, kind)
            for place, kind in enumerate(begins)
            for part, column in (("at", "occurred_at"), ("on", "occurred_on"), ("clock", "clock_seconds"))
        },
    )
    places = range(len(begins))
    chosen = {
        "event_at": ibis.coalesce(*(gathered[f"at_{place}"] for place in places)),
        "event_on": ibis.coalesce(*(gathered[f"on_{place}"] for place in places)),
        "event_clock": ibis.cases(
            *((gathered[f"at_{place}"].notnull(), gathered[f"clock_{place}"]) for place in places), else_=None
        ),
    }
    named = gathered.mutate(**chosen)
    return named.filter(named.event_at.notnull()).select(
        "subject", "user_key", "event_at", "event_on", "event_clock", "done_at", "done_on", "called_off_on"
    )


def under(asked: Table, rule: Rule, *, traits: Mapping[str, Table]) -> Table:
    """Keep the obligations a rule speaks of: begun while it was in force, and matching its condition.

    `traits` gives for each column the condition names a table (`subject`, `value`), one row per value.
    """
    if rule.since is not None:
        asked = asked.filter(asked.event_on >= ibis.literal(rule.since))
    if rule.until is not None:
        asked = asked.filter(asked.event_on <= ibis.literal(rule.until))
    for comparison in rule.where.comparisons if rule.where else ():
        trait = traits[comparison.column]
        matching = trait.filter(trait.value.lower().isin([value.lower() for value in comparison.values]))
        wanted = comparison.operator in ("=", "in")
        asked = asked.semi_join(matching, "subject") if wanted else asked.anti_join(matching, "subject")
    return asked


def timed_in_days(asked: Table, clock: Clock, *, cutoff_seconds: int | None, as_of: date) -> Table:
    """Add how long each obligation took, in working days counted from the day after the event.

    Adds `start` (the ordinal of the working day the event counts as), `taken` (the smallest k for which it was
    done "within k working days"; empty while it is not), `observed` (full working days seen to pass while it was
    open, up to the end of `as_of`) and `waited_days` (calendar days from the event to the end, or to `as_of`).
    """
    days = clock.days
    begun = days.select(event_on="day", own_start="start", late_start="start_after_cutoff", event_number="day_number")
    ended = days.select(done_on="day", done_reach="reach", done_number="day_number")
    today = days.filter(days.day == ibis.literal(as_of)).select(
        # The last working day that is over at the end of this day: on a day off, the one before.
        today_number="day_number",
        today_passed=days.start_after_cutoff - 1,
    )
    joined = _join_days(_join_days(asked, begun, "event_on"), ended, "done_on").cross_join(today)
    start = joined.own_start
    if cutoff_seconds is not None:
        start = (joined.event_clock.coalesce(0) > cutoff_seconds).ifelse(joined.late_start, joined.own_start)
    joined = joined.mutate(start=start)
    return joined.mutate(
        taken=joined.done_on.notnull().ifelse(ibis.greatest(joined.done_reach - joined.start, 0), None),
        observed=ibis.greatest(joined.today_passed - joined.start, 0),
        waited_days=joined.done_number.coalesce(joined.today_number) - joined.event_number,
    ).drop("own_start", "late_start", "done_reach", "done_number", "event_number", "today_number", "today_passed")


def _join_days(rows: Table, days: Table, on: str) -> Table:
    return rows.left_join(days, on).drop(f"{on}_right")


def judged_in_days(timed: Table, clock: Clock, *, within: int, as_of: date) -> Table:
    """Judge each obligation against "within `within` working days", as known at the end of `as_of`.

    Adds `due_on`, `due_at` and `state`: kept, late (done after it was due), waiting (due, not done), open (not due
    yet) or released (called off before it was done).
    """
    workdays = clock.workdays.select(due_ordinal="ordinal", due_on="day", due_at="ends_at")
    placed = timed.mutate(due_ordinal=timed.start + within)
    rows = placed.left_join(workdays, "due_ordinal").drop("due_ordinal_right", "due_ordinal")
    in_time = cast(BooleanValue, rows.taken <= within)
    over = cast(BooleanValue, rows.due_on <= ibis.literal(as_of))
    return rows.mutate(state=state(rows, in_time=in_time, over=over))


def state(rows: Table, *, in_time: BooleanValue, over: BooleanValue) -> StringValue:
    """Return an obligation's state, from whether it was done in time and whether its time is over."""
    done = rows.done_at.notnull()
    return cast(
        StringValue,
        ibis.cases(
            (rows.called_off_on.notnull() & ~done, "released"),
            (done & in_time, "kept"),
            (done, "late"),
            (over, "waiting"),
            else_="open",
        ),
    )
