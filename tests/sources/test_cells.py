"""What single cells say: moments in every way a shop's export writes them, amounts, and who somebody is."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from keptword.engines.duckdb import Engine
from keptword.sources import cells

MOMENTS = {
    "2031-03-01 14:22:10 -0500": ("2031-03-01T19:22:10", "2031-03-01", 51_730),
    "2031-03-01 23:30:00 -0330": ("2031-03-02T03:00:00", "2031-03-01", 84_600),
    "2031-03-01T14:22:10+05:30": ("2031-03-01T08:52:10", "2031-03-01", 51_730),
    "2031-03-01T14:22:10Z": ("2031-03-01T14:22:10", "2031-03-01", 51_730),
    "2031-03-01 14:22:10 UTC": ("2031-03-01T14:22:10", "2031-03-01", 51_730),
    "2031-03-01 14:22:10+01": ("2031-03-01T13:22:10", "2031-03-01", 51_730),
    "2031/3/1 9:05": ("2031-03-01T09:05:00", "2031-03-01", 32_700),
    "01.03.2031 14:22": ("2031-03-01T14:22:00", "2031-03-01", 51_720),
    "2031-03-01": ("2031-03-01T00:00:00", "2031-03-01", None),
    "1990-01-01 00:00:00 +0000": ("1990-01-01T00:00:00", "1990-01-01", 0),
}
"""What each stamp says where no time zone is told: the instant, the local day, the seconds of its clock."""

NO_MOMENTS = (
    *("", "soon", "2031-02-30 10:00:00 +0100", "2031-13-01", "2031-03-01 25:00:00 +0100", "15/01/2031 10:23"),
    *("03/04/31", "infinity", "epoch", "0031-03-01 10:00:00", "1989-12-31", "2101-01-01 00:00:00 +0000"),
    *("9999-12-31 23:59:59 +0000", "2031-03-01 10:00:00 -9900", "2031-03-01 10:00:00 +1x00", "45000.5", "20310301"),
)


def said(engine: Engine, stamps: list[str], *, timezone: str | None) -> list[tuple[datetime, date, int]]:
    rows = engine.put("stamps", {"place": "int64", "stamp": "string"}, rows=list(enumerate(stamps)))
    moment = cells.moment(rows.stamp, timezone=timezone)
    found = rows.select("place", at=moment.at, on=moment.on, clock=moment.clock_seconds).order_by("place")
    return [(row["at"], row["on"], row["clock"]) for row in engine.rows(found)]


def test_a_stamp_is_read_in_every_unmistakable_way_to_write_it(engine: Engine) -> None:
    found = said(engine, list(MOMENTS), timezone=None)
    expected = [(datetime.fromisoformat(at), date.fromisoformat(on), clock) for at, on, clock in MOMENTS.values()]
    assert dict(zip(MOMENTS, found, strict=True)) == dict(zip(MOMENTS, expected, strict=True))


def test_what_is_no_moment_or_could_be_another_is_left_empty(engine: Engine) -> None:
    for timezone in (None, "Europe/Berlin"):
        found = said(engine, list(NO_MOMENTS), timezone=timezone)
        assert dict(zip(NO_MOMENTS, (at for at, _, _ in found), strict=True)) == dict.fromkeys(NO_MOMENTS)


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "europe/berlin"])
def test_the_local_day_is_that_of_the_time_zone_told_through_both_clock_changes(engine: Engine, timezone: str) -> None:
    """
    before and after the spring change, a time no clock showed, both readings of a time shown twice, a late evening
    """
    found = said(
        engine,
        [
            "2031-03-30 00:59:59 +0000",
            "2031-03-30 01:00:00 +0000",
            "2031-10-26 00:30:00 +0000",
            "2031-10-26 01:30:00 +0000",
            "2031-03-01 17:30:00 -0600",
            "2031-07-01 12:00:00",
        ],
        timezone=timezone,
    )
    assert [(f"{on:%m-%d}", clock) for _, on, clock in found] == [
        ("03-30", 7199),
        ("03-30", 3 * 3600),
        ("10-26", 9000),
        ("10-26", 9000),
        ("03-02", 1800),
        ("07-01", 12 * 3600),
    ]
    assert found[-1][0] == datetime(2031, 7, 1, 10)


def test_a_fixed_offset_is_a_time_zone_too(engine: Engine) -> None:
    ((at, on, clock),) = said(engine, ["2031-03-01 23:30:00 +0000"], timezone="+01:00")
    assert (at, on, clock) == (datetime(2031, 3, 1, 23, 30), date(2031, 3, 2), 1800)


AMOUNTS = {
    "12.5": 12.5,
    "-3": -3.0,
    ".5": 0.5,
    "0.00": 0.0,
    "0,00": 0.0,
    "37,50": 37.5,
    "1,234.50": 1234.5,
    "12,34,567.00": 1_234_567.0,
    "1,234,567": 1_234_567.0,
    "1.234,50": 1234.5,
    "1 234,50": 1234.5,
    "€ 20.00": 20.0,
    "$1,234.50": 1234.5,
    "12.00 EUR": 12.0,
}
NO_AMOUNTS = ("", "NaN", "nan", "infinity", "-inf", "1e5", "1_000", "0x10", "=1+1", "1,234", "12,3,4", "9" * 20, "free")


def test_an_amount_is_read_as_shops_and_spreadsheets_write_it_and_nothing_is_guessed(engine: Engine) -> None:
    texts = [*AMOUNTS, *NO_AMOUNTS]
    rows = engine.put("amounts", {"place": "int64", "cell": "string"}, rows=list(enumerate(texts)))
    found = engine.rows(rows.select("place", amount=cells.amount(rows.cell)).order_by("place"))
    read = {
        text: None if row["amount"] is None else float(row["amount"]) for text, row in zip(texts, found, strict=True)
    }
    assert read == {**AMOUNTS, **dict.fromkeys(NO_AMOUNTS)}


def test_a_customer_is_the_same_whatever_the_case_and_the_spaces(engine: Engine) -> None:
    rows = engine.put("people", {"who": "string"}, rows=[("ada@example.org",), (" ADA@Example.org ",)])
    digest = cells.pseudonym(rows.who, key="one key")
    other = cells.pseudonym(rows.who, key="another key")
    assert len({row["digest"] for row in engine.rows(rows.select(digest=digest))}) == 1
    assert not {row["d"] for row in engine.rows(rows.select(d=digest))} & {
        row["d"] for row in engine.rows(rows.select(d=other))
    }
    nobody = engine.put("nobody", {"who": "string"}, rows=[("  ",), (None,)])
    assert [row["d"] for row in engine.rows(nobody.select(d=cells.pseudonym(nobody.who, key="k")))] == [None, None]
