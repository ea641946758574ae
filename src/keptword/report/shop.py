"""The facts of one shop as of a day, with the relations that several figures share, each made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from ibis.expr.types import Table

from keptword.core.calendars import Calendar, every_day
from keptword.core.obligations import Clock
from keptword.core.orders import placed_orders
from keptword.core.problems import KeptwordError
from keptword.core.promises import AsOf
from keptword.core.rules import Rule, Settings
from keptword.engines import clocks
from keptword.engines.duckdb import Engine
from keptword.engines.judging import Judging, judged
from keptword.engines.traits import trait, trait_names
from keptword.sources.registry import Gathered

LONGEST_COUNTED = 60
"""Days beyond which it no longer matters how long something took: the table of what-ifs ends before."""


@dataclass(frozen=True)
class Asked:
    """What the person asked for: the day, their promise if they told one, their calendar, what to break down by."""

    as_of: date
    today: date
    rules: tuple[Rule, ...] = ()
    settings: Settings = field(default_factory=Settings)
    by: tuple[str, ...] = ()
    country: str | None = None
    business: str | None = None


class Shop:
    """The facts of one shop as of a day, with the relations that several figures share, each made once."""

    def __init__(self, engine: Engine, gathered: Gathered, *, asked: Asked) -> None:
        self.engine = engine
        self.gathered = gathered
        self.asked = asked
        self.facts = gathered.facts
        self.timezone = asked.settings.timezone or gathered.timezone or _usual_offset(gathered.offsets)
        self.as_of: AsOf = clocks.as_of(asked.as_of, timezone=self.timezone)
        self._traits: dict[str, Table] = {}

    def count(self, rows: Table) -> int:
        """Return the number of rows."""
        return int(self.engine.rows(rows.agg(count=rows.count()))[0]["count"])

    @cached_property
    def span(self) -> tuple[date | None, date | None, int]:
        """The first and the newest local day in the facts, and how many facts there are."""
        facts = self.facts
        row = self.engine.rows(
            facts.agg(first=facts.occurred_on.min(), newest=facts.occurred_on.max(), entries=facts.count())
        )[0]
        return row["first"], row["newest"], row["entries"]

    @cached_property
    def calendar(self) -> Calendar:
        """The business's calendar, on its own clock where it told one, else on that of the stamps."""
        first, last = self.reach
        years = range(first.year, last.year + 3)
        told = self.asked.settings.calendar(years=years)
        return told if told.timezone else Calendar(**{**told.__dict__, "timezone": self.timezone})

    @property
    def reach(self) -> tuple[date, date]:
        """The first and the last day that matter: of the facts, and the day asked for."""
        first, newest, _ = self.span
        days = [day for day in (first, newest, self.as_of.day) if day is not None]
        return min(days), max(days)

    def day_clock(self, calendar: Calendar, *, ahead: int) -> Clock:
        """The calendar's days in the engine, as far as the facts reach and `ahead` working days further."""
        first, last = self.reach
        return clocks.day_clock(self.engine, calendar, first=first, last=last, ahead=ahead)

    def hour_clock(self, *, ahead: float) -> Table:
        """The working hours in the engine, as far as the facts reach and `ahead` working hours further."""
        first, last = self.reach
        return clocks.hour_clock(self.engine, self.calendar, first=first, last=last, ahead=ahead)

    @cached_property
    def age_days(self) -> Table:
        """How old each day is at the end of the day asked for, in whole days: columns `day`, `age`."""
        first, newest, _ = self.span
        day = self.as_of.day
        oldest, latest = min(first or day, day), max(newest or day, day)
        # Promises may fall due on days no fact is dated with; a promise lasts ten years at most.
        span = range((latest - oldest).days + 1)
        rows = [(oldest + timedelta(days=step), max((day - oldest).days - step, 0)) for step in span]
        return self.engine.put("ages", {"day": "date", "age": "int64"}, rows=rows)

    @cached_property
    def trait_names(self) -> tuple[str, ...]:
        """The names of what the subjects are known by: carrier, country, product, …"""
        return trait_names(self.engine, self.facts)

    def trait(self, name: str) -> Table:
        """One trait as a table (`subject`, `value`); refuses one the files do not have, naming those they have."""
        known = {each.lower(): each for each in self.trait_names}
        if name.lower() not in known:
            have = ", ".join(self.trait_names) or "none"
            raise KeptwordError(f'The files say nothing about "{name}". What they can be broken down by: {have}.')
        if name.lower() not in self._traits:
            self._traits[name.lower()] = trait(self.engine, self.facts, name=known[name.lower()])
        return self._traits[name.lower()]

    @cached_property
    def orders(self) -> Table:
        """The orders placed by the end of the day, one row each (see `orders.placed_orders`)."""
        return self.engine.create("orders", placed_orders(self.facts, as_of=self.as_of.day))

    def judged(self, said: Rule) -> Table:
        """What a rule asks for, judged as of the day: one row per subject it speaks of, stored in the engine.

        Columns: those of `obligations`, `due_on`, `due_at`, `state`; in days also `taken`, `observed`, `waited_days`.
        """
        by = Judging(
            as_of=self.as_of,
            calendar=lambda _: self.calendar if said.within.working else every_day(self.timezone),
            span=lambda _: self.reach,
            traits=self.trait,
        )
        return judged(self.engine, self.facts, said=said, by=by)


def _usual_offset(offsets: Mapping[int, int]) -> str | None:
    """Return the fixed offset most stamps carry, as `+01:00`: the clock of a business that told none."""
    if not offsets:
        return None
    minutes = max(offsets, key=lambda offset: (offsets[offset], -abs(offset)))
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
