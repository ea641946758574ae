"""How often, and how sure: shares with their intervals, for one group and for many.

Everything here takes counts that an engine has already added up. Intervals hold 90 in 100 unless
said otherwise, and every share is a number from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE: Final = 0.90
"""How often an interval is meant to hold the truth, everywhere in the product."""

PRIOR_WEIGHT: Final = 4.0
"""As how many promises of its own a group's prior counts, until its fellows tell otherwise."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """A share (0..1) and its interval; the three are None where nothing was counted.

    `count` out of `of` is what was counted. Neither need be whole: a faded or censored entry counts
    for less than one. Where a share is drawn towards others, `value` is not `count / of`.
    """

    count: float
    of: float
    value: float | None
    low: float | None
    high: float | None


def wilson(count: float, of: float, *, confidence: float = CONFIDENCE) -> Share:
    """Return the share `count / of` with its score interval (Wilson 1927).

    Chosen over the Jeffreys interval after reckoning both exactly, for every share from 0.005 to
    0.995 and 5 to 1,731 entries: both hold 90 in 100 on average, but of 97 entries Jeffreys' holds
    81 where it holds least, and Wilson's 86. It is also what the difference of two shares is made of
    (`differences.changed`).
    """
    _refuse_impossible(count, of)
    if of == 0:
        return Share(count, of, None, None, None)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, drawn_in = count / of, 1 + z * z / of
    middle = (share + z * z / (2 * of)) / drawn_in
    half = z * float(np.sqrt(share * (1 - share) / of + (z / (2 * of)) ** 2)) / drawn_in
    low, high = max(middle - half, 0.0), min(middle + half, 1.0)
    return Share(count, of, share, 0.0 if count == 0 else low, 1.0 if count == of else high)


def binomial_lower(count: float, of: float, *, confidence: float = CONFIDENCE) -> float:
    """Return the share that is exceeded with at least this confidence, one-sided (Clopper-Pearson 1934).

    Exact: whatever the true share, the bound lies above it in at most 1 - confidence of all samples.
    """
    _refuse_impossible(count, of)
    if count == 0:
        return 0.0
    return float(beta_quantile(1 - confidence, a=count, b=of - count + 1))


def _refuse_impossible(count: float, of: float) -> None:
    if not 0 <= count <= of:
        raise ValueError(f"a count of {count} out of {of} is not possible: it must lie between 0 and all of them")


# --- How well one promise is kept, with forgetting ------------------------------------------------


@dataclass(frozen=True)
class KeptRate:
    """How often a promise is kept, the old counting for less, and how much of that is only assumed.

    `uncertainty` (0..1) is the prior's part in the answer: 1 before anything was seen.
    """

    share: Share
    uncertainty: float


def faded(by_age: ArrayLike, *, half_life_days: float = 90.0) -> float:
    """Return the sum of counts by age, each halved with every half-life; `by_age[d]` was d days ago."""
    counts = np.asarray(by_age, dtype=float)
    return float(counts @ np.exp2(-np.arange(counts.size) / half_life_days))


def kept_rate(
    kept: float,
    failed: float,
    *,
    prior_share: float,
    prior_weight: float = PRIOR_WEIGHT,
    confidence: float = CONFIDENCE,
) -> KeptRate:
    """Return how often a promise is kept, from faded sums of what was kept and what was not (model.md 4.2).

    The prior counts as `prior_weight` promises of which `prior_share` were kept, so that it must lie
    strictly between 0 and 1 (`prior_share_from` sees to that). The interval is that of the beta
    distribution of all of them. As old entries fade, the answer never becomes falsely sure.
    """
    if not 0 < prior_share < 1:
        raise ValueError(f"a prior share of {prior_share} leaves no doubt: take prior_share_from(kept, failed)")
    a, b = kept + prior_weight * prior_share, failed + prior_weight * (1 - prior_share)
    low, high = _beta_interval(np.array(a), np.array(b), confidence=confidence)
    share = Share(kept, kept + failed, a / (a + b), float(low), float(high))
    return KeptRate(share, uncertainty=prior_weight / (a + b))


def prior_share_from(kept: float, failed: float) -> float:
    """Return a kind's share to be used as a prior: half an entry on either side keeps it off 0 and 1."""
    return (kept + 0.5) / (kept + failed + 1)


# --- Many groups at once, each drawn towards what they have in common -----------------------------


@dataclass(frozen=True)
class Shrunk:
    """The share of each group in the order given, and the one they have in `common`, every group counting.

    `weight` says as how many entries the common share counts for each group.
    """

    shares: tuple[Share, ...]
    common: Share
    weight: float


_WEIGHTS: Final[Floats] = PRIOR_WEIGHT * np.exp2(np.arange(-14.0, 15.0))[:, None]
"""The weights weighed against each other: one per row, each twice the one before, around the prior's."""


