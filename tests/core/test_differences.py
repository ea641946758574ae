"""What stands out beyond chance, what does not, and how often we would be wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from keptword.core.differences import ALL_OTHERS, changed, merge_small, stand_out
from keptword.core.rates import wilson


def middle_p(count: int, of: int, *, count_elsewhere: int, of_elsewhere: int) -> float:
    """The two-sided mid-p of Fisher's test, by scipy's hypergeometric distribution."""
    tables = hypergeom(of + of_elsewhere, count + count_elsewhere, of)
    seen = tables.pmf(count) / 2
    return min(1.0, 2 * min(tables.cdf(count) - seen, tables.sf(count) + seen))


def test_october_differs_from_september_by_more_than_chance():
    """September 1,690 of 1,780 kept: 95 in 100. October 1,604 of 1,731: 93."""
    difference = changed(wilson(1690, 1780), wilson(1604, 1731))
    assert difference.value == pytest.approx(-0.0228, abs=1e-4)
    assert difference.low < difference.value < difference.high < 0
    assert difference.beyond_chance


def test_a_small_shop_is_not_alarmed_by_two_late_orders_more():
    assert not changed(wilson(38, 40), wilson(36, 40)).beyond_chance


def test_the_interval_is_the_published_one():
    """Newcombe (1998), table II, method 10, 95 in 100: 56/70 less 48/80 is 0.2000 (0.0524 to 0.3339)."""
    difference = changed(wilson(48, 80), wilson(56, 70), confidence=0.95)
    assert (difference.value, difference.low, difference.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


@given(st.integers(1, 400), st.integers(1, 4000), st.floats(0, 1), st.floats(0, 1))
def test_the_test_is_that_of_scipy(of, of_elsewhere, share, share_elsewhere):
    count, count_elsewhere = round(of * share), round(of_elsewhere * share_elsewhere)
    oracle = middle_p(count, of, count_elsewhere=count_elsewhere, of_elsewhere=of_elsewhere)
    p = changed(wilson(count_elsewhere, of_elsewhere), wilson(count, of)).p
    assert p == pytest.approx(oracle, abs=1e-9)


def test_millions_of_entries_are_compared_too():
    oracle = middle_p(50_500, 1_000_000, count_elsewhere=450_000, of_elsewhere=9_000_000)
    assert changed(wilson(450_000, 9_000_000), wilson(50_500, 1_000_000)).p == pytest.approx(oracle, rel=1e-4)


def test_from_nothing_there_is_no_difference():
    difference = changed(wilson(0, 0), wilson(3, 5))
    assert (difference.value, difference.low, difference.high, difference.p) == (None, None, None, 1.0)
    assert not difference.beyond_chance


def test_faded_counts_are_refused():
    with pytest.raises(ValueError, match="whole counts"):
        changed(wilson(1.5, 5), wilson(3, 5))


def test_two_months_alike_are_called_different_in_one_of_ten_or_less():
    random = np.random.default_rng(11)
    draws = random.binomial(400, 0.93, (600, 2))
    wrong = sum(changed(wilson(before, 400), wilson(after, 400)).beyond_chance for before, after in draws.tolist())
    assert 0.05 < wrong / 600 < 0.11


# --- Groups ---------------------------------------------------------------------------------------


def test_the_islands_stand_out_and_the_mainland_does_not():
    """41 of 97 parcels to the islands late; elsewhere about 5 in 100."""
    islands, *others = stand_out([41, 12, 20, 9, 15, 11], [97, 260, 390, 200, 280, 210])
    assert islands.direction == "more"
    assert islands.stands_out
    assert (islands.elsewhere.count, islands.elsewhere.of) == (67, 1340)
    assert islands.difference.value == pytest.approx(41 / 97 - 67 / 1340)
    assert 0.28 < islands.difference.low < islands.difference.high < 0.47
    assert not any(other.stands_out for other in others)
    assert others[0].elsewhere.of == 1340 - 260


def test_a_group_that_does_better_is_named_as_such():
    best, *_ = stand_out([0, 30, 30, 30], [200, 200, 200, 200])
    assert best.direction == "less"


def test_of_two_groups_that_differ_the_smaller_is_the_exception():
    large, small = stand_out([50, 40], [1000, 100])
    assert (large.direction, small.direction) == (None, "more")
    assert large.elsewhere.of == 0
    assert large.difference.value is None


def test_among_millions_the_bad_one_is_found_though_every_p_is_nought():
    bad, *good = stand_out([400_000, *[50_000] * 9], [1_000_000, *[1_000_000] * 9])
    assert bad.direction == "more"
    assert not any(one.stands_out for one in good)


@pytest.mark.parametrize(("late", "total"), [([], []), ([3], [10]), ([0, 0, 3], [0, 0, 10]), ([0, 0], [5, 5])])
def test_without_others_or_without_late_ones_nothing_stands_out(late, total):
    standings = stand_out(late, total)
    assert len(standings) == len(total)
    assert not any(standing.stands_out for standing in standings)


def simulated(*, orders: int, bad: int, times: float, draws: int = 150, groups: int = 12) -> tuple[float, float]:
    """The share of false ones among those named, and of the bad ones that are named; 6 in 100 late elsewhere."""
    random = np.random.default_rng(13)
    late_share = np.full(groups, 0.06)
    late_share[:bad] *= times
    false, found = [], []
    for _ in range(draws):
        totals = random.multinomial(orders, random.dirichlet(np.full(groups, 1.5)))
        standings = stand_out(random.binomial(totals, late_share), totals)
        named = np.array([standing.stands_out for standing in standings])
        false.append(named[bad:].sum() / max(named.sum(), 1))
        found.append(named[:bad].mean() if bad else 0.0)
    return float(np.mean(false)), float(np.mean(found))


@pytest.mark.parametrize("orders", [300, 3_000, 30_000])
@pytest.mark.parametrize("bad", [0, 1, 3])
def test_of_the_groups_named_at_most_one_in_ten_is_named_by_chance(orders, bad):
    false, found = simulated(orders=orders, bad=bad, times=3)
    assert false < 0.10 + 3 * np.sqrt(0.09 / 150)
    if bad and orders >= 3_000:
        assert found > (0.95 if orders == 30_000 else 0.75)


def test_one_bad_region_does_not_make_the_good_ones_stand_out():
    """10,000 orders in 10 regions, 40 in 100 late in one and 5 elsewhere: against all others, 9 of 10 would."""
    random = np.random.default_rng(17)
    named = []
    for _ in range(50):
        totals = random.multinomial(10_000, random.dirichlet(np.full(10, 5.0)))
        bad, *good = stand_out(random.binomial(totals, [0.4, *[0.05] * 9]), totals)
        assert bad.direction == "more"
        named.append(np.mean([one.stands_out for one in good]))
    assert np.mean(named) < 0.03


# --- Small groups ---------------------------------------------------------------------------------


def test_the_small_are_put_together_and_the_large_keep_their_names():
    shown = merge_small(["DE", "AT", "CH", "LU", "LI"], [400, 90, 60, 15, 9])
    assert shown == {"DE": "DE", "AT": "AT", "CH": "CH", "LU": ALL_OTHERS, "LI": ALL_OTHERS}


def test_a_single_tiny_group_takes_the_smallest_of_the_large_along():
    assert merge_small(["DE", "AT", "LI"], [400, 90, 9]) == {"DE": "DE", "AT": ALL_OTHERS, "LI": ALL_OTHERS}


def test_no_more_than_twelve_are_named():
    shown = merge_small([f"R{n:02}" for n in range(40)], list(range(100, 140)))
    assert len(set(shown.values()) - {ALL_OTHERS}) == 12
    assert shown["R39"] == "R39"
    assert shown["R27"] == ALL_OTHERS


def test_what_is_small_may_be_said_as_a_share():
    shown = merge_small(["DE", "AT", "CH", "FR"], [900, 50, 30, 20], at_least_share=0.05)
    assert shown == {"DE": "DE", "AT": "AT", "CH": ALL_OTHERS, "FR": ALL_OTHERS}


def test_a_label_given_twice_is_refused():
    with pytest.raises(ValueError, match="once"):
        merge_small(["DE", "DE"], [1, 2])


@given(st.lists(st.integers(0, 120), max_size=30), st.integers(1, 14))
def test_no_tiny_group_is_ever_left_alone(sizes, at_most):
    labels = [f"R{n:02}" for n in range(len(sizes))]
    shown = merge_small(labels, sizes, at_most=at_most)
    assert list(shown) == labels
    merged = {
        name: sum(size for label, size in zip(labels, sizes, strict=True) if shown[label] == name)
        for name in set(shown.values())
    }
    assert sum(merged.values()) == sum(sizes)
    assert len(merged) <= at_most + 1
    if len(merged) > 1:
        assert min(merged.values()) >= 20


@given(st.permutations(range(15)))
def test_the_order_of_the_groups_makes_no_difference(order):
    sizes = [40, 40, 40, 5, 7, 100, 300, 21, 22, 23, 24, 25, 26, 27, 28]
    labels = [f"R{n:02}" for n in range(15)]
    shown = merge_small([labels[n] for n in order], [sizes[n] for n in order])
    assert shown == merge_small(labels, sizes)
