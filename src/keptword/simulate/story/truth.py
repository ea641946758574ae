"""What is true of the invented shop's story, counted as it is told: written beside the facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from keptword.core.promises import OUTCOMES
from keptword.simulate.clock import Numbers
from keptword.simulate.story import crowd, service, visits
from keptword.simulate.story.life import TIME_ZONE, Block, Measured, Story
from keptword.simulate.story.log import CURRENCIES, KIND_NAMES, KIND_NUMBER, Columns
from keptword.simulate.story.phases import CAMPAIGN, RECOVERY, phase_of_month, told
from keptword.simulate.story.trust import LEVEL_MEAN, LEVEL_SPREAD, SIZES

KINDS_PROMISED: Final = tuple(SIZES)

Json = dict[str, Any]


@dataclass
class Tally:
    """Counts a story block by block; months count from 1, and row 0 of each table stays empty."""

    story: Story
    facts: Numbers = field(init=False)
    orders: Numbers = field(init=False)
    """By month and currency: how many were placed."""
    cents: Numbers = field(init=False)
    replies: Numbers = field(init=False)
    """By month: how many answers came, and how many seconds they took in all."""
    promises: Numbers = field(init=False)
    """By kind, month in which it was made, and outcome."""
    trust: list[Measured] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing counted."""
        months = self.story.course.months + 1
        self.facts = np.zeros(len(KIND_NAMES) + 1, np.int64)
        self.orders = np.zeros((months, len(CURRENCIES) + 1), np.int64)
        self.cents = np.zeros((months, len(CURRENCIES) + 1), np.int64)
        self.replies = np.zeros((months, 2), np.int64)
        self.promises = np.zeros((len(KINDS_PROMISED), months, len(OUTCOMES)), np.int64)
        self.trust = [Measured(0, 0.0, 0.0)] * self.story.course.months

    def add(self, block: Block) -> None:
        """Count a block."""
        facts = block.facts
        self.facts += np.bincount(facts["kind"], minlength=len(self.facts))
        month = self._month(facts["on"])
        placed = facts["kind"] == KIND_NUMBER["order.placed"]
        place = (month[placed], facts["currency"][placed])
        np.add.at(self.orders, place, 1)
        np.add.at(self.cents, place, facts["amount"][placed])
        self._add_replies(facts, month)
        for made in block.promises:
            kind = KINDS_PROMISED.index(made.kind)
            np.add.at(self.promises[kind], (self.story.course.month(made.day), made.outcome), 1)
        self.trust = [
            Measured(old.users + new.users, old.trust + new.trust, old.moved + new.moved)
            for old, new in zip(self.trust, block.trust, strict=True)
        ]

    def _month(self, on: NDArray[Any]) -> Numbers:
        first = int(np.datetime64(self.story.course.first, "D").astype(np.int64))
        return self.story.course.month(on - first)

    def _add_replies(self, facts: Columns, month: Numbers) -> None:
        """Count the answers of each month and how long they took; a conversation is answered once."""
        opened = np.flatnonzero(facts["kind"] == KIND_NUMBER["contact.opened"])
        replied = np.flatnonzero(facts["kind"] == KIND_NUMBER["contact.replied"])
        opened = opened[np.argsort(facts["number"][opened])]
        found = opened[np.searchsorted(facts["number"][opened], facts["number"][replied])] if len(replied) else opened
        np.add.at(self.replies[:, 0], month[replied], 1)
        np.add.at(self.replies[:, 1], month[replied], facts["at"][replied] - facts["at"][found[: len(replied)]])

    def truth(self) -> Json:
        """Return what is true of the story, as it is written down."""
        days = self.story.course
        return {
            "story": "Haiwen",
            "seed": self.story.seed,
            "users": self.story.users,
            "months": days.months,
            "first": str(days.first),
            "until": str(days.until),
            "time_zone": TIME_ZONE,
            "campaign_months": list(CAMPAIGN),
            "recovery_from_month": RECOVERY,
            "trust": self._rules(),
            "phases": told(),
            "facts": {name: int(self.facts[number]) for name, number in KIND_NUMBER.items() if self.facts[number]},
            "facts_total": int(self.facts.sum()),
            "promises": self._promises(slice(1, None)),
            "by_month": [self._told(month) for month in range(1, days.months + 1)],
        }

    def _rules(self) -> Json:
        """Return how trust comes about and what users do by it."""
        return {
            "rule": (
                "trust of a user as of a day = level + sum over the lines of weight × ln(1 + x), where x is what the "
                "line counts in the facts up to that day, each × 2^-(whole days since / half_life_days)"
            ),
            "level": {"rule": "drawn once for each user from a normal distribution", "mean": LEVEL_MEAN}
            | {"standard_deviation": LEVEL_SPREAD},
            "lines": [
                {"name": line.name, "weight": line.weight, "half_life_days": line.half_life_days}
                | {"counts": line.counts}
                for line in self.story.lines
            ],
            "sizes": dict(SIZES),
            "acts": {
                "rule": "log odds of each act: the trust as of the morning plus a constant, and in a visit the pull of "
                "the phase; only those in need visit, on a day need_share of all users; newcomers visit once anyway",
                "need_share": visits.NEED_SHARE,
                "visit": visits.VISIT,
                "checkout": visits.CHECKOUT,
                "order_after_checkout_share": visits.BOUGHT_SHARE,
                "renewal": service.RENEWED,
            },
            "euro": dict(zip(CURRENCIES, crowd.RATES, strict=True)),
        }

    def _promises(self, months: slice | int) -> Json:
        """Return for each kind of promise how many were made, and their outcomes as of the last day."""
        found: Json = {}
        for place, kind in enumerate(KINDS_PROMISED):
            counts = self.promises[place, months].reshape(-1, len(OUTCOMES)).sum(axis=0)
            found[kind] = {"made": int(counts.sum()), **dict(zip(OUTCOMES, counts.tolist(), strict=True))}
        return found

    def _told(self, month: int) -> Json:
        measured, promises = self.trust[month - 1], self._promises(month)
        answered, waited = self.replies[month].tolist()
        begins = np.datetime64(self.story.course.first, "D") + self.story.course.begins[month - 1]
        return {
            "month": month,
            "begins": str(begins),
            "phase": phase_of_month(month).name,
            "users": measured.users,
            "trust_mean": _mean(measured.trust, measured.users),
            "trust_moved_mean": _mean(measured.moved, measured.users),
            "orders": int(self.orders[month].sum()),
            "amount": {name: int(self.cents[month, number]) / 100 for number, name in enumerate(CURRENCIES, start=1)},
            "replies": answered,
            "reply_hours_mean": _mean(waited / 3600, answered),
            "promises": promises,
            "rewards_never_delivered": promises["reward"]["broken"],
        }


def _mean(total: float, count: int) -> float | None:
    return round(total / count, 9) if count else None
