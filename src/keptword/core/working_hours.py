"""The working-hours clock: what an obligation took, and when it falls due, in hours somebody was there."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table, TimestampValue

from keptword.core.obligations import state


def worked_until(rows: Table, windows: Table, *, at: str) -> Table:
    """Return the working seconds up to the instant in column `at`: one row per subject with that instant.

    `windows` are `calendars.window_rows`. Columns: `subject`, `worked`; the difference of two of them is the
    working time between.
    """
    instants = rows.filter(rows[at].notnull()).select(
        "subject", on_utc_day=rows[at].date(), second=_second_of_day(cast(TimestampValue, rows[at]))
    )
    inside = instants.inner_join(
        windows,
        [
            instants.on_utc_day == windows.utc_day,
            instants.second >= windows.start_second,
            instants.second < windows.until_second,
        ],
    )
    passed = ibis.least(inside.second - inside.start_second, inside.end_second - inside.start_second)
    return inside.select("subject", worked=inside.worked_before + passed)


def timed_in_hours(asked: Table, windows: Table, *, as_of_at: datetime) -> Table:
    """Add how long each obligation took on the working-hours clock.

    Adds `worked_at_event` (working seconds before the event, on the clock's own scale), `taken_seconds` (empty while
    it is not done) and `observed_seconds` (working seconds it has been open, up to `as_of_at`).
    """
    until = asked.select("subject", now_at=ibis.literal(as_of_at))
    begun = worked_until(asked, windows, at="event_at").rename(worked_at_event="worked")
    ended = worked_until(asked, windows, at="done_at").rename(worked_at_end="worked")
    today = worked_until(until, windows, at="now_at").rename(worked_now="worked")
    rows = asked
    for part in (begun, ended, today):
        rows = rows.left_join(part, "subject").drop("subject_right")
    return rows.mutate(
        taken_seconds=ibis.greatest(rows.worked_at_end - rows.worked_at_event, 0),
        observed_seconds=ibis.greatest(rows.worked_now - rows.worked_at_event, 0),
    ).drop("worked_at_end", "worked_now")


def judged_in_hours(timed: Table, windows: Table, *, within_seconds: int, as_of_at: datetime) -> Table:
    """Judge each obligation against a number of working seconds, at the instant.

    Adds `due_at`, `due_on` (always empty: the promise names an instant) and `state`, as `obligations.state` has it.
    """
    aimed = timed.mutate(target=timed.worked_at_event + within_seconds)
    spans = windows.select("start_at", window_from="worked_before", window_to="worked_after")
    rows = aimed.left_join(spans, (spans.window_from < aimed.target) & (aimed.target <= spans.window_to))
    due_at = rows.start_at + cast(IntegerValue, rows.target - rows.window_from).as_interval("s")
    rows = rows.mutate(due_at=due_at, due_on=ibis.null("date"))
    return _judged_at_instant(rows.drop("start_at", "window_from", "window_to", "target"), as_of_at=as_of_at)


def judged_in_plain_hours(asked: Table, *, within_seconds: int, as_of_at: datetime) -> Table:
    """Judge each obligation against a number of hours that count by day and night; adds what `judged_in_hours` adds."""
    due_at = asked.event_at + ibis.interval(seconds=within_seconds)
    return _judged_at_instant(asked.mutate(due_at=due_at, due_on=ibis.null("date")), as_of_at=as_of_at)


def _judged_at_instant(rows: Table, *, as_of_at: datetime) -> Table:
    in_time = cast(BooleanValue, rows.done_at <= rows.due_at)
    over = cast(BooleanValue, rows.due_at <= ibis.literal(as_of_at))
    return rows.mutate(state=state(rows, in_time=in_time, over=over))


def _second_of_day(at: TimestampValue) -> IntegerValue:
    return cast(IntegerValue, at.hour() * 3600 + at.minute() * 60 + at.second())
