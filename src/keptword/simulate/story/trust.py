"""The latent trust users act by: which facts move it, by how much, and for how long. Stated here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from keptword.simulate.clock import Floats, Numbers


@dataclass(frozen=True)
class Line:
    """One line of trust: what is counted, its weight in log odds, and after how many days half of it has faded."""

    name: str
    weight: float
    half_life_days: int
    counts: str


LINES: Final[tuple[Line, ...]] = (
    Line("habit", 0.75, 180, "1 for each order.placed and subscription.renewed"),
    Line("kept", 0.30, 120, "1 for each promise kept in time, on the day it was kept"),
    Line("let_down", -1.2, 180, "the size of each promise not kept when due, on the day it was due"),
    Line("made_good", 0.4, 120, "the size of each promise kept after it was due, on the day it was kept"),
    Line("replies", 0.30, 90, "2^-(hours / 12) for each contact.replied, hours since its contact.opened"),
    Line("remedies", 0.50, 150, "1 for each remedy.given"),
    Line("apologies", 0.20, 90, "1 for each apology.sent"),
    Line("effort", -0.25, 60, "a tenth of the steps of every fact that has some"),
)
"""Trust is the user's own level plus, over these lines, weight × ln(1 + sum of what is counted, each half-faded)."""

POSITION: Final[Mapping[str, int]] = {line.name: place for place, line in enumerate(LINES)}

SIZES: Final[Mapping[str, float]] = {"delivery": 1.0, "reply": 0.5, "refund": 1.5, "reward": 2.0}
"""How much it weighs, by kind of promise, not to keep it when due."""

COUNTED_KINDS: Final[Mapping[str, str]] = {
    "order.placed": "habit",
    "subscription.renewed": "habit",
    "remedy.given": "remedies",
    "apology.sent": "apologies",
}
"""The kinds of which every fact counts 1, and the line they count in."""

REPLY_HOURS: Final = 12
STEPS: Final = 10
LEVEL_MEAN: Final = -1.0
LEVEL_SPREAD: Final = 0.7


@dataclass
class Trust:
    """The trust of a block of users, day by day: what a fact moves is felt from the day after it.

    `sums` has one row a line and one column a user: everything counted so far, each × 2^(day / half-life), so that
    nothing has to be rewritten to fade. `due` holds what is still to come, by day.
    """

    level: Floats
    lines: tuple[Line, ...] = LINES
    days: int = 0
    sums: Floats = field(init=False)
    due: list[list[tuple[int, Numbers, Floats]]] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing counted."""
        self.sums = np.zeros((len(self.lines), len(self.level)))
        self.due = [[] for _ in range(self.days)]

    def count(self, name: str, users: Numbers, *, day: Numbers, size: Floats | float = 1.0) -> None:
        """Have each user's line count `size` on its day (from 0); days after the last are never reached."""
        known = (day >= 0) & (day < self.days)
        if not known.all():
            users, day = users[known], day[known]
            size = size[known] if isinstance(size, np.ndarray) else size
        if not len(day):
            return
        sizes = size if isinstance(size, np.ndarray) else np.full(len(day), float(size))
        line = POSITION[name]
        if (day == day[0]).all():
            self.due[int(day[0])].append((line, users, sizes))
            return
        order = np.argsort(day, kind="stable")
        users, day, sizes = users[order], day[order], sizes[order]
        bounds = np.flatnonzero(np.diff(day)) + 1
        for begin, end in zip([0, *bounds], [*bounds, len(day)], strict=True):
            self.due[int(day[begin])].append((line, users[begin:end], sizes[begin:end]))

    def end(self, day: int) -> None:
        """Let all that the day counted be felt: call it once, when the day is over."""
        for line, users, sizes in self.due[day]:
            np.add.at(self.sums[line], users, sizes * 2.0 ** (day / self.lines[line].half_life_days))
        self.due[day] = []

    def moved(self, users: Numbers | slice, *, day: int) -> Floats:
        """Return by how much the facts have moved each user's trust as of a day, in log odds."""
        total = np.zeros(len(self.level[users]))
        for place, line in enumerate(self.lines):
            held = self.sums[place][users] * 2.0 ** (-day / line.half_life_days)
            total += line.weight * np.log1p(held)
        return total

    def of(self, users: Numbers | slice, *, day: int) -> Floats:
        """Return each user's trust as of a day, in log odds."""
        found: Floats = self.level[users] + self.moved(users, day=day)
        return found


def likely(log_odds: Floats) -> Floats:
    """Return the probability that goes with log odds."""
    found: Floats = 1.0 / (1.0 + np.exp(-log_odds))
    return found
