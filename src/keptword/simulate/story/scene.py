"""What every drawing of the story has at hand: the block's users, its chance, its log, and what is still to come."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from keptword.simulate.catalogue import HOUR_WEIGHTS
from keptword.simulate.clock import Floats, Numbers
from keptword.simulate.story.crowd import Crowd
from keptword.simulate.story.log import DAY_SECONDS, Log
from keptword.simulate.story.phases import Course, Phase
from keptword.simulate.story.promises import LetDown, Promises
from keptword.simulate.story.trust import Trust

NUMBERS_PER_BLOCK: Final = 100_000_000
"""How far the numbers of one block's orders, conversations and facts lie from the next one's."""

# Nobody acts in the small hours, in which clocks are put forward and back.
_AWAKE: Final = np.cumsum(np.array(HOUR_WEIGHTS, float) * (np.arange(24) >= 6))
_OPENS, _CLOSES = 9, 18


@dataclass
class Scene:
    """One block of users on its way through the story. `agenda` holds by topic, then day, what is to be done."""

    rng: np.random.Generator
    course: Course
    crowd: Crowd
    trust: Trust
    log: Log
    promises: Promises
    block: int
    counters: dict[str, int] = field(default_factory=dict)
    agenda: dict[tuple[str, int], list[tuple[Numbers, ...]]] = field(default_factory=dict)
    let_down: dict[int, list[LetDown]] = field(default_factory=dict)
    recommended: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    """Users who recommended the shop to somebody who has not come yet."""

    def phase(self, day: int) -> Phase:
        """Return how the shop behaves on a day."""
        return self.course.phase(day)

    def chance(self, share: Floats | float, count: int) -> Any:
        """Return for each of `count` whether it happens."""
        return self.rng.random(count) < share

    def moments(self, day: int, count: int) -> Numbers:
        """Return moments of a day of the story (wall clock) at which users are awake."""
        hour = np.searchsorted(_AWAKE[:-1], self.rng.random(count) * _AWAKE[-1], side="right")
        begin = (self.log.first_day + day) * DAY_SECONDS
        found: Numbers = begin + hour * 3600 + self.rng.integers(0, 3000, count)
        return found

    def office(self, at: Numbers, *, days: Numbers | int) -> Numbers:
        """Return moments at which the shop works, that many days after others."""
        into = self.rng.integers(_OPENS * 3600, _CLOSES * 3600, len(at))
        found: Numbers = (at // DAY_SECONDS + days) * DAY_SECONDS + into
        return found

    def serial(self, topic: str, count: int) -> Numbers:
        """Return the next `count` numbers of a topic; no two blocks share one."""
        begin = self.counters.get(topic, 0)
        self.counters[topic] = begin + count
        return self.block * NUMBERS_PER_BLOCK + np.arange(begin + 1, begin + count + 1, dtype=np.int64)

    def money(self, users: Numbers, cents: Numbers | int) -> dict[str, Numbers]:
        """Return an amount of euro cents in the money each user pays in, as columns."""
        amount = np.round(cents * self.crowd.rate[users]).astype(np.int64)
        return {"amount": amount, "currency": self.crowd.currency[users] + 1}

    def plan(self, topic: str, *columns: Numbers, day: Numbers) -> None:
        """Put something on the agenda of each day of the story; what lies after its end is dropped."""
        order = np.argsort(day, kind="stable")
        order = order[day[order] < self.course.days]
        if not len(order):
            return
        days = day[order]
        bounds = np.flatnonzero(np.diff(days)) + 1
        for begin, end in zip([0, *bounds], [*bounds, len(order)], strict=True):
            chosen = order[begin:end]
            self.agenda.setdefault((topic, int(days[begin])), []).append(tuple(column[chosen] for column in columns))

    def planned(self, topic: str, day: int) -> tuple[Numbers, ...] | None:
        """Take from the agenda what is to be done on a day, None where nothing is."""
        found = self.agenda.pop((topic, day), None)
        return tuple(np.concatenate(column) for column in zip(*found, strict=True)) if found else None

    def disappoint(self, those: LetDown) -> None:
        """Put on the agenda, for the day their promise is due, those who will be let down."""
        order = np.argsort(those.day, kind="stable")
        days = those.day[order]
        bounds = np.flatnonzero(np.diff(days)) + 1
        for begin, end in zip([0, *bounds], [*bounds, len(order)], strict=True):
            if begin < end and days[begin] < self.course.days:
                chosen = order[begin:end]
                part = replace(those, users=those.users[chosen], numbers=those.numbers[chosen], day=those.day[chosen])
                self.let_down.setdefault(int(days[begin]), []).append(part)
