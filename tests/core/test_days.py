"""Days: the 12 months that end with one."""

from __future__ import annotations

from datetime import date

import pytest

from keptword.core.days import first_of_year_to


@pytest.mark.parametrize(
    ("last", "first"),
    [
        (date(2031, 3, 5), date(2030, 3, 6)),
        (date(2030, 12, 31), date(2030, 1, 1)),
        (date(2032, 2, 28), date(2031, 3, 1)),
        (date(2032, 2, 29), date(2031, 3, 1)),
        (date(2033, 2, 28), date(2032, 2, 29)),
    ],
)
def test_twelve_months_begin_on_the_day_after_the_same_day_a_year_before(last, first):
    """Also where the year before has no such day."""
    assert first_of_year_to(last) == first