def shrunk(counts: ArrayLike, totals: ArrayLike, *, confidence: float = CONFIDENCE) -> Shrunk:
    """Return each group's share, drawn towards that of its fellows as far as the groups are alike.

    Beta-binomial, one prior for all groups but each group's own made from the *others* only, so that
    none is its own prior: a group alone stays where it is. How alike they are is not one estimate
    but an average over all plausible weights, and the intervals carry that doubt. (The method of
    moments, which picks one, gave intervals that held 72 to 95 in 100, this 87 to 100.)
    """
    count, total = _aligned(counts, totals)
    if not total.any():
        nothing = Share(0.0, 0.0, None, None, None)
        return Shrunk((nothing,) * total.size, nothing, PRIOR_WEIGHT)
    information, kept = _information(count, total)
    plausible = _plausible(count, total)

    others, others_kept = _sum(information) - information, _sum(kept) - kept
    likeness = 1 / (1 + _WEIGHTS)
    # The variance of a fellow not yet seen: the groups' own spread and what is not known of their middle.
    weight = 1 / (likeness + (1 - likeness) / (others + 2)) - 1
    prior_kept = weight * (others_kept + 0.5) / (others + 1)
    prior_failed = weight - prior_kept
    own = _averaged(count + prior_kept, total - count + prior_failed, plausible=plausible, confidence=confidence)
    middle = _sum(kept) + 0.5
    common = _averaged(middle, _sum(information) + 1 - middle, plausible=plausible, confidence=confidence)
    return Shrunk(
        _shares(count, total, figures=own),
        _shares(count.sum(keepdims=True), total.sum(keepdims=True), figures=common)[0],
        _typical_weight(plausible),
    )


def prior_weight_from(counts: ArrayLike, totals: ArrayLike) -> float:
    """Return as how many entries the groups' common share counts for each of them (`kept_rate`'s prior weight).

    The more alike the groups, the larger; 4 where there are no groups to learn it from.
    """
    return _typical_weight(_plausible(*_aligned(counts, totals)))


def _aligned(counts: ArrayLike, totals: ArrayLike) -> tuple[Floats, Floats]:
    count, total = np.asarray(counts, dtype=float), np.asarray(totals, dtype=float)
    if count.ndim != 1 or count.shape != total.shape:
        raise ValueError(f"counts of shape {count.shape} and totals of shape {total.shape} are not one per group")
    if not np.all((count >= 0) & (count <= total)):
        raise ValueError("a count must lie between 0 and the total of its group")
    return count, total


def _information(count: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Return what each group says about the common share under each weight, in entries; and the kept among them.

    Entries of one group are alike: with intraclass correlation r, n of them say as much as n / (1 + (n - 1) r).
    """
    worth = (_WEIGHTS + 1) / (_WEIGHTS + np.maximum(total, 1e-9))
    return total * worth, count * worth


def _plausible(count: Floats, total: Floats) -> Floats:
    """Return how plausible each weight is, adding up to 1: beta-binomial likelihood times a prior.

    The prior is flat in how far a group of `PRIOR_WEIGHT` entries is drawn in (uniform shrinkage).
    """
    information, kept = _information(count, total)
    middle = (_sum(kept) + 0.5) / (_sum(information) + 1)
    a, b = _WEIGHTS * middle, _WEIGHTS * (1 - middle)
    likelihood = _sum(_log_beta(a + count, b + total - count) - _log_beta(a, b))
    log = likelihood - np.log(_sum(information) + 1) / 2 + np.log(_WEIGHTS / (PRIOR_WEIGHT + _WEIGHTS) ** 2)
    plausible: Floats = np.exp(log - log.max()) / np.exp(log - log.max()).sum()
    return plausible


def _averaged(a: Floats, b: Floats, *, plausible: Floats, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Return mean and interval of beta distributions averaged over the weights, by mean and variance."""
    means = a / (a + b)
    mean = (plausible * means).sum(axis=0)
    variance = (plausible * (means * (1 - means) / (a + b + 1) + (means - mean) ** 2)).sum(axis=0)
    size = mean * (1 - mean) / variance - 1
    return mean, *_beta_interval(mean * size, (1 - mean) * size, confidence=confidence)


def _shares(count: Floats, total: Floats, *, figures: tuple[Floats, ...]) -> tuple[Share, ...]:
    columns = [column.tolist() for column in (count, total, *figures)]
    return tuple(Share(*row) for row in zip(*columns, strict=True))


def _typical_weight(plausible: Floats) -> float:
    return float(np.exp((plausible * np.log(_WEIGHTS)).sum()))


def _sum(by_group: Floats) -> Floats:
    total: Floats = by_group.sum(axis=1, keepdims=True)
    return total


# --- The beta distribution ------------------------------------------------------------------------


def beta_cdf(x: ArrayLike, *, a: ArrayLike, b: ArrayLike) -> Floats:
    """Return the regularised incomplete beta function: the chance of at most `x` under Beta(a, b).

    Elementwise, for x from 0 to 1 and parameters from 0.001 to ten million, right to 1e-12.
    """
    x, a, b = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (x, a, b)))
    inside = (x > 0) & (x < 1)
    at = np.where(inside, x, 0.5)
    return np.where(inside, _cdf_and_slope(at, 1 - at, a=a, b=b)[0], np.where(x > 0, 1.0, 0.0))


