"""The promise you can keep: right from 300 orders, kept as often as it says, honest about open orders."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from keptword.core.keepable import keepable
from keptword.core.rates import binomial_lower, wilson

# How many in all leave within 0, 1, 2 … working days; day 5 is the first with 90 in 100, as in a shop seen once.
SHOP = np.array([0.15, 0.35, 0.55, 0.72, 0.85, 0.92, 0.96, 0.98, 0.99, 1.0])
# On day 2 the target is missed by a hair: the hardest case for a bound.
HARD = np.array([0.5, 0.75, 0.899, 0.96, 0.985, 0.995, 1.0])

histograms = st.lists(st.integers(0, 200), max_size=12)


def sample(random: np.random.Generator, within: np.ndarray, *, orders: int, window: int | None = None):
    """Counts of orders by days to leaving, and by full days still open; all over the last `window` days."""
    days = np.searchsorted(within, random.random(orders))
    if window is None:
        return np.bincount(days), np.zeros(0, dtype=int)
    last_seen = random.integers(0, window, orders)
    has_left = days <= last_seen
    return np.bincount(days[has_left], minlength=1), np.bincount(last_seen[~has_left], minlength=1)


def test_300_orders_give_the_answer_of_the_whole_within_a_day():
    random = np.random.default_rng(1)
    found = [keepable(*sample(random, SHOP, orders=300)).days for _ in range(100)]
    assert set(found) <= {4, 5, 6}
    assert found.count(4) <= 10


def test_300_orders_of_which_some_are_still_open_give_it_too():
    random = np.random.default_rng(2)
    found = [keepable(*sample(random, SHOP, orders=300, window=30)).days for _ in range(100)]
    assert sum(abs(days - 5) <= 1 for days in found) >= 97


@pytest.mark.parametrize("orders", [30, 300])
@pytest.mark.parametrize("window", [None, 20, 6])
def test_a_promise_recommended_is_one_that_is_kept(orders, window):
    """Day 2 is kept 89.9 in 100: recommended in more than one draw of ten, the bound would not be what it says."""
    random = np.random.default_rng(3)
    draws = 150
    found = [keepable(*sample(random, HARD, orders=orders, window=window)).days for _ in range(draws)]
    wrong = sum(days is not None and HARD[days] < 0.9 for days in found)
    assert wrong <= binom.ppf(0.99, draws, 0.1)


@pytest.mark.parametrize("window", [None, 20, 8])
def test_the_table_of_what_ifs_holds_the_truth_in_9_of_10(window):
    random = np.random.default_rng(4)
    draws = 120
    curves = [keepable(*sample(random, HARD, orders=200, window=window)).curve for _ in range(draws)]
    for day in (0, 2, 3):
        held = sum(curve[day].low <= HARD[day] <= curve[day].high for curve in curves)
        assert held >= binom.ppf(0.005, draws, 0.9)


def test_where_nothing_is_open_the_table_counts_and_the_bound_is_exact():
    """100, 120, 77, 86 and 29 of 412 orders left after 0, 1, 2, 3 and 4 days."""
    left = [100, 120, 77, 86, 29]
    answer = keepable(left, [])
    assert [(share.count, share.of) for share in answer.curve] == [(n, 412) for n in np.cumsum(left)]
    assert answer.curve[2] == wilson(297, 412)
    bounds = [binomial_lower(int(count), 412) for count in np.cumsum(left)]
    assert answer.days == next(day for day, bound in enumerate(bounds) if bound >= 0.9) == 3


def test_orders_open_for_longer_than_the_day_asked_about_count_as_not_left():
    """90 left the same day, 10 are still open after 9 days: as if those had left on day 10."""
    still_open, late = keepable([90], [0] * 9 + [10]), keepable([90] + [0] * 9 + [10], [])
    assert still_open.curve == late.curve[:10]


def test_orders_just_in_say_nothing_about_later_days():
    """Of 40 orders 30 left at once, 10 on day 1; 60 more came in today: known not to have left within day 0."""
    answer = keepable([30, 10], [60])
    assert answer.curve[0] == wilson(30, 100)
    assert answer.curve[1].value == pytest.approx(1.0)
    assert answer.curve[1].of < 40


def test_one_order_that_is_left_to_see_proves_nothing():
    """250 left within 2 days, 49 were last seen on day 3, and the only one left to see went on day 4."""
    answer = keepable([150, 50, 50, 0, 1], [0, 0, 0, 49])
    assert answer.curve[4].value == 1.0
    assert answer.curve[4].of < 40
    assert answer.days is None
    assert answer.reason == "too few"


@pytest.mark.parametrize(("orders", "days", "reason"), [(0, None, "too few"), (21, None, "too few"), (22, 3, None)])
def test_fewer_than_22_orders_promise_nothing(orders, days, reason):
    """All of them left after 3 days."""
    answer = keepable([0, 0, 0, orders], [])
    assert (answer.days, answer.reason, answer.orders) == (days, reason, orders)
    assert answer.needed == (22 if days is None else None)


def test_how_many_orders_are_needed_is_enough_and_no_more():
    """94 of 100 left the same day, 6 never: 94 in 100 is not yet surely 90."""
    answer = keepable([94], [0] * 30 + [6], confidence=0.95)
    assert (answer.days, answer.reason) == (None, "too few")
    bounds = [binomial_lower(0.94 * n, n, confidence=0.95) for n in (answer.needed - 1, answer.needed)]
    assert bounds[0] < 0.9 <= bounds[1]


def test_where_too_many_never_leave_no_number_of_orders_helps():
    answer = keepable([500, 200, 100], [0] * 30 + [200])
    assert (answer.days, answer.reason, answer.needed) == (None, "not reached", None)


def test_what_is_not_a_count_is_refused():
    with pytest.raises(ValueError, match="one count a day"):
        keepable([3, -1], [])


@settings(max_examples=50)
@given(histograms, histograms)
def test_the_longer_the_promise_the_more_is_kept(left, waiting):
    curve = keepable(left, waiting).curve
    assert all(0 <= share.low <= share.value <= share.high <= 1 for share in curve)
    assert all(a.value <= b.value + 1e-12 for a, b in pairwise(curve))


@settings(max_examples=50)
@given(histograms, histograms)
def test_asking_for_more_never_shortens_the_promise(left, waiting):
    bold = keepable(left, waiting, target=0.8, confidence=0.8).days
    for target, confidence in ((0.8, 0.95), (0.95, 0.8)):
        careful = keepable(left, waiting, target=target, confidence=confidence).days
        assert careful is None or (bold is not None and bold <= careful)


@settings(max_examples=50)
@given(histograms, histograms)
def test_an_order_that_left_at_once_never_lengthens_the_promise(left, waiting):
    before = keepable(left, waiting).days
    after = keepable([sum(left[:1]) + 1, *left[1:]], waiting).days
    assert before is None or (after is not None and after <= before)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 200), min_size=1, max_size=12), st.integers(1, 50))
def test_where_every_order_is_seen_to_the_last_day_open_ones_are_counted_not_estimated(left, still_open):
    """Still open after the last day, or gone the day after: until then it is the same."""
    censored = keepable(left, [0] * (len(left) - 1) + [still_open]).curve
    counted = keepable([*left, still_open], []).curve
    assert censored == counted[: len(left)]
