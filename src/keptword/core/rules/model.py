"""What a rule is: a promise made by rule, its versions, and the settings it is counted by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from itertools import groupby
from typing import Any, Final, Literal, get_args

from keptword.core.calendars import Calendar, calendar
from keptword.core.calendars.countries import YEARS
from keptword.core.problems import KeptwordError, Sentence
from keptword.core.rules.condition import Condition
from keptword.core.schema import KINDS, PROMISE_KINDS, unknown

Unit = Literal["working days", "days", "working hours", "hours"]
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)

STARTS: Final[dict[str, tuple[str, str | None]]] = {
    "dispatch": ("order.paid", "order.placed"),
    "delivery": ("order.paid", "order.placed"),
    "reply": ("contact.opened", None),
    "resolution": ("contact.opened", None),
    "refund": ("order.returned", "order.cancelled"),
    "reward": ("reward.earned", None),
}
"""From which kind of fact each kind of promise counts, and from which where the first is missing."""

KEPT_BY: Final[dict[str, str]] = {
    "dispatch": "order.shipped",
    "delivery": "order.delivered",
    "reply": "contact.replied",
    "resolution": "contact.resolved",
    "refund": "order.refunded",
    "reward": "reward.claimed",
}

LONGEST_DAYS: Final = 3650
LONGEST_HOURS: Final = 10_000


@dataclass(frozen=True)
class Amount:
    """How long a promise allows: a number of days or hours, all of them or only working ones."""

    number: float
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse an amount nobody could mean; whole numbers become `int`."""
        if self.unit not in UNITS:
            raise KeptwordError(unknown("unit of time", self.unit, known=UNITS))
        number = self.number
        if not math.isfinite(number) or number < 0 or (number == 0 and not self.in_days):
            raise KeptwordError(
                "A promise within {number:g} {unit} cannot be kept. Write a number above 0.",
                number=number,
                unit=Sentence(self.unit),
            )
        if self.in_days and number != int(number):
            raise KeptwordError(
                "{number:g} {unit} is not a whole number of days. Write hours instead.",
                number=number,
                unit=Sentence(self.unit),
            )
        longest = LONGEST_DAYS if self.in_days else LONGEST_HOURS
        if number > longest:
            raise KeptwordError(
                "{number:g} {unit} is longer than {longest:,} {unit}, the longest promise.",
                number=number,
                unit=Sentence(self.unit),
                longest=longest,
            )
        if number == int(number):
            object.__setattr__(self, "number", int(number))

    @property
    def in_days(self) -> bool:
        """Tell whether the promise names a day, judged at its end, and not an hour."""
        return self.unit.endswith("days")

    @property
    def working(self) -> bool:
        """Tell whether only working days or working hours count."""
        return self.unit.startswith("working")

    def __str__(self) -> str:
        """Return "2 working days", "1 hour"."""
        return f"{self.number:.12g} {self.unit[:-1] if self.number == 1 else self.unit}"


