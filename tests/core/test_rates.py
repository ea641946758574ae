"""Shares and their intervals: the figures of the drawn overview, scipy as the oracle, coverage as the measure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc, betaincinv
from scipy.stats import beta, binom

from keptword.core.rates import (
    PRIOR_WEIGHT,
    beta_cdf,
    beta_quantile,
    binomial_lower,
    faded,
    kept_rate,
    prior_share_from,
    prior_weight_from,
    shrunk,
    wilson,
)

counts_and_totals = st.integers(0, 5_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("count", "of", "printed"),
    [
        (297, 412, (72, 68, 76)),
        (383, 412, (93, 91, 95)),
        (1604, 1731, (93, 92, 94)),
        (41, 97, (42, 34, 51)),
        (71, 262, (27, 23, 32)),
    ],
)
def test_the_figures_of_the_drawn_overview_come_out(count, of, printed):
    share = wilson(count, of)
    assert tuple(round(100 * figure) for figure in (share.value, share.low, share.high)) == printed


def test_of_nothing_no_share_is_given():
    share = wilson(0, 0)
    assert (share.count, share.of, share.value, share.low, share.high) == (0, 0, None, None, None)


@given(counts_and_totals)
def test_an_interval_holds_its_share_and_stays_between_none_and_all(pair):
    share = wilson(*pair)
    if share.value is None:
        assert pair == (0, 0)
    else:
        assert 0 <= share.low <= share.value <= share.high <= 1
        assert share.low < share.high


@pytest.mark.parametrize("pair", [(3, 2), (-1, 5), (0, -1)])
def test_a_count_that_cannot_be_is_refused(pair):
    with pytest.raises(ValueError, match="not possible"):
        wilson(*pair)


def coverage(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How often the interval of each count 0..n holds the true share, exactly, for each share in steps of 1/200."""
    of = low.size - 1
    truth = np.arange(0.005, 1, 0.005)
    chance = binom.pmf(np.arange(of + 1)[:, None], of, truth)
    return (chance * ((low[:, None] <= truth) & (truth <= high[:, None]))).sum(axis=0)


@pytest.mark.parametrize("of", [5, 20, 97, 412, 1731])
def test_the_interval_holds_90_in_100_on_average_and_seldom_much_less(of):
    shares = [wilson(count, of) for count in range(of + 1)]
    held = coverage(np.array([s.low for s in shares]), np.array([s.high for s in shares]))
    assert 0.90 <= held.mean() < 0.92
    assert held.min() > (0.86 if of >= 50 else 0.79)


@pytest.mark.parametrize("of", [97, 412, 1731])
def test_in_its_worst_place_the_interval_holds_more_often_than_that_of_jeffreys(of):
    count = np.arange(of + 1)
    low, high = (beta.ppf(p, count + 0.5, of - count + 0.5) for p in (0.05, 0.95))
    low[0], high[-1] = 0, 1
    shares = [wilson(one, of) for one in range(of + 1)]
    ours = coverage(np.array([s.low for s in shares]), np.array([s.high for s in shares]))
    assert ours.min() > coverage(low, high).min()


@pytest.mark.parametrize("of", [5, 22, 97, 300])
def test_the_lower_bound_lies_above_the_truth_in_no_more_than_1_of_10_samples(of):
    low = np.array([binomial_lower(count, of) for count in range(of + 1)])
    assert coverage(low, np.ones(of + 1)).min() >= 0.90


@pytest.mark.parametrize(("orders", "enough"), [(21, False), (22, True)])
def test_22_orders_all_kept_are_the_fewest_that_show_90_in_100(orders, enough):
    assert (binomial_lower(orders, orders) >= 0.90) is enough


# --- The beta distribution ------------------------------------------------------------------------

RANGES = [(-3, 1), (0, 3), (2, 5), (-3, 7), (5, 7)]


