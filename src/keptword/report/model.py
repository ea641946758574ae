"""What a report says, as plain values: made once, then told on a page, in the terminal or as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from keptword.core.differences import Difference
from keptword.core.keepable import Keepable
from keptword.core.law import LegalPromise, LegalRemark
from keptword.core.problems import Problem
from keptword.core.rates import Share
from keptword.core.rules import Rule, Settings

if TYPE_CHECKING:
    from keptword.sources.registry import FileRead

LATE_ORDERS_NEEDED: Final = 600
"""Late orders from which on it shows whether they keep people from coming back (model.md, 3.10b)."""

CUSTOMERS_NEEDED: Final = 1000
"""Customers from which on it can be said what their trust is worth (model.md, 3.8)."""


@dataclass(frozen=True)
class Month:
    """The kept share of what was promised in one month (its first day): `share.of` fell due, `share.count` kept."""

    first: date
    share: Share
    late: int
    waiting: int


@dataclass(frozen=True)
class Tally:
    """What became of the promises of one kind; made = open + kept + late + broken + released.

    `share` is kept of those decided; `recent` the same with forgetting (half of the weight after 90 days).
    """

    kind: str
    made: int
    open: int
    kept: int
    late: int
    broken: int
    released: int
    vague: int
    share: Share
    recent: Share


@dataclass(frozen=True)
class Word:
    """How the business kept one promise; due = kept + late + waiting.

    `rule` is what was said, or None where the files carry promises of their own, of `kind`. `compared_only`: the
    promise is told today, the past is only compared with it. `before`: what would have been kept before the promise
    was first made, where that is known.
    """

    rule: Rule | None
    kind: str
    due: int
    kept: int
    late: int
    waiting: int
    not_due: int
    share: Share
    months: tuple[Month, ...]
    last_change: Difference | None = None
    compared_only: bool = True
    before: Share | None = None

    @property
    def best(self) -> Month | None:
        """The month with the highest kept share among those with at least ten due; None with fewer than two such."""
        months = [month for month in self.months if month.share.of >= 10 and month.share.value is not None]
        return max(months, key=lambda month: month.share.value or 0.0) if len(months) > 1 else None

    @property
    def worst(self) -> Month | None:
        """The month with the lowest kept share among those with at least ten due; None with fewer than two such."""
        months = [month for month in self.months if month.share.of >= 10 and month.share.value is not None]
        return min(months, key=lambda month: month.share.value or 0.0) if len(months) > 1 else None


@dataclass(frozen=True)
class Waiting:
    """One thing somebody waits for: what (`order:#1042`), since when, when it was due, calendar days waited."""

    subject: str
    since: date
    due_on: date | None
    waited_days: int


@dataclass(frozen=True)
class WaitingNow:
    """What is overdue at the end of the day: how many, and the first of them, longest wait first."""

    count: int
    longest: tuple[Waiting, ...]


@dataclass(frozen=True)
class Group:
    """The kept share of one carrier, country, … ; `members` says how many small ones were merged (1: none).

    `elsewhere` is the kept share of the ordinary others, where the group was compared with them.
    """

    label: str
    share: Share
    stands_out: bool
    better: bool
    members: int = 1
    elsewhere: Share | None = None


@dataclass(frozen=True)
class Breakdown:
    """The kept share by one column, the most due first; the last group may be all small ones together."""

    column: str
    groups: tuple[Group, ...]
    missing: int


@dataclass(frozen=True)
class Product:
    """One product's orders, with the share of them refunded and cancelled, shrunk towards the shop's own share."""

    label: str
    orders: int
    refunded: Share
    cancelled: Share
    stands_out: bool


@dataclass(frozen=True)
class Products:
    """Refunds and cancellations by product, the most often refunded first; `others` are too small to show alone."""

    products: tuple[Product, ...]
    refunded: Share
    cancelled: Share
    others: int = 0


@dataclass(frozen=True)
class Quarter:
    """Of the customers who first bought in a quarter (its first day), the share that bought again within 90 days."""

    first: date
    share: Share


@dataclass(frozen=True)
class Returning:
    """Who came back within 90 days of a first order, of those whose first order is over 90 days old."""

    share: Share
    quarters: tuple[Quarter, ...]


@dataclass(frozen=True)
class Reviews:
    """What customers say: the share of reviews with at least four stars of five, and of those with at most two."""

    good: Share
    bad: Share


@dataclass(frozen=True)
class Messages:
    """Messages per 100 orders, of those late and of the others; `extra` is what late ones brought beyond the others."""

    late_orders: int
    late_messages: int
    other_orders: int
    other_messages: int

    @property
    def per_100_late(self) -> float | None:
        """Messages per 100 late orders."""
        return 100 * self.late_messages / self.late_orders if self.late_orders else None

    @property
    def per_100_other(self) -> float | None:
        """Messages per 100 other orders."""
        return 100 * self.other_messages / self.other_orders if self.other_orders else None

    @property
    def extra(self) -> float | None:
        """Messages that late orders brought beyond what as many other orders brought."""
        if not self.late_orders or not self.other_orders:
            return None
        return self.late_messages - self.late_orders * self.other_messages / self.other_orders


@dataclass(frozen=True)
class Replies:
    """How the business answers: conversations, hours to the first answer on the working clock, who has none."""

    conversations: int
    answered: int
    median_hours: float | None
    ninety_hours: float | None
    within_a_day: Share
    unanswered: WaitingNow
    messages: Messages | None


@dataclass(frozen=True)
class ByLaw:
    """One promise the law makes anyway, and how the business stands to it: None where the files cannot tell."""

    promise: LegalPromise
    share: Share | None
    overdue: int = 0


@dataclass(frozen=True)
class Missing:
    """Something there is not enough of yet: `what` (a key of the word list), what is there, what would be needed."""

    what: str
    have: int = 0
    need: int = 0


@dataclass(frozen=True)
class Report:
    """Everything a report says. Shares carry 90 % intervals; the period runs from `first_on` to `as_of`."""

    as_of: date
    first_on: date | None
    newest_on: date | None
    orders: int
    customers: int
    entries: int
    currency: str | None
    files: tuple[FileRead, ...]
    left_out: dict[str, int]
    word: Word | None
    keepable: Keepable | None
    keepable_unit: str
    waiting: WaitingNow | None
    breakdowns: tuple[Breakdown, ...] = ()
    products: Products | None = None
    returning: Returning | None = None
    replies: Replies | None = None
    law: tuple[ByLaw, ...] = ()
    tallies: tuple[Tally, ...] = ()
    not_enough: tuple[Missing, ...] = ()
    next_files: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    business: str | None = None
    reviews: Reviews | None = None
    settings: Settings = field(default_factory=Settings)
    law_remarks: tuple[LegalRemark, ...] = ()
