"""What the invented shop is like, month by month: careless, then greedy, then making up for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from keptword.simulate.clock import Numbers, months_before

CAMPAIGN: Final = (7, 9)
"""The first and the last month of the points campaign, counted from 1."""
RECOVERY: Final = 12
"""The month the recovery programme begins."""


@dataclass(frozen=True)
class Phase:
    """How the shop behaves for some months. Shares are 0..1."""

    name: str
    in_time_share: float
    """Of the orders, those delivered by the day meant."""
    dated_share: float
    """Of the orders, those for which that day is promised to the user; the others are left to rules."""
    lost_share: float
    delivery_days: int
    reply_hours: float
    """Median; half as much or twice as much is usual."""
    unanswered_share: float
    reply_promised_share: float
    """Of those who write, the share promised an answer within `reply_promise_hours`."""
    reply_promise_hours: int
    refund_days: int
    refund_in_time_share: float
    refund_never_share: float
    apology_share: float
    """Of those let down, the share to whom the shop owns up the day after."""
    remedy_share: float
    pull: float
    """What advertising adds to the log odds of a visit."""
    newcomers: float
    """How many users join on a day, against a day without campaign."""
    form_steps: int
    checkout_steps: int
    contact_steps: int
    prize_share: float = 0.0
    """Of the visits, those that end with a prize promised."""


CARELESS: Final = Phase(
    name="careless",
    in_time_share=0.86,
    dated_share=0.45,
    lost_share=0.006,
    delivery_days=5,
    reply_hours=14.0,
    unanswered_share=0.06,
    reply_promised_share=0.25,
    reply_promise_hours=24,
    refund_days=14,
    refund_in_time_share=0.85,
    refund_never_share=0.03,
    apology_share=0.05,
    remedy_share=0.03,
    pull=0.0,
    newcomers=1.0,
    form_steps=5,
    checkout_steps=6,
    contact_steps=3,
)
GREEDY: Final = Phase(
    name="campaign",
    in_time_share=0.74,
    dated_share=0.45,
    lost_share=0.012,
    delivery_days=5,
    reply_hours=26.0,
    unanswered_share=0.12,
    reply_promised_share=0.2,
    reply_promise_hours=24,
    refund_days=14,
    refund_in_time_share=0.7,
    refund_never_share=0.06,
    apology_share=0.02,
    remedy_share=0.01,
    pull=0.4,
    newcomers=1.8,
    form_steps=9,
    checkout_steps=9,
    contact_steps=5,
    prize_share=0.4,
)
SILENT: Final = Phase(
    name="aftermath",
    in_time_share=0.72,
    dated_share=0.4,
    lost_share=0.012,
    delivery_days=5,
    reply_hours=34.0,
    unanswered_share=0.15,
    reply_promised_share=0.2,
    reply_promise_hours=24,
    refund_days=14,
    refund_in_time_share=0.65,
    refund_never_share=0.08,
    apology_share=0.03,
    remedy_share=0.02,
    pull=0.0,
    newcomers=0.7,
    form_steps=6,
    checkout_steps=7,
    contact_steps=5,
)
MENDING: Final = Phase(
    name="recovery",
    in_time_share=0.95,
    dated_share=1.0,
    lost_share=0.002,
    delivery_days=5,
    reply_hours=2.5,
    unanswered_share=0.01,
    reply_promised_share=1.0,
    reply_promise_hours=24,
    refund_days=7,
    refund_in_time_share=0.96,
    refund_never_share=0.003,
    apology_share=0.85,
    remedy_share=0.65,
    pull=0.0,
    newcomers=1.0,
    form_steps=3,
    checkout_steps=4,
    contact_steps=2,
)
PHASES: Final = (CARELESS, GREEDY, SILENT, MENDING)


def phase_of_month(month: int) -> Phase:
    """Return how the shop behaves in a month of the story, counted from 1."""
    if month >= RECOVERY:
        return MENDING
    if CAMPAIGN[0] <= month <= CAMPAIGN[1]:
        return GREEDY
    return SILENT if month > CAMPAIGN[1] else CARELESS


@dataclass(frozen=True)
class Course:
    """The story's days: `begins[m - 1]` is the first day of month m, as the number of days since the story's first."""

    first: date
    until: date
    begins: Numbers

    @property
    def days(self) -> int:
        """Return how many days the story has."""
        return (self.until - self.first).days + 1

    @property
    def months(self) -> int:
        """Return how many months it has."""
        return len(self.begins)

    def month(self, day: Numbers) -> Numbers:
        """Return the month of each day, counted from 1."""
        found: Numbers = np.searchsorted(self.begins, day, side="right").astype(np.int64)
        return found

    def phase(self, day: int) -> Phase:
        """Return how the shop behaves on a day."""
        return phase_of_month(int(self.month(np.array([day]))[0]))

    def starts_recovery(self) -> int | None:
        """Return the day the recovery programme begins, None where the story ends before."""
        return int(self.begins[RECOVERY - 1]) if self.months >= RECOVERY else None


def course(*, until: date, months: int) -> Course:
    """Return the days of the `months` months that end with the day `until`."""
    begins = [months_before(until, months=left) for left in range(months, 0, -1)]
    return Course(begins[0], until, np.array([(begin - begins[0]).days for begin in begins], np.int64))


def told() -> dict[str, Any]:
    """Return the phases as they stand in the truth."""
    return {phase.name: {name: value for name, value in asdict(phase).items() if name != "name"} for phase in PHASES}
