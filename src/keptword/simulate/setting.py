"""What every drawing needs at hand: the shop, its clock and calendars, and the one stream of chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from keptword.simulate.catalogue import HOUR_WEIGHTS
from keptword.simulate.clock import (
    DAY,
    Clock,
    Days,
    Floats,
    Instants,
    Numbers,
    WorkingDays,
    WorkingHours,
    clock,
    german_holidays,
    working_hours,
)
from keptword.simulate.people import People
from keptword.simulate.world import Shop


@dataclass(frozen=True)
class Setting:
    """The invented shop's time and chance. `plain` days know no holidays, as a promise does; `open` days do."""

    shop: Shop
    rng: np.random.Generator
    people: People
    clock: Clock
    plain: WorkingDays
    open: WorkingDays
    hours: WorkingHours
    first: np.datetime64
    until: np.datetime64
    end: np.datetime64
    """The instant at which the last day is over."""

    def moment(self, day: Days) -> Instants:
        """Return an instant on each of the local days, at an hour at which people order and write."""
        hour = self.choose(np.asarray(HOUR_WEIGHTS, float), len(day))
        second = hour * 3600 + self.rng.integers(0, 3600, len(day))
        return self.clock.utc(day.astype("datetime64[s]") + second.astype("timedelta64[s]"))

    def choose(self, weights: Floats, count: int) -> Numbers:
        """Return `count` positions drawn by weight."""
        bounds = np.cumsum(weights)
        found: Numbers = np.searchsorted(bounds[:-1], self.rng.random(count) * bounds[-1], side="right")
        return found

    def day_end(self, day: Days) -> Instants:
        """Return the instant at which each local day is over."""
        return self.clock.utc((day + 1).astype("datetime64[s]"))

    def known(self, at: Instants) -> Instants:
        """Return the instants, NaT where they lie after the last day."""
        return np.where(at < self.end, at, np.datetime64("NaT", "s"))


def setting(shop: Shop, *, rng: np.random.Generator, people: People, first: date, until: date) -> Setting:
    """Return the shop's setting from the first day to the last."""
    years = range(first.year - 1, until.year + 2)
    days_off = np.array(german_holidays(years), "datetime64[D]")
    local = clock(shop.time_zone, first=first, last=until)
    days = WorkingDays(days_off)
    hours = working_hours(
        local,
        WorkingDays(np.array([], "datetime64[D]")),
        first=first - timedelta(days=7),
        last=until + timedelta(days=40),
        opens=shop.opens,
        closes=shop.closes,
    )
    last = np.datetime64(until, "D")
    return Setting(
        shop=shop,
        rng=rng,
        people=people,
        clock=local,
        plain=WorkingDays(np.array([], "datetime64[D]")),
        open=days,
        hours=hours,
        first=np.datetime64(first, "D"),
        until=last,
        end=local.utc(np.array([last + 1], "datetime64[s]"))[0],
    )


def seconds(amount: Floats, *, unit: np.timedelta64 = DAY) -> NDArray[np.timedelta64]:
    """Return each amount of the unit, days unless said, as whole seconds."""
    return np.floor(amount * unit.astype(np.int64)).astype(np.int64).astype("timedelta64[s]")
