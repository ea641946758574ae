"""What differs beyond chance: one month from another, one group from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from keptword.core.rates import CONFIDENCE, Floats, Share, wilson

ALL_OTHERS: Final = "all others"
"""The label under which small groups are put together."""


@dataclass(frozen=True)
class Difference:
    """How much larger a share is than another one, -1 to 1, with its interval; None where one is unknown.

    `p` is the chance of a difference at least so large where there is none. It is `beyond_chance`
    only if the interval printed beside it says so too.
    """

    value: float | None
    low: float | None
    high: float | None
    p: float
    beyond_chance: bool


@dataclass(frozen=True)
class Standing:
    """How one group stands to the ordinary others: those that do not stand out themselves.

    `difference` is `share` less `elsewhere`, for these two alone; `direction` says how the group stands out
    when all comparisons are considered, and is None where it does not.
    """

    share: Share
    elsewhere: Share
    difference: Difference
    direction: Literal["more", "less"] | None

    @property
    def stands_out(self) -> bool:
        """Return whether the group differs from the others beyond chance, all comparisons considered."""
        return self.direction is not None


def changed(before: Share, after: Share, *, confidence: float = CONFIDENCE) -> Difference:
    """Return how much larger the share after is than the one before, and whether that is more than chance.

    The interval is Newcombe's (1998, his method 10), made of the two shares' own intervals; the test is
    Fisher's, two-sided, with half the chance of the very table seen (mid-p). Counts must be whole.
    """
    p = _fisher(after.count, after.of, count_elsewhere=before.count, of_elsewhere=before.of)
    old = wilson(before.count, before.of, confidence=confidence)
    new = wilson(after.count, after.of, confidence=confidence)
    if old.value is None or old.low is None or old.high is None:
        return Difference(None, None, None, p, beyond_chance=False)
    if new.value is None or new.low is None or new.high is None:
        return Difference(None, None, None, p, beyond_chance=False)
    value = new.value - old.value
    low = value - sqrt((new.value - new.low) ** 2 + (old.high - old.value) ** 2)
    high = value + sqrt((new.high - new.value) ** 2 + (old.value - old.low) ** 2)
    return Difference(value, low, high, p, beyond_chance=p <= 1 - confidence and not low <= 0 <= high)


def stand_out(
    late: ArrayLike, total: ArrayLike, *, false_discovery: float = 0.10, confidence: float = CONFIDENCE
) -> tuple[Standing, ...]:
    """Return for each group whether more or fewer are late in it than elsewhere, beyond chance.

    Groups are compared with all the others by Fisher's test (mid-p), by the thresholds of Benjamini and
    Hochberg (1995) stepping down: the group that differs most is judged first and, if it stands
    out, taken from the others before the next is judged. Without that, one bad region would make every
    good one stand out, since each would be compared with others that hold the bad one. Of the groups
    named, at most `false_discovery` are named by chance alone, in the long run.
    """
    counts, totals = np.asarray(late, dtype=float), np.asarray(total, dtype=float)
    if counts.ndim != 1 or counts.shape != totals.shape:
        raise ValueError(f"late of shape {counts.shape} and total of shape {totals.shape} are not one per group")
    ordinary = [group for group in range(totals.size) if totals[group] > 0]
    most = len(ordinary)
    named: set[int] = set()
    while len(ordinary) > 1:
        first, p = _most_different(counts[ordinary], totals[ordinary])
        if p > false_discovery * (len(named) + 1) / most:
            break
        named.add(ordinary.pop(first))
    usual = counts[ordinary].sum(), totals[ordinary].sum()
    return tuple(
        _standing(
            wilson(float(counts[group]), float(totals[group]), confidence=confidence),
            # A group is not compared with itself.
            wilson(
                float(usual[0] - (0 if group in named else counts[group])),
                float(usual[1] - (0 if group in named else totals[group])),
                confidence=confidence,
            ),
            named=group in named,
            confidence=confidence,
        )
        for group in range(totals.size)
    )


def _standing(share: Share, elsewhere: Share, *, named: bool, confidence: float) -> Standing:
    difference = changed(elsewhere, share, confidence=confidence)
    direction: Literal["more", "less"] | None = None
    if named and difference.value is not None:
        direction = "more" if difference.value > 0 else "less"
    return Standing(share, elsewhere, difference, direction)


def _most_different(counts: Floats, totals: Floats) -> tuple[int, float]:
    """Return the place of the group that differs most from all the others, and its p."""
    count, of = float(counts.sum()), float(totals.sum())
    pairs = list(zip(counts.tolist(), totals.tolist(), strict=True))
    # Small groups are often equal, and each test is judged once.
    judged = {(c, n): _fisher(c, n, count_elsewhere=count - c, of_elsewhere=of - n) for c, n in set(pairs)}
    least = min(judged.values())
    # Where several differ beyond what a double can hold, the score decides. Of two groups alone each
    # differs as much from the other, rounding aside: the smaller one is the exception.
    scores = (counts - totals * count / of) ** 2 / (totals * (1 - totals / of))
    tied = [place for place, pair in enumerate(pairs) if judged[pair] <= least * (1 + 1e-9)]
    return min(tied, key=lambda place: (-round(float(scores[place]), 6), totals[place], place)), least


def _fisher(count: float, of: float, *, count_elsewhere: float, of_elsewhere: float) -> float:
    """Return the two-sided mid-p of Fisher's exact test: twice the smaller tail, half of the table seen in each.

    The chances of neighbouring tables stand in a simple ratio, so that neither factorials nor their
    logarithms are needed.
    """
    if any(value != round(value) for value in (count, of, count_elsewhere, of_elsewhere)):
        raise ValueError("Fisher's test needs whole counts")
    both = count + count_elsewhere
    everything = of + of_elsewhere
    if not of or not of_elsewhere or both in (0, everything):
        return 1.0
    lowest, highest = max(0.0, both - of_elsewhere), min(of, both)
    mean = of * both / everything
    # Tables so far from the mean have no chance that a double could hold.
    reach = 40 * sqrt(mean * (1 - both / everything)) + 200
    table = np.arange(max(lowest, np.floor(mean - reach)), min(highest, np.ceil(mean + reach)) + 1)
    above = table[1:]
    ratios = (both - above + 1) * (of - above + 1) / (above * (of_elsewhere - both + above))
    log = np.concatenate(([0.0], np.log(ratios).cumsum()))
    chance = np.exp(log - log.max())
    chance /= chance.sum()
    seen = chance[table == count].sum() / 2
    return float(min(1.0, 2 * min(chance[table < count].sum() + seen, chance[table > count].sum() + seen)))


def merge_small(
    labels: Sequence[str],
    totals: Sequence[float],
    *,
    at_least: float = 20,
    at_least_share: float = 0.0,
    at_most: int = 12,
) -> dict[str, str]:
    """Return for each label the one to show it under: its own, or `ALL_OTHERS` for groups too small to judge.

    Kept are the `at_most` largest groups of at least `at_least` entries and `at_least_share` of them
    all. Where the others put together are still too small, the smallest of those kept joins them; where
    they are a single group that is large enough, it keeps its name.
    """
    sizes = dict(zip(labels, totals, strict=True))
    if len(sizes) < len(labels):
        raise ValueError("each label must be given once, with the total of its group")
    enough = max(at_least, at_least_share * sum(totals))
    # By size, then by name: the same groups are kept in whatever order they come.
    largest = sorted((label for label in sizes if label != ALL_OTHERS), key=lambda label: (-sizes[label], label))
    kept = [label for label in largest if sizes[label] >= enough][:at_most]
    others = [label for label in sizes if label not in kept]
    if len(others) == 1 and sizes[others[0]] >= enough:
        return {label: label for label in sizes}
    while others and kept and sum(sizes[label] for label in others) < enough:
        others.append(kept.pop())
    return {label: label if label in kept else ALL_OTHERS for label in sizes}
