"""What single cells say to a mapping: moments by format and time zone, amounts by their signs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from mapped_files import By

MAPPING = """
[file]
name = "x"
FILE
[[fact]]
kind = "order.placed"
when = "At"
subject = "row:{line}"
amount = "Sum"
currency = "EUR"
"""


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


ISO = {
    "2031-03-01": ("2031-03-01T00:00:00", None),
    "2031-3-1 9:05": ("2031-03-01T09:05:00", 32_700),
    "2031/03/01 09:05:10": ("2031-03-01T09:05:10", 32_710),
    "2031-03-01T14:22:10.123Z": ("2031-03-01T14:22:10.123000", 51_730),
    "2031-03-01 14:22:10,5 +05:30": ("2031-03-01T08:52:10.500000", 51_730),
    "2031-03-01 14:22:10 -0500": ("2031-03-01T19:22:10", 51_730),
    "2031-03-01T14:22+01": ("2031-03-01T13:22:00", 51_720),
    "2031-03-01 14:22:10 UTC": ("2031-03-01T14:22:10", 51_730),
    "2031-02-30": None,
    "2031-03-01 25:00": None,
    "2031-03-01 14:22:10 abc": None,
    "0214-03-01": None,
    "9999-03-01": None,
    "2031-03-01 (BC)": None,
    "infinity": None,
    "epoch": None,
    "01.03.2031": None,
    "20310301": None,
}


@pytest.mark.parametrize("cell", ISO)
def test_iso_dates_need_no_format(by_mapping: By, cell: str) -> None:
    found = by_mapping(MAPPING.replace("FILE", ""), f"At,Sum\n{quoted(cell)},\n")
    expected = ISO[cell]
    if expected is None:
        assert found.refused[2].startswith(f'"At" reads "{cell}", which is no date like 2031-12-31')
        return
    assert (found.facts[0]["occurred_at"].isoformat(), found.facts[0]["clock_seconds"]) == expected


FORMATS = {
    '"%d.%m.%Y"': {"1.3.2031": "2031-03-01", "31.02.2031": None, "2031-03-01": None, "1.3.31": None},
    '["%d.%m.%Y", "%d.%m.%y"]': {"1.3.31": "2031-03-01", "1.3.2031": "2031-03-01"},
    '"%d-%b-%y"': {"2-Jun-06": "2006-06-02", "2-Juin-06": None},
    '"%m/%d/%Y %I:%M:%S %p"': {"01/31/2031 12:05:00 AM": "2031-01-31 00:05", "31/01/2031 12:05:00 AM": None},
    '["%d/%m/%Y %H:%M", "iso"]': {"4/7/2031 09:38": "2031-07-04 09:38", "2031-07-04": "2031-07-04"},
    '"%d/%m/%Y %H:%M:%S %z"': {"04/07/2031 09:38:00 +0200": "2031-07-04 07:38", "04/07/2031 09:38:00": None},
    '"unix"': {"1956493330": "2031-12-31 14:22:10", "2031-12-31": None, "nan": None},
    '"unix_ms"': {"1956493330500": "2031-12-31 14:22:10.5", "1e400": None},
    '["%d.%m.%Y", "unix"]': {"1956493330": "2031-12-31 14:22:10", "31.12.2031": "2031-12-31"},
}


@pytest.mark.parametrize("formats", FORMATS)
def test_dates_are_read_in_the_first_format_that_fits(by_mapping: By, formats: str) -> None:
    cells = FORMATS[formats]
    rows = "At,Sum\n" + "".join(f"{quoted(cell)},\n" for cell in cells)
    found = by_mapping(MAPPING.replace("FILE", f"dates = {formats}"), rows)
    read = {fact["subject"]: fact["occurred_at"] for fact in found.facts}
    for line, (cell, expected) in enumerate(cells.items(), start=2):
        assert read.get(f"row:{line}") == (datetime.fromisoformat(expected) if expected else None), cell
        assert (line in found.refused) == (expected is None), cell


def test_a_local_time_that_clocks_skipped_is_read_an_hour_later_and_told(by_mapping: By) -> None:
    """
    31 March 2024, 2:00 to 3:00: skipped in Berlin
    """
    rows = "At,Sum\n2024-03-31 02:30,\n2024-03-31 01:59,\n2024-03-31 03:00,\n2024-03-31,\n2024-03-31 02:30:00 +02:00,\n"
    found = by_mapping(MAPPING.replace("FILE", 'timezone = "Europe/Berlin"'), rows)
    assert [(fact["occurred_at"].hour, fact["occurred_at"].minute, fact["clock_seconds"]) for fact in found.facts] == [
        (1, 30, 3 * 3600 + 1800),
        (0, 59, 3600 + 59 * 60),
        (1, 0, 3 * 3600),
        (23, 0, None),
        (0, 30, 3600 + 1800),
    ]
    assert [problem[:40] for problem in found.problems] == ["One row names an hour that clocks skippe"]


@pytest.mark.parametrize(
    ("zone", "hour"), [("Asia/Kolkata", 4), ("+05:30", 4), ("-03:00", 13), ("UTC", 10), ("europe/berlin", 9)]
)
def test_stamps_without_an_offset_are_those_of_the_named_zone(by_mapping: By, zone: str, hour: int) -> None:
    found = by_mapping(MAPPING.replace("FILE", f'timezone = "{zone}"'), "At,Sum\n2031-03-01 10:00,\n")
    assert found.facts[0]["occurred_at"].hour == hour
    assert found.facts[0]["clock_seconds"] == 36_000


def test_the_day_is_the_business_s_where_its_zone_is_another_than_that_of_the_stamps(by_mapping: By) -> None:
    """
    noted in UTC, by a shop in Shanghai: 20:00 is 4:00 of the next day
    """
    rows = "At,Sum\n2031-03-01 20:00,\n2031-03-01,\n"
    found = by_mapping(MAPPING.replace("FILE", 'timezone = "UTC"'), rows, timezone="Asia/Shanghai")
    assert [(fact["occurred_on"].day, fact["occurred_at"].day) for fact in found.facts] == [(2, 1), (1, 28)]
    assert found.facts[0]["clock_seconds"] == 4 * 3600


AMOUNTS = {
    "": {
        "12.50": "12.50",
        "1,234.50": "1234.50",
        "12,34,567.00": "1234567",
        "€ 1,234.50": "1234.50",
        "1 234.50 EUR": "1234.50",
        "R$ 5": "5",
        "-5": "-5",
        "- 5.00": "-5",
        "(5.00)": "-5",
        "5.00-": "-5",
        "−5": "-5",
        "$-5": "-5",
        "+5": "5",
        ".5": "0.5",
        "5.": "5",
        "1'234": "1234",
        "1,5": None,
        "1,23": None,
        "12,3456": None,
        "1.234.567": None,
        "NaN": None,
        "inf": None,
        "-Infinity": None,
        "3 of 5": None,
        "=1+2": None,
        "5 6": None,
        "999999999999999": None,
        "five": None,
        "bad5": None,
        "kr 5": "5",
    },
    'decimal = ","': {
        "12,50": "12.50",
        "1.234,50": "1234.50",
        "1.234": "1234",
        "1.2": None,
        "12.50": None,
        "12,50 €": "12.50",
        "(1.234,50)": "-1234.50",
        "NaN": None,
        "1 234,5": "1234.5",
    },
    'thousands = ""': {"1,234": None, "1234.5": "1234.5", "€ 5": "5"},
}


@pytest.mark.parametrize("form", AMOUNTS)
def test_amounts_are_read_as_people_write_them_or_refused(by_mapping: By, form: str) -> None:
    cells = AMOUNTS[form]
    rows = "At,Sum\n" + "".join(f"2031-03-01,{quoted(cell)}\n" for cell in cells)
    found = by_mapping(MAPPING.replace("FILE", form), rows)
    read = {fact["subject"]: fact["amount"] for fact in found.facts}
    for line, (cell, expected) in enumerate(cells.items(), start=2):
        if expected is None:
            assert found.refused.get(line, "nothing").startswith(f'"Sum" reads "{cell}", which is no number'), cell
        else:
            assert read.get(f"row:{line}") == Decimal(expected), cell
