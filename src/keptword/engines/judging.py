"""Judges what a rule asks of the business: puts the calendar into the engine and runs the core's arithmetic on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ibis.expr.types import Table

from keptword.core.calendars import Calendar, every_day
from keptword.core.obligations import CALLED_OFF_BY, judged_in_days, obligations, timed_in_days, under
from keptword.core.promises import AsOf
from keptword.core.rules import Rule
from keptword.core.working_hours import judged_in_hours, judged_in_plain_hours, timed_in_hours
from keptword.engines import clocks
from keptword.engines.duckdb import Engine

Traits = Callable[[str], Table]
"""Gives for the name of a trait its table: `subject`, `value`."""

Span = tuple[date, date]


@dataclass(frozen=True)
class Judging:
    """What judging needs besides facts and rule: the end of the day asked for, the calendar, how far the days reach.

    `span` gives the first and the last local day that events and ends may lie on. It is asked only once the events
    are stored, so that it may look at them.
    """

    as_of: AsOf
    calendar: Callable[[Span], Calendar]
    span: Callable[[Table], Span]
    traits: Traits


def judged(engine: Engine, facts: Table, *, said: Rule, by: Judging) -> Table:
    """Return what a rule asks for, judged as of the day: one row per subject it speaks of, stored in the engine.

    Columns: those of `obligations`, `due_on`, `due_at`, `state`; in days also `taken`, `observed`, `waited_days`.
    """
    called_for = obligations(
        facts,
        begins=[said.from_kind, *([said.else_from] if said.else_from else [])],
        done_by=said.kept_by,
        called_off_by=CALLED_OFF_BY.get(said.kind),
        as_of=by.as_of.day,
    )
    columns = said.where.columns if said.where else ()
    asked = engine.create("asked", under(called_for, said, traits={column: by.traits(column) for column in columns}))
    span = by.span(asked)
    calendar = by.calendar(span)
    return (
        _in_days(engine, asked, said, calendar=calendar, span=span, as_of=by.as_of)
        if said.within.in_days
        else (_in_hours(engine, asked, said, calendar=calendar, span=span, as_of=by.as_of))
    )


def _in_days(engine: Engine, asked: Table, said: Rule, *, calendar: Calendar, span: Span, as_of: AsOf) -> Table:
    counted = calendar if said.within.working else every_day(calendar.timezone)
    within = int(said.within.number)
    clock = clocks.day_clock(engine, counted, first=span[0], last=span[1], ahead=within + 1)
    seconds = said.cutoff.hour * 3600 + said.cutoff.minute * 60 + said.cutoff.second if said.cutoff else None
    timed = timed_in_days(asked, clock, cutoff_seconds=seconds, as_of=as_of.day)
    return engine.create("judged", judged_in_days(timed, clock, within=within, as_of=as_of.day))


def _in_hours(engine: Engine, asked: Table, said: Rule, *, calendar: Calendar, span: Span, as_of: AsOf) -> Table:
    seconds = round(said.within.number * 3600)
    if not said.within.working:
        return engine.create("judged", judged_in_plain_hours(asked, within_seconds=seconds, as_of_at=as_of.at))
    windows = clocks.hour_clock(engine, calendar, first=span[0], last=span[1], ahead=said.within.number + 1)
    timed = engine.create("timed", timed_in_hours(asked, windows, as_of_at=as_of.at))
    return engine.create("judged", judged_in_hours(timed, windows, within_seconds=seconds, as_of_at=as_of.at))