def beta_quantile(p: ArrayLike, *, a: ArrayLike, b: ArrayLike) -> Floats:
    """Return what is not exceeded with chance `p` (strictly between 0 and 1) under Beta(a, b); elementwise.

    Newton's method on the logarithm of the chance against the log-odds of x. There the density is
    log-concave, and so is the chance: every step from the left stops short of the answer, so that
    only a step to the left can be too long. One that ends where the chance is nil is taken back by half.
    """
    p, a, b = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (p, a, b)))
    # From the mean, or from about where a normal distribution would put it.
    deviations = np.clip(np.log(p / (1 - p)) / 1.7, -3.0, 3.0)
    logit = np.log(a / b) + np.where(np.minimum(a, b) > 1, deviations * np.sqrt(1 / a + 1 / b), 0.0)
    right = np.full_like(logit, 700.0)
    for _ in range(100):
        cdf, slope = _cdf_and_slope(1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(logit)), a=a, b=b)
        right = np.where(cdf >= p, logit, right)
        seen = cdf > 1e-290
        newton = logit + np.log(p / np.where(seen, cdf, p)) * cdf / np.maximum(slope, 1e-290)
        before, logit = logit, np.where(seen, np.clip(newton, -700.0, 700.0), (logit + right) / 2)
        # The next step would be about the square of this one.
        if np.all(np.abs(logit - before) < 1e-8):
            break
    quantile: Floats = 1 / (1 + np.exp(-logit))
    return quantile


def _beta_interval(a: Floats, b: Floats, *, confidence: float) -> tuple[Floats, Floats]:
    tail = (1 - confidence) / 2
    low, high = beta_quantile(np.expand_dims([tail, 1 - tail], tuple(range(1, a.ndim + 1))), a=a, b=b)
    return low, high


def _cdf_and_slope(x: Floats, y: Floats, *, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return the chance of at most x, where y = 1 - x, and its slope against the log-odds of x.

    Both x and y are given, as the smaller of them cannot be recovered from the other one.
    """
    upper = x > (a + 1) / (a + b + 2)
    x, y, a, b = np.where(upper, y, x), np.where(upper, x, y), np.where(upper, b, a), np.where(upper, a, b)
    n = a + b
    # x^a y^b / B(a, b) as Loader (2000) has it: no large numbers that cancel.
    slope = np.exp(0.5 * np.log(a * b / (2 * np.pi * n)) - _stirling(a, b) - _deviance(a, n * x) - _deviance(b, n * y))
    tail = slope * _continued_fraction(x, y, a=a, b=b)
    return np.where(upper, 1 - tail, tail), slope


def _continued_fraction(x: Floats, y: Floats, *, a: Floats, b: Floats) -> Floats:
    """Return the continued fraction of the incomplete beta (Didonato and Morris 1992, BFRAC) by Lentz's method."""
    denominator = a * (a * y - b * x + 1) / (a + 1)
    c, d = denominator, np.zeros_like(x)
    done = np.zeros(x.shape, dtype=bool)
    for m in range(1, 100_000):
        numerator = (a + m - 1) * (a + b + m - 1) * m * (b - m) * (x / (a + 2 * m - 1)) ** 2
        summand = m + m * (b - m) * x / (a + 2 * m - 1) + (a + m) * (a * y - b * x + 1 + m * (1 + y)) / (a + 2 * m + 1)
        c, d = summand + numerator / c, 1 / (summand + numerator * d)
        # What has converged stays: multiplying on would only gather rounding errors.
        denominator = np.where(done, denominator, denominator * c * d)
        done |= np.abs(c * d - 1) < 4e-15
        if done.all():
            break
    return 1 / denominator


def _deviance(x: Floats, mean: Floats) -> Floats:
    """Return x log(x / mean) + mean - x without cancellation where x is near its mean."""
    excess = (mean - x) / x
    near = np.abs(excess) < 0.5
    log = np.where(near, np.log1p(np.where(near, excess, 0.0)), np.log(mean / x))
    return x * (excess - log)


def _log_beta(a: Floats, b: Floats) -> Floats:
    n = a + b
    return 0.5 * np.log(2 * np.pi * n / (a * b)) + a * np.log(a / n) + b * np.log(b / n) + _stirling(a, b)


def _stirling(a: Floats, b: Floats) -> Floats:
    """Return what Stirling's formula lacks of log B(a, b)."""
    return _stirling_error(a) + _stirling_error(b) - _stirling_error(a + b)


def _stirling_error(n: Floats) -> Floats:
    """Return log n! minus Stirling's formula: the asymptotic series, ten steps up where it is exact to 1e-16."""
    steps = n[..., None] + np.arange(10)
    error = ((steps + 0.5) * np.log1p(1 / steps) - 1).sum(axis=-1)
    m = n + 10
    s = 1 / (m * m)
    series = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * 691 / 360360))))) / m
    result: Floats = error + series
    return result