def parameters(exponents: tuple[int, int], *, size: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    random = np.random.default_rng(20310301)
    a, b = 10 ** random.uniform(*exponents, (2, size))
    return a, b, random


@pytest.mark.parametrize("exponents", RANGES)
def test_the_chances_are_those_of_scipy(exponents):
    a, b, random = parameters(exponents, size=2_000)
    spread = np.sqrt(a * b / (a + b + 1)) / (a + b)
    near = np.clip(a / (a + b) + 2 * spread * random.normal(size=a.size), 0, 1)
    for x in (near, random.random(a.size), 10 ** random.uniform(-300, 0, a.size)):
        assert np.abs(beta_cdf(x, a=a, b=b) - betainc(a, b, x)).max() < 1e-10


@pytest.mark.parametrize("exponents", RANGES[:3] + RANGES[4:])
def test_the_quantiles_are_those_of_scipy(exponents):
    a, b, random = parameters(exponents, size=1_000)
    for p in (0.05, 0.1, 0.5, 0.95, 10 ** random.uniform(-12, 0, a.size)):
        assert np.abs(beta_quantile(p, a=a, b=b) - betaincinv(a, b, p)).max() < 1e-10


def test_quantiles_of_very_unequal_parameters_are_those_of_scipy():
    a, b, _ = parameters((-3, 7), size=500)
    for p in (1e-12, 0.05, 0.95):
        assert np.abs(beta_quantile(p, a=a, b=b) - betaincinv(a, b, p)).max() < 1e-10


@given(st.floats(0.001, 0.999), st.floats(0.2, 1e4), st.floats(0.2, 1e4))
def test_a_quantile_leads_back_to_its_chance(p, a, b):
    assert float(beta_cdf(beta_quantile(p, a=a, b=b), a=a, b=b)) == pytest.approx(p, abs=1e-9)


def test_at_the_ends_and_beyond_the_chance_is_none_or_all():
    assert beta_cdf([-0.5, 0.0, 1.0, 1.5], a=2.0, b=3.0).tolist() == [0, 0, 1, 1]


# --- One promise, with forgetting -----------------------------------------------------------------


def test_what_lies_a_half_life_back_counts_half():
    """8 kept today, 8 kept 90 days ago, 8 kept 180 days ago."""
    by_age = np.zeros(181)
    by_age[[0, 90, 180]] = 8
    assert faded(by_age) == pytest.approx(8 + 4 + 2)


def test_before_anything_was_seen_all_is_assumed():
    rate = kept_rate(0, 0, prior_share=0.9)
    assert (rate.share.value, rate.uncertainty) == (pytest.approx(0.9), 1)


def test_the_rate_is_that_of_the_model():
    """10 kept and 2 not, the kind kept 9 in 10, the prior counting for 4: (10 + 3.6) / (12 + 4)."""
    rate = kept_rate(10, 2, prior_share=0.9)
    assert rate.share.value == pytest.approx(13.6 / 16)
    assert rate.uncertainty == pytest.approx(4 / 16)
    assert (rate.share.low, rate.share.high) == pytest.approx(tuple(beta.ppf([0.05, 0.95], 13.6, 2.4)))


def test_however_long_it_goes_on_the_rate_never_becomes_falsely_sure():
    """One promise a day, all kept, for 10 years: they weigh as much as about 130, and the prior 3 in 100 of them."""
    rate = kept_rate(faded(np.ones(3650)), 0, prior_share=0.9)
    assert 129 < rate.share.of < 132
    assert rate.uncertainty > 0.029
    assert rate.share.low < 0.995


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_prior_without_any_doubt_is_refused(share):
    with pytest.raises(ValueError, match="leaves no doubt"):
        kept_rate(3, 0, prior_share=share)


def test_a_prior_share_is_never_none_or_all():
    assert [prior_share_from(0, 9), prior_share_from(0, 0), prior_share_from(9, 0)] == [0.05, 0.5, 0.95]


# --- Many groups ----------------------------------------------------------------------------------


def drawn(
    random: np.random.Generator, *, groups: int, middle: float, likeness: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True shares, counts and totals of groups of very different sizes; a likeness of 0 means all shares are equal."""
    totals = np.ceil(random.lognormal(3.5, 1.2, groups))
    weight = 1 / likeness - 1 if likeness else np.inf
    truth = random.beta(weight * middle, weight * (1 - middle), groups) if likeness else np.full(groups, middle)
    return truth, random.binomial(totals.astype(int), truth), totals


@pytest.mark.parametrize("middle", [0.05, 0.3])
@pytest.mark.parametrize("groups", [1, 2, 5, 40])
@pytest.mark.parametrize("likeness", [0, 0.02, 0.1])
def test_intervals_of_groups_hold_the_truth_and_their_values_come_nearer_to_it(groups, middle, likeness):
    random = np.random.default_rng(7)
    held, ours, plain, n = 0, 0.0, 0.0, 0
    for _ in range(max(60 // groups, 15)):
        truth, counts, totals = drawn(random, groups=groups, middle=middle, likeness=likeness)
        for share, true in zip(shrunk(counts, totals).shares, truth, strict=True):
            held += share.low <= true <= share.high
            ours += (share.value - true) ** 2
            plain += (share.count / share.of - true) ** 2
            n += 1
    assert held / n > 0.90 - 3 * np.sqrt(0.09 / n)
    assert ours < plain * (1.1 if groups == 1 else 1.0)


def test_a_group_alone_stays_where_it_is():
    result = shrunk([30], [100])
    assert result.shares[0].value == pytest.approx(0.3, abs=0.01)
    assert (result.shares[0].low, result.shares[0].high) == pytest.approx(
        (wilson(30, 100).low, wilson(30, 100).high), abs=0.01
    )


def test_of_two_products_the_one_sold_less_is_drawn_in_further():
    """2 of 5 sent back, 40 of 100 sent back; of eight other products 5 of 100 each."""
    few, many, *others = shrunk([2, 40, *[5] * 8], [5, 100, *[100] * 8]).shares
    assert others[0].value < few.value < many.value < 0.40
    assert many.low > others[0].high


def test_a_group_without_entries_has_what_the_others_have_in_common():
    result = shrunk([0, 50, 60, 40, 55], [0, 1000, 1000, 1000, 1000])
    assert result.shares[0].value == pytest.approx(result.common.value)
    assert result.common.value == pytest.approx(0.05125, abs=0.003)


@pytest.mark.parametrize(("counts", "value"), [([0] * 30, 0.0), ([20] * 30, 1.0), ([10] * 30, 0.5)])
def test_groups_all_equal_stay_equal_and_the_interval_stays_open(counts, value):
    shares = shrunk(counts, [20] * 30).shares
    assert len({share.value for share in shares}) == 1
    assert shares[0].value == pytest.approx(value, abs=0.01)
    assert 0 <= shares[0].low < shares[0].value < shares[0].high <= 1


def test_one_giant_among_many_dwarfs_is_left_alone_and_does_not_swallow_them():
    """30 % of 100,000 of one product sent back; of 200 others 1 of 20 each."""
    giant, *dwarfs = shrunk([30_000, *[1] * 200], [100_000, *[20] * 200]).shares
    assert giant.value == pytest.approx(0.3, abs=0.001)
    assert dwarfs[0].value < 0.06


def test_where_nothing_was_counted_nothing_is_said():
    assert shrunk([], []).shares == ()
    assert shrunk([0, 0], [0, 0]).shares[1].value is None


@settings(max_examples=50)
@given(st.lists(counts_and_totals, min_size=1, max_size=30))
def test_whatever_the_counts_every_share_lies_in_its_interval(pairs):
    counts, totals = zip(*pairs, strict=True)
    for share in shrunk(counts, totals).shares:
        assert share.value is None or 0 <= share.low <= share.value <= share.high <= 1


def test_the_prior_weighs_more_the_more_alike_the_groups_are():
    alike = prior_weight_from([10, 11, 9, 10, 10, 9], [100] * 6)
    unlike = prior_weight_from([1, 40, 9, 80, 10, 2], [100] * 6)
    assert unlike < 10
    assert alike > 50
    assert prior_weight_from([], []) == pytest.approx(PRIOR_WEIGHT)


def test_the_prior_weight_is_found_again():
    """Groups drawn from a beta distribution that weighs as much as 12 entries."""
    random = np.random.default_rng(5)
    truth = random.beta(12 * 0.8, 12 * 0.2, 400)
    assert 9 < prior_weight_from(random.binomial(50, truth), np.full(400, 50)) < 16


def test_counts_that_are_not_one_a_group_are_refused():
    with pytest.raises(ValueError, match="one per group"):
        shrunk([1, 2], [3])
    with pytest.raises(ValueError, match="between 0 and the total"):
        shrunk([4], [3])