@dataclass(frozen=True)
class Rule:
    """One promise made to everybody it fits: within how long, from what, kept by what, since when.

    `from_kind` and `kept_by` are kinds of fact; where an order has no fact of `from_kind`, `else_from`
    counts. `since` and `until` are the first and last local day on which facts make this promise; a rule
    without `since` was not told when it began. `shown_at` is where users read it, `source` the citation
    of what the law promises in any case. `version` counts the rules of one `identity` (see `rule_book`).
    """

    kind: str
    within: Amount
    from_kind: str
    kept_by: str
    else_from: str | None = None
    cutoff: time | None = None
    where: Condition | None = None
    since: date | None = None
    until: date | None = None
    shown_at: str | None = None
    by_law: bool = False
    source: str | None = None
    name: str | None = None
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be a rule, with the remedy."""
        if self.kind not in PROMISE_KINDS:
            raise KeptwordError(unknown("kind of promise", self.kind, known=PROMISE_KINDS))
        for kind in (self.from_kind, self.kept_by, self.else_from):
            if kind is not None and kind not in KINDS:
                raise KeptwordError(unknown("kind of entry", kind, known=KINDS))
        if self.cutoff is not None and not self.within.in_days:
            raise KeptwordError(
                "A cut-off hour goes with days, not with {within}. "
                'Write "within 1 working day", or leave the cut-off hour out.',
                within=self.within,
            )
        if self.since is not None and self.until is not None and self.until < self.since:
            raise KeptwordError(
                "The rule ends on {until}, before it begins on {since}. Mend one of the dates.",
                until=self.until,
                since=self.since,
            )
        if self.by_law and not self.source:
            raise KeptwordError('What the law promises needs its citation. Add a source, such as "BGB § 475 (1)".')

    @property
    def identity(self) -> str:
        """Return what makes two rules versions of one: their kind, their condition, whose promise it is."""
        where = f"[{self.where.normal}]" if self.where else ""
        return f"{self.kind}{'.by-law' if self.by_law else ''}{where}"

    @property
    def rule_id(self) -> str:
        """Return the rule's own name, the same in every run: "dispatch[country = de].v2"."""
        return f"{self.identity}.v{self.version}"

    def is_in_force(self, on: date) -> bool:
        """Tell whether facts of the local day `on` make this promise."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


def rule(
    kind: str,
    within: Amount,
    *,
    from_kind: str | None = None,
    kept_by: str | None = None,
    **more: Any,
) -> Rule:
    """Return a rule that counts from and is kept by what is usual for its kind, where not told.

    `more` are further fields of `Rule`. "order.paid" always means paid, else placed. Kinds without a
    usual start (a price, a roadmap) need both told.
    """
    if kind not in PROMISE_KINDS:
        raise KeptwordError(unknown("kind of promise", kind, known=PROMISE_KINDS))
    start, fallback = STARTS.get(kind, (None, None))
    begin, end = from_kind or start, kept_by or KEPT_BY.get(kind)
    if begin is None or end is None:
        raise KeptwordError(
            "A {kind} promise needs to be told from what it counts and what keeps it. "
            "Name both (from and kept_by), or use one of: {known}.",
            kind=Sentence(kind),
            known=", ".join(STARTS),
        )
    if from_kind is not None:
        fallback = "order.placed" if from_kind == "order.paid" else None
    return Rule(kind, within, begin, end, else_from=fallback, **more)


@dataclass(frozen=True)
class Settings:
    """What a business told about its days: where it is, when it works, what its report leaves out.

    None means untold. `leave_out` is passed on as it was written to whoever leaves orders out by rule.
    """

    timezone: str | None = None
    country: str | None = None
    working_days: tuple[str, ...] | None = None
    working_hours: tuple[str, ...] | Mapping[str, tuple[str, ...]] | None = None
    holidays: bool = True
    extra_holidays: tuple[date, ...] = ()
    extra_working_days: tuple[date, ...] = ()
    leave_out: Mapping[str, Any] = field(default_factory=dict)

    def calendar(self, *, years: range = YEARS) -> Calendar:
        """Return the calendar these settings describe, with the country's holidays unless switched off."""
        return calendar(
            self.country if self.holidays else None,
            timezone=self.timezone,
            working_days=self.working_days,
            working_hours=self.working_hours,
            extra_holidays=self.extra_holidays,
            extra_working_days=self.extra_working_days,
            years=years,
        )


@dataclass(frozen=True)
class RuleBook:
    """All rules of a business in all their versions, and its settings; made by `rule_book`."""

    rules: tuple[Rule, ...] = ()
    settings: Settings = field(default_factory=Settings)

    def in_force(self, on: date) -> tuple[Rule, ...]:
        """Return the rules by which facts of the local day `on` make promises: one version of each at most."""
        return tuple(rule for rule in self.rules if rule.is_in_force(on))

    def versions(self, identity: str) -> tuple[Rule, ...]:
        """Return the versions of the rule with this `Rule.identity`, the oldest first."""
        return tuple(rule for rule in self.rules if rule.identity == identity)


def rule_book(rules: Iterable[Rule], *, settings: Settings | None = None) -> RuleBook:
    """Return the rules as a book: versions numbered from 1 by `since`, each ended the day before the next.

    A rule without `since` comes before all others of its identity. Raises `KeptwordError` where two
    versions begin on the same day. The order of different rules is kept.
    """
    given = list(rules)
    places = {identity: place for place, identity in reversed(list(enumerate(rule.identity for rule in given)))}
    ordered = sorted(given, key=lambda rule: (places[rule.identity], rule.since or date.min))
    numbered: list[Rule] = []
    for _, group in groupby(ordered, key=lambda rule: rule.identity):
        numbered.extend(_numbered(list(group)))
    return RuleBook(tuple(numbered), settings or Settings())


def _numbered(versions: list[Rule]) -> list[Rule]:
    numbered = []
    for place, version in enumerate(versions):
        until = version.until
        if place + 1 < len(versions):
            following = versions[place + 1].since
            if following is None or following == version.since:
                begin = Sentence("begin on {day}", day=following) if following else Sentence("have no since")
                raise KeptwordError(
                    "Two rules for {identity} {begin}, so neither follows the other. "
                    'Give the newer one a later since, or tell them apart by where, such as "country = DE".',
                    identity=version.identity,
                    begin=begin,
                )
            until = min(until or date.max, following - timedelta(days=1))
        numbered.append(replace(version, until=until, version=place + 1))
    return numbered
