"""Working days, working hours and the ends of days, against counting them one by one."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keptword.core.calendars import (
    Calendar,
    calendar,
    days_taken,
    due_day,
    due_instant,
    end_of_day,
    every_day,
    start_of_day,
    unknown_holidays,
    working_seconds,
    zone,
)
from keptword.core.calendars.rows import DAY_SCHEMA, WINDOW_SCHEMA, WORKDAY_SCHEMA, day_rows, window_rows, workday_rows
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine

ZONES = (
    None,
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",  # clocks change at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Asia/Kathmandu",
    "Pacific/Apia",  # left out 30 December 2011
    "-03:30",
)
ALL_DAY = ((0, 1440),)

days = st.dates(date(2023, 1, 1), date(2025, 12, 31))
instants = st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31))


@st.composite
def windows(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """Return up to three stretches of one day, away from the hours at which clocks change, or the whole day."""
    if draw(st.booleans()) and draw(st.booleans()):
        return ALL_DAY
    edges = sorted(draw(st.sets(st.integers(5 * 60, 22 * 60), max_size=6)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    weekly = tuple(draw(windows()) for _ in range(7))
    return Calendar(
        timezone=draw(st.sampled_from(ZONES)),
        weekdays=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
        holidays=frozenset(draw(st.sets(days, max_size=30))),
        extra_days=frozenset(draw(st.sets(days, max_size=5))),
        windows=weekly if any(weekly) else (ALL_DAY,) * 7,
    )


@settings(max_examples=60, deadline=None)
@given(
    calendar=calendars(),
    event=st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31)),
    waited=st.integers(0, 60),
    within=st.integers(0, 40),
    cutoff=st.none() | st.times(),
)
def test_joining_the_tables_equals_counting_day_by_day(
    calendar: Calendar, event: datetime, waited: int, within: int, cutoff: time | None
) -> None:
    """
    any calendar, any event, any cut-off hour, done some days later
    """
    paid_on, done_on = event.date(), event.date() + timedelta(days=waited)
    rows = {row[0]: row for row in day_rows(calendar, first=paid_on, last=done_on)}
    due = {row[0]: row[1] for row in workday_rows(calendar, first=paid_on, last=done_on, ahead=within)}
    _, _, at_once, after_cutoff, _, _ = rows[paid_on]
    start = after_cutoff if cutoff is not None and event.time() > cutoff else at_once
    reach = rows[done_on][4]

    counted = due_day(calendar, paid_on, within=within, event_time=event.time(), cutoff=cutoff)
    taken = days_taken(calendar, paid_on, done_on=done_on, event_time=event.time(), cutoff=cutoff)

    assert due[start + within] == counted
    assert max(0, reach - start) == taken
    assert (reach <= start + within) == (done_on <= counted)
    assert (taken <= within) == (done_on <= counted)


@given(day=days, within=st.integers(0, 30), holidays=st.sets(days, max_size=40))
def test_due_days_agree_with_numpy_business_days(day: date, within: int, holidays: set[date]) -> None:
    """
    Monday to Friday and holidays, as NumPy counts them
    """
    expected = np.busday_offset(np.datetime64(day), within, roll="forward", holidays=sorted(holidays))
    assert due_day(Calendar(holidays=frozenset(holidays)), day, within=within) == expected.item()


@settings(max_examples=40)
@given(calendar=calendars(), event=days, within=st.integers(0, 10))
def test_a_later_event_is_never_due_earlier(calendar: Calendar, event: date, within: int) -> None:
    """
    the same promise, made on a day and on the next
    """
    following = event + timedelta(days=1)
    assert due_day(calendar, event, within=within) <= due_day(calendar, following, within=within)


@pytest.mark.parametrize(
    ("paid", "within", "cutoff", "due"),
    [
        ("2031-03-07 11:00", 2, None, "2031-03-11"),  # a Friday: due at the end of Tuesday
        ("2031-03-08 11:00", 2, None, "2031-03-12"),  # a Saturday counts as Monday
        ("2031-03-09 11:00", 0, None, "2031-03-10"),  # the same day, of a Sunday, is Monday
        ("2031-03-07 14:00", 2, "14:00", "2031-03-11"),  # at the cut-off hour is not after it
        ("2031-03-07 14:01", 2, "14:00", "2031-03-12"),  # after it, Friday counts as Monday
        ("2031-03-08 14:01", 2, "14:00", "2031-03-12"),  # Saturday counts as Monday at any hour
        ("2031-03-03 23:59", 0, None, "2031-03-03"),
        ("2031-04-10 09:00", 1, None, "2031-04-15"),  # Maundy Thursday: Good Friday and Easter Monday are off
    ],
)
def test_working_days_are_counted_from_the_day_after(paid: str, within: int, cutoff: str | None, due: str) -> None:
    """
    Monday to Friday, holidays of Germany; 7 March 2031 is a Friday
    """
    german, at = calendar("DE"), datetime.fromisoformat(paid)
    until = time.fromisoformat(cutoff) if cutoff else None
    assert due_day(german, at.date(), within=within, event_time=at.time(), cutoff=until) == date.fromisoformat(due)


def test_a_day_off_reaches_as_far_as_the_next_working_day() -> None:
    """
    2031-03-07 Fri paid; 2031-03-08 Sat shipped: within 1 working day, not within 0
    """
    rows = {row[0]: row for row in day_rows(Calendar(), first=date(2031, 3, 7), last=date(2031, 3, 10))}
    friday, saturday, monday = (rows[date(2031, 3, day)] for day in (7, 8, 10))
    assert saturday[4] - friday[2] == 1
    assert saturday[2] == saturday[3] == monday[2]
    assert friday[3] == monday[2]


def test_working_days_keep_their_numbers_whatever_range_is_asked_for() -> None:
    """
    the first working day from 1970 on is 0, before and after
    """
    german = calendar("DE", years=range(1960, 2030))
    wide = {row[0]: row for row in day_rows(german, first=date(1965, 1, 1), last=date(2025, 1, 1))}
    for first, last in ((date(1966, 5, 1), date(1966, 6, 1)), (date(2020, 1, 1), date(2020, 3, 1))):
        assert all(wide[row[0]] == row for row in day_rows(german, first=first, last=last))
    assert wide[date(1970, 1, 1)][1:3] == (0, 0)
    assert wide[date(1969, 12, 31)][2] == -1


def test_workdays_go_on_past_a_long_holiday() -> None:
    """
    two years of holidays after the last day asked for
    """
    closed = frozenset(date(2024, 1, 2) + timedelta(days=offset) for offset in range(730))
    rows = workday_rows(Calendar(holidays=closed), first=date(2024, 1, 1), last=date(2024, 1, 1), ahead=3)
    assert [row[1].isoformat() for row in rows[:4]] == ["2024-01-01", "2026-01-01", "2026-01-02", "2026-01-05"]


def test_plain_days_count_every_day() -> None:
    """
    paid on Saturday, within 5 days: Thursday
    """
    assert due_day(every_day(), date(2031, 3, 8), within=5) == date(2031, 3, 13)
    rows = day_rows(every_day("Europe/Berlin"), first=date(2031, 3, 8), last=date(2031, 3, 9))
    assert [(row[1], row[2], row[3]) for row in rows] == [(22346, 22346, 22347), (22347, 22347, 22348)]


@pytest.mark.parametrize(
    ("day", "timezone", "end"),
    [
        ("2031-03-29", "Europe/Berlin", "2031-03-29T22:59:59.999999"),
        ("2031-03-30", "Europe/Berlin", "2031-03-30T21:59:59.999999"),  # 23 hours
        ("2031-10-26", "Europe/Berlin", "2031-10-26T22:59:59.999999"),  # 25 hours
        ("2018-11-03", "America/Sao_Paulo", "2018-11-04T02:59:59.999999"),  # the next day begins at 01:00
        ("2024-11-02", "America/Havana", "2024-11-03T03:59:59.999999"),  # the next day begins twice
        ("2011-12-29", "Pacific/Apia", "2011-12-30T09:59:59.999999"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T09:59:59.999999"),  # a day nobody there lived
        ("2031-03-01", "+08:00", "2031-03-01T15:59:59.999999"),
        ("2031-03-01", None, "2031-03-01T23:59:59.999999"),
    ],
)
def test_a_day_ends_where_its_clocks_say(day: str, timezone: str | None, end: str) -> None:
    """
    the last microsecond of a local day, in UTC
    """
    ends = end_of_day(date.fromisoformat(day), timezone)
    assert ends == datetime.fromisoformat(end)
    assert start_of_day(date.fromisoformat(day) + timedelta(days=1), timezone) - ends == timedelta(microseconds=1)


@settings(max_examples=60, deadline=None)
@given(calendar=calendars(), moments=st.lists(instants, min_size=3, max_size=3))
def test_working_seconds_add_up(calendar: Calendar, moments: list[datetime]) -> None:
    """
    a..b and b..c are a..c, across any change of clocks
    """
    a, b, c = sorted(moment.replace(microsecond=0) for moment in moments)
    parts = working_seconds(calendar, start=a, end=b) + working_seconds(calendar, start=b, end=c)
    assert parts == working_seconds(calendar, start=a, end=c)
    assert working_seconds(calendar, start=c, end=a) == 0


@settings(max_examples=25, deadline=None)
@given(calendar=calendars(), start=instants, length=st.integers(0, 4 * 24 * 60))
def test_working_seconds_equal_reading_the_clock_every_minute(calendar: Calendar, start: datetime, length: int) -> None:
    """
    every minute: is the wall clock inside the opening hours of its day?
    """
    start = start.replace(second=0, microsecond=0)
    local = zone(calendar.timezone)
    minutes = 0
    for minute in range(length):
        wall = (start + timedelta(minutes=minute)).replace(tzinfo=UTC).astimezone(local)
        at = wall.hour * 60 + wall.minute
        minutes += any(opens <= at < closes for opens, closes in calendar.windows_on(wall.date()))
    assert working_seconds(calendar, start=start, end=start + timedelta(minutes=length)) == minutes * 60


@settings(max_examples=60, deadline=None)
@given(calendar=calendars(), start=instants, hours=st.integers(1, 120), later=st.integers(0, 10**6))
def test_the_due_instant_is_when_the_hours_are_worked(
    calendar: Calendar, start: datetime, hours: int, later: int
) -> None:
    """
    due after h working hours: h are worked then, less a moment before; starting later is due no earlier
    """
    due = due_instant(calendar, start, hours=hours)
    assert working_seconds(calendar, start=start, end=due) == hours * 3600
    assert working_seconds(calendar, start=start, end=due - timedelta(microseconds=1)) < hours * 3600
    assert due_instant(calendar, start + timedelta(seconds=later), hours=hours) >= due


@settings(max_examples=40, deadline=None)
@given(calendar=calendars(), moments=st.lists(instants, min_size=2, max_size=2), hours=st.integers(1, 60))
def test_joining_the_clock_equals_counting_by_the_window(
    calendar: Calendar, moments: list[datetime], hours: int
) -> None:
    """
    asked at one instant, answered at another, promised within some hours
    """
    asked, answered = sorted(moment.replace(microsecond=0) for moment in moments)
    rows = window_rows(calendar, first=asked.date(), last=answered.date(), hours_ahead=hours)
    starts = [(row[0], row[1]) for row in rows]

    def worked(at: datetime) -> int:
        second = (at - datetime.combine(at.date(), time())) // timedelta(seconds=1)
        row = rows[bisect_right(starts, (at.date(), second)) - 1]
        assert row[0] == at.date()
        assert row[1] <= second < row[3]
        return row[6] + min(second - row[1], row[2] - row[1])

    target = worked(asked) + hours * 3600
    due = [row[4] + timedelta(seconds=target - row[6]) for row in rows if row[6] < target <= row[7]]

    assert worked(answered) - worked(asked) == working_seconds(calendar, start=asked, end=answered)
    assert due == [due_instant(calendar, asked, hours=hours)]


@settings(max_examples=30, deadline=None)
@given(calendar=calendars(), day=days, more=st.integers(0, 20))
def test_the_clock_covers_every_second_once(calendar: Calendar, day: date, more: int) -> None:
    """
    on each UTC day the rows follow each other from 0 to 86400
    """
    rows = window_rows(calendar, first=day, last=day + timedelta(days=more), hours_ahead=10)
    ends = [("", 86_400, 0), *((row[0], row[3], row[7]) for row in rows)]
    for row, (utc_day, until, worked) in zip(rows, ends, strict=False):
        assert row[1] == (until if row[0] == utc_day else 0)
        assert row[1] <= row[2] <= row[3] <= 86_400
        assert row[6] == worked
        assert row[5] - row[4] == timedelta(seconds=row[2] - row[1]) == timedelta(seconds=row[7] - row[6])
    utc_days = sorted({row[0] for row in rows})
    assert utc_days == [day + timedelta(days=offset) for offset in range(len(utc_days))]
    assert len(utc_days) > more


def test_working_hours_have_a_lunch_break_and_a_weekend() -> None:
    """
    Mon-Fri 09:00-12:30 and 13:30-18:00 in Berlin; asked on Friday 2031-03-07 at 12:00 local time
    4 working hours are over at 17:00, 6 on Monday at 09:30
    """
    shop = calendar(timezone="Europe/Berlin", working_hours=["09:00-12:30", "13:30-18:00"])
    asked = datetime(2031, 3, 7, 11)
    assert due_instant(shop, asked, hours=4) == datetime(2031, 3, 7, 16)
    assert due_instant(shop, asked, hours=5) == datetime(2031, 3, 7, 17)
    assert due_instant(shop, asked, hours=5.5) == datetime(2031, 3, 10, 8, 30)
    assert working_seconds(shop, start=asked, end=datetime(2031, 3, 10, 8, 30)) == 5.5 * 3600


def test_hours_on_the_days_clocks_change() -> None:
    """
    Berlin, open all day: Sunday 2031-03-30 has 23 hours, Sunday 2031-10-26 has 25
    open 02:15 to 02:45: half an hour, none when the clock leaves it out, one when it shows it twice
    """
    spring, autumn = date(2031, 3, 30), date(2031, 10, 26)
    night = Calendar(timezone="Europe/Berlin", weekdays=frozenset({6}), windows=((),) * 6 + (((135, 165),),))
    for day, all_day, at_night in ((spring, 23, 0), (autumn, 25, 0.5), (date(2031, 5, 4), 24, 0.5)):
        start, end = start_of_day(day, "Europe/Berlin"), end_of_day(day, "Europe/Berlin") + timedelta(microseconds=1)
        assert working_seconds(every_day("Europe/Berlin"), start=start, end=end) == all_day * 3600
        assert working_seconds(night, start=start, end=end) == at_night * 3600


def test_windows_that_touch_on_the_wall_touch_in_time() -> None:
    """
    00:00-02:30 and 02:30-24:00 are the whole day, on the days clocks change too
    """
    split = Calendar(timezone="America/New_York", windows=(((0, 150), (150, 1440)),) * 7)
    for day in (date(2031, 3, 9), date(2031, 11, 2)):
        start, end = start_of_day(day, "America/New_York"), start_of_day(day + timedelta(days=1), "America/New_York")
        assert working_seconds(split, start=start, end=end) == (end - start).total_seconds()


def test_hours_by_weekday_tell_the_working_days_too() -> None:
    """
    mon 09:00-12:00, sat 10:00-14:00, sun nothing
    """
    shop = calendar(working_hours={"mon": ["09:00-12:00"], "Saturday": ["10:00-14:00"], "sun": []})
    assert shop.weekdays == {0, 5}
    assert shop.windows_on(date(2031, 3, 8)) == ((600, 840),)
    answering = calendar(working_days=["mon"], working_hours={"mon": ["09:00-12:00"], "sat": ["10:00-14:00"]})
    assert answering.weekdays == {0}
    assert answering.windows_on(date(2031, 3, 8)) == ((600, 840),)


def test_holidays_come_by_country_and_part_of_it() -> None:
    """
    Epiphany is a holiday in Bavaria, not in Berlin; a shop adds its own
    """
    epiphany, own = date(2031, 1, 6), date(2031, 2, 14)
    for bavaria in ("DE-BY", "de-by", "Germany-Bayern", "DEU-BY"):
        assert not calendar(bavaria).is_working(epiphany)
    assert calendar("DE-BE").is_working(epiphany)
    assert calendar("DE", extra_holidays=[own]).windows_on(own) == ()
    assert calendar().is_working(date(2031, 12, 25))


def test_weekends_moved_to_working_days_are_worked() -> None:
    """
    China, 2024: Sundays 4 and 18 February were worked, around the Spring Festival; on Friday's hours
    """
    moved = date(2024, 2, 4)
    china = calendar("CN", timezone="Asia/Shanghai")
    assert china.is_working(moved)
    assert china.windows_on(moved) == ((540, 1020),)
    assert due_day(china, date(2024, 2, 9), within=1) == date(2024, 2, 18)
    assert not calendar("CN", working_days=["mon", "tue", "wed", "thu", "fri"]).is_working(moved)


def test_years_without_known_holidays_are_told() -> None:
    """
    Germany's holidays are known from 1991 on
    """
    german = calendar("DE")
    assert unknown_holidays(german, first=date(2000, 1, 1), last=date(2040, 1, 1)) is None
    problem = unknown_holidays(german, first=date(1985, 1, 1), last=date(2040, 1, 1))
    assert problem is not None
    assert "1991 to 2060" in problem.seen
    assert unknown_holidays(Calendar(), first=date(1901, 1, 1), last=date(2100, 1, 1)) is None


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ({"country": "Germny"}, "DE (Germany)"),
        ({"country": "XX"}, "two-letter code"),
        ({"country": "DE-Bayer"}, "BY"),
        ({"country": "SG-01"}, "the same in all its parts"),
        ({"timezone": "Europe/Berln"}, "Europe/Berlin"),
        ({"timezone": "New York"}, "America/New_York"),
        ({"timezone": "+25:00"}, "+08:00"),
        ({"timezone": "../passwd"}, "Europe/Berlin"),
        ({"working_days": ["mon", "tues"]}, '"tue"'),
        ({"working_days": []}, "no working day"),
        ({"working_hours": ["nine to five"]}, "09:00-12:30"),
        ({"working_hours": ["09:00-25:00"]}, "no clock shows"),
        ({"working_hours": ["18:00-06:00"]}, "00:00-06:00"),
        ({"working_hours": ["09:00-12:00", "11:00-18:00"]}, "overlap"),
        ({"working_hours": {}, "working_days": ["mon"]}, "no working hours"),
    ],
)
def test_what_is_unknown_is_refused_naming_what_is_near(asked: dict[str, object], near: str) -> None:
    """
    countries, parts of them, time zones, weekdays, hours
    """
    with pytest.raises(KeptwordError) as refused:
        calendar(**asked)  # type: ignore[arg-type]
    assert near in str(refused.value)


@pytest.mark.parametrize("name", ["Europe/Berlin", "europe/berlin", " EUROPE/BERLIN"])
def test_a_time_zone_is_known_in_any_case(name: str) -> None:
    """
    as people type it
    """
    assert zone(name) == ZoneInfo("Europe/Berlin")


def test_days_centuries_away_are_refused() -> None:
    """
    a year mistyped as 0231 or 9999, and promises that no clock could count
    """
    for day in (date(231, 3, 1), date(9999, 12, 31)):
        with pytest.raises(KeptwordError, match="mistyped year"):
            day_rows(Calendar(), first=date(2031, 1, 1), last=day)
        with pytest.raises(KeptwordError, match="mistyped year"):
            end_of_day(day, "Europe/Berlin")
    minute = Calendar(windows=(((0, 1),), *((),) * 6))
    with pytest.raises(KeptwordError, match="longer than a century"):
        due_instant(minute, datetime(2031, 1, 1), hours=1000)
    with pytest.raises(KeptwordError, match="longer than a century"):
        window_rows(minute, first=date(2031, 1, 1), last=date(2031, 1, 1), hours_ahead=1000)


def test_the_rows_fit_an_engine() -> None:
    """
    each list of rows, stored under its schema
    """
    shop, first, last = calendar("DE", timezone="Europe/Berlin"), date(2031, 1, 1), date(2031, 2, 1)
    with Engine() as engine:
        for schema, rows in (
            (DAY_SCHEMA, day_rows(shop, first=first, last=last)),
            (WORKDAY_SCHEMA, workday_rows(shop, first=first, last=last)),
            (WINDOW_SCHEMA, window_rows(shop, first=first, last=last)),
        ):
            stored = engine.rows(engine.put("rows", schema, rows=rows))
            assert [tuple(row.values()) for row in stored] == [tuple(row) for row in rows]
