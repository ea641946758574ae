"""Whole columns of local times, working days and working hours agree with counting them one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pytest

from keptword.simulate.clock import (
    WorkingDays,
    clock,
    german_holidays,
    months_before,
    working_hours,
)
from keptword.simulate.exports.stamps import with_offset
from simulate import recount

FIRST, LAST = date(2030, 1, 1), date(2031, 12, 31)
NO_DAYS = np.array([], "datetime64[D]")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Atlantic/Canary", "Asia/Shanghai", "America/St_Johns"])
def test_local_time_is_that_of_the_time_zone_database(zone: str) -> None:
    """Every 1,999th second of two years, and the hour around each change of the clocks, there and back."""
    around = clock(zone, first=FIRST, last=LAST)
    utc = np.arange(np.datetime64("2030-01-01"), np.datetime64("2032-01-01"), np.timedelta64(1999, "s"))
    edges = [change + np.arange(-3, 4).astype("timedelta64[s]") for change in around.changes]
    utc = np.concatenate([utc.astype("datetime64[s]"), *edges])
    texts = with_offset(around, utc)
    for second, text in zip(utc.astype(int).tolist(), texts, strict=True):
        assert text == f"{datetime.fromtimestamp(second, ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %z}"
    back = around.utc(around.local(utc))
    assert ((back == utc) | (around.local(back) == around.local(utc))).all()


def test_a_time_that_the_spring_gap_skips_is_moved_on() -> None:
    """02:30 on 31 March 2030 in Berlin does not exist; it becomes 03:30, summer time."""
    around = clock("Europe/Berlin", first=FIRST, last=LAST)
    utc = around.utc(np.array(["2030-03-31T02:30:00"], "datetime64[s]"))
    assert with_offset(around, utc) == ["2030-03-31 03:30:00 +0200"]


def test_the_german_holidays_are_those_of_the_holidays_library() -> None:
    """Forty years, with every date that Easter can make hard."""
    years = range(2010, 2050)
    common = [day for day in holidays.country_holidays("DE", years=years) if day != date(2017, 10, 31)]
    assert german_holidays(years) == sorted(common)
    assert {date(1954, 4, 16), date(1981, 4, 17)} <= set(german_holidays([1954, 1981]))  # Gauss's exceptions


@pytest.mark.parametrize("off", [(), (date(2030, 5, 1), date(2030, 5, 2), date(2030, 5, 3))])
@pytest.mark.parametrize("cutoff", [None, 14])
def test_working_days_are_those_counted_one_by_one(off: tuple[date, ...], cutoff: int | None) -> None:
    """Three weeks around three holidays in a row, morning and afternoon, 0 to 6 working days."""
    days = WorkingDays(np.array(off, "datetime64[D]"))
    for number in range(21):
        for hour in (9, 14, 20):
            base = datetime(2030, 4, 24, hour) + timedelta(days=number)
            late = None if cutoff is None else np.array([hour >= cutoff])
            begin = days.begin(np.array([base.date()], "datetime64[D]"), late=late)
            for within in range(7):
                due = recount.due_on(base, within, off=off, cutoff=cutoff)
                assert days.after(begin, within)[0] == np.datetime64(due)
                assert days.needed(begin, np.array([due], "datetime64[D]"))[0] == within
    never = np.array(["NaT"], "datetime64[D]")
    assert days.needed(begin, never)[0] == -1


def test_working_hours_are_those_counted_one_by_one() -> None:
    """Three hundred questions and answers at any hour, over both changes of the clocks, and back again."""
    around = clock("Europe/Berlin", first=FIRST, last=LAST)
    hours = working_hours(around, WorkingDays(NO_DAYS), first=FIRST, last=LAST, opens=9, closes=17)
    rng = np.random.default_rng(1)
    begin = np.datetime64("2030-02-01", "s") + rng.integers(0, 400 * 86_400, 300).astype("timedelta64[s]")
    end = begin + rng.integers(0, 9 * 86_400, 300).astype("timedelta64[s]")
    worked = hours.worked(end) - hours.worked(begin)
    for number in range(300):
        one, two = (datetime.fromtimestamp(int(at[number].astype(int)), UTC) for at in (begin, end))
        assert worked[number] / 3600 == pytest.approx(recount.worked_hours(one, two))
    later = hours.after(begin, np.full(300, 5 * 3600))
    assert (hours.worked(later) - hours.worked(begin) == 5 * 3600).all()


@pytest.mark.parametrize(
    ("until", "months", "first"),
    [
        (date(2031, 11, 24), 18, date(2030, 5, 25)),
        (date(2032, 2, 29), 12, date(2031, 3, 1)),
        (date(2031, 3, 31), 1, date(2031, 3, 1)),
        (date(2031, 12, 31), 12, date(2031, 1, 1)),
    ],
)
def test_a_span_of_months_begins_the_day_after_the_same_day(until: date, months: int, first: date) -> None:
    """Eighteen months up to 24 November begin on 25 May."""
    assert months_before(until, months=months) == first
