"""What a posting weighs: exact doubling, the same on every machine, and the severity of being late."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keptword.core.lines import lines
from keptword.core.postings import (
    LARGEST_MAGNITUDE,
    WORST_LATE,
    anchor_of,
    severity,
    severity_rows,
    weight,
    weight_rows,
    weight_schema,
)

ANCHOR = date(2031, 1, 1)


def test_the_anchor_is_the_first_of_january_of_the_closings_year():
    assert anchor_of(date(2031, 12, 31)) == anchor_of(ANCHOR) == ANCHOR


@pytest.mark.parametrize(
    ("days_late", "expected"), [(0, 0.0), (1, 0.270260), (2, 0.467479), (3, 0.611398), (11, 0.96875), (22, 0.999023)]
)
def test_severity_rises_as_the_model_says(days_late: int, expected: float):
    """1 - 2^-(days / 2.2): half of what is left every 2.2 days."""
    assert severity(days_late) == pytest.approx(expected, abs=5e-7)


def test_the_table_of_severities_rises_to_one_and_has_twelve_decimals():
    rows = severity_rows()
    assert [days for days, _ in rows] == list(range(WORST_LATE + 1))
    values = [value for _, value in rows]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (0.0, 1.0)
    assert all(value == round(value, 12) for value in values)


@given(days=st.integers(-7000, 400), half_life=st.integers(7, 3650))
def test_a_weight_is_the_power_of_two_and_doubles_with_each_half_life(days: int, half_life: int):
    """Against the machine's own power over nineteen years, to its last few bits; doubling is exact."""
    assert weight(days, half_life=half_life) == pytest.approx(2.0 ** (days / half_life), rel=1e-12)
    assert weight(days + half_life, half_life=half_life) == 2 * weight(days, half_life=half_life)


def test_what_never_fades_weighs_one_on_every_day():
    assert {weight(days, half_life=None) for days in (-5000, 0, 365)} == {1.0}


def test_every_day_has_its_row_up_to_the_day_after_the_last():
    """Ten days around the anchor: columns by half-life, the weight on the anchor is 1, the posting has 12 decimals."""
    first, last = ANCHOR - timedelta(days=5), ANCHOR + timedelta(days=4)
    names = list(weight_schema(lines()))
    rows = [dict(zip(names, row, strict=True)) for row in weight_rows(lines(), anchor=ANCHOR, first=first, last=last)]
    assert [row["day"] for row in rows] == [first + timedelta(days=number) for number in range(11)]
    assert {"w_21", "w_180", "w_never", "one_21", "one_180", "one_never"} <= set(names)
    on_anchor = rows[5]
    assert {value for name, value in on_anchor.items() if name != "day"} == {1.0, Decimal(1)}
    for row in rows:
        assert row["w_21"] == pytest.approx(2.0 ** ((row["day"] - ANCHOR).days / 21), rel=1e-14)
        assert row["one_21"] == Decimal(row["w_21"]).quantize(Decimal("1e-12"))


def test_the_largest_posting_of_a_year_leaves_room_in_the_sums():
    """A billion on the last day of a leap year under the shortest half-life, a dozen times over."""
    assert 12 * LARGEST_MAGNITUDE * weight(366, half_life=7) < 1e26
