"""The promise you can keep: in how many days orders really leave, open ones counted for what they show.

A day here is whatever the caller counts in (working days for most shops). Nothing is learned or
fitted: what is shown is the share that left within each number of days.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from keptword.core.rates import CONFIDENCE, Floats, Share, beta_quantile, binomial_lower, wilson

TARGET: Final = 0.90
"""How often a promise has to be kept to be one that can be made."""

_MOST: Final = 1_000_000
"""Where more orders than this would be needed, waiting for them is no advice."""

Reason = Literal["too few", "not reached"]
"""Why no promise can be recommended: more orders may show it, or no number of days seen is kept often enough."""


@dataclass(frozen=True)
class Keepable:
    """The smallest number of days that can be promised, and what would become of any other.

    `days` is None where none can be recommended; `reason` then says why, and `needed` how many orders
    it would take in all, at the share seen so far, where the reason is that they are too few. `curve[k]`
    is the share that left within k days, with its interval: its `count` and `of` are as many orders
    seen to the end as would tell as much. `orders` is how many went in.
    """

    days: int | None
    reason: Reason | None
    needed: int | None
    orders: int
    curve: tuple[Share, ...]


def keepable(
    left: ArrayLike, waiting: ArrayLike, *, target: float = TARGET, confidence: float = CONFIDENCE
) -> Keepable:
    """Return the smallest number of days within which at least `target` of all orders leave, with this confidence.

    `left[d]` is how many orders left after d days, `waiting[c]` how many are still open after c full
    days: such a one is known not to have left within c days, and no more. Each share is that of
    Kaplan and Meier (1958); the bound it has to pass is one-sided, by Fay, Brittain and Proschan
    (2013): exact binomial where nothing was still open, and an honest bound where much was. Measured
    at a share just below the target, 25 to 1,000 orders: this bound recommends that promise in 0 to 8
    of 100 samples, Greenwood's in up to 22, on the scale of log(-log) in up to 12.
    """
    went, open_ = _aligned(left, waiting)
    orders = round(float(went.sum() + open_.sum()))
    share, effective, bound = _kept_within(went, open_, confidence=confidence)
    # Rounded, as a count of 100.00000000000003 orders would be a question and not an answer.
    curve = tuple(wilson(round(s * n, 6), round(n, 6)) for s, n in zip(share.tolist(), effective.tolist(), strict=True))
    enough = np.flatnonzero(bound >= target)
    if enough.size:
        return Keepable(int(enough[0]), None, None, orders, curve)
    needed = _needed(share, effective, bound=bound, orders=orders, target=target, confidence=confidence)
    return Keepable(None, "not reached" if needed is None else "too few", needed, orders, curve)


def _aligned(left: ArrayLike, waiting: ArrayLike) -> tuple[Floats, Floats]:
    """Return both counts, one per day up to the last day on which anything was seen."""
    given = [np.asarray(counts, dtype=float) for counts in (left, waiting)]
    if any(counts.ndim != 1 or np.any(counts < 0) for counts in given):
        raise ValueError("orders that left and orders still open are two lists of counts, one count a day")
    days = max((int(np.flatnonzero(counts)[-1]) + 1 for counts in given if counts.any()), default=0)
    went, open_ = (np.pad(counts[:days], (0, max(days - counts.size, 0))) for counts in given)
    return went, open_


def _kept_within(went: Floats, open_: Floats, *, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Return for each day the share that left by then, on how many orders it rests, and its lower bound.

    The chance of still being open after a day is bounded by a product of beta variables, one a day:
    Beta(at risk - left + 1, left). It is taken for a beta variable of the same mean and variance, which
    without open orders it is: then the product telescopes into the exact binomial one.
    """
    at_risk = (went + open_)[::-1].cumsum()[::-1]
    share = 1 - np.cumprod(1 - went / at_risk)

    log_mean = np.log1p(-went / (at_risk + 1)).cumsum()
    # Of each day's variable: log of its second moment over its squared mean.
    log_spread = np.log1p(went / ((at_risk - went + 1) * (at_risk + 2))).cumsum()
    some = share > 0
    mean, missing = np.exp(log_mean), np.where(some, -np.expm1(log_mean), 0.5)
    size = missing / (mean * np.where(some, np.expm1(log_spread), 1.0)) - 1
    bound = beta_quantile(1 - confidence, a=np.where(some, missing * size, 1.0), b=np.where(some, mean * size, 1.0))
    return share, np.where(some, size - 1, at_risk), np.where(some, bound, 0.0)


def _needed(
    share: Floats, effective: Floats, *, bound: Floats, orders: int, target: float, confidence: float
) -> int | None:
    """Return how many orders it would take in all, at the share of the day that came nearest; None if too many."""
    above = np.flatnonzero(share > target)
    if not above.size:
        fewest = _orders_for(1.0, target=target, confidence=confidence)
        return fewest if fewest is not None and orders < fewest else None
    nearest = above[np.argmax(bound[above])]
    seen_to_the_end = _orders_for(float(share[nearest]), target=target, confidence=confidence)
    if seen_to_the_end is None:
        return None
    # The same part of them will still be open.
    return max(orders + 1, ceil(orders * seen_to_the_end / float(effective[nearest]) - 1e-6))


def _orders_for(share: float, *, target: float, confidence: float) -> int | None:
    """Return the fewest orders, all seen to the end, of which this share is enough to promise the target."""

    def enough(orders: int) -> bool:
        return binomial_lower(share * orders, orders, confidence=confidence) >= target

    if share > 1 - 1e-12:
        return ceil(log(1 - confidence) / log(target))
    most = 1
    while not enough(most):
        most *= 2
        if most > _MOST:
            return None
    fewest = most // 2 + 1
    while fewest < most:
        middle = (fewest + most) // 2
        fewest, most = (fewest, middle) if enough(middle) else (middle + 1, most)
    return most
