"""Who the invented shop's users are: when they come, where they live, and how readily they trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from keptword.simulate.clock import Floats, Numbers
from keptword.simulate.story.phases import Course
from keptword.simulate.story.trust import LEVEL_MEAN, LEVEL_SPREAD

OLD_SHARE: Final = 0.4
"""Of the users, those who were there before the story begins."""

CURRENCY_SHARES: Final = (0.80, 0.11, 0.09)
"""Users who pay in EUR, CNY and USD."""
RATES: Final = (1.0, 7.8, 1.1)
"""What a euro is in each of them, for drawing prices."""


@dataclass(frozen=True)
class Crowd:
    """A block of users, in the order they come: the day of the story they join (-1: before it), one element each."""

    joins: Numbers
    level: Floats
    currency: Numbers
    """Place in `CURRENCIES`."""
    rate: Floats

    def there(self, day: int) -> int:
        """Return how many of them have joined by the end of a day: the first so many."""
        return int(np.searchsorted(self.joins, day, side="right"))


def draw_crowd(rng: np.random.Generator, *, count: int, course: Course) -> Crowd:
    """Return `count` users; on days on which the shop advertises more of them join."""
    pull = np.array([course.phase(day).newcomers for day in range(course.days)])
    bounds = np.cumsum(pull)
    joins = np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right").astype(np.int64)
    joins = np.sort(np.where(rng.random(count) < OLD_SHARE, -1, joins))
    currency = np.searchsorted(np.cumsum(CURRENCY_SHARES)[:-1], rng.random(count), side="right")
    return Crowd(
        joins=joins,
        level=rng.normal(LEVEL_MEAN, LEVEL_SPREAD, count),
        currency=currency.astype(np.int64),
        rate=np.array(RATES)[currency],
    )
