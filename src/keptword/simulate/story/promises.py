"""The promises made to a block of users: each written down with its end, felt when it falls due, and judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from keptword.core.promises import OUTCOMES
from keptword.simulate.clock import Flags, Numbers
from keptword.simulate.story.log import DAY_SECONDS, PROMISE_NUMBER, Log
from keptword.simulate.story.trust import SIZES

NEVER: Final = np.int64(1) << 40
"""A moment after every other."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is promised and what becomes of it: one element per promise, all of one kind.

    Moments are of the shop's wall clock in seconds, `NEVER` where they do not come; days count from 1970. A promise
    names the day `due_on`, or, where that is None, the moment `due_after` seconds after it was made. At `moved_at`
    the user agrees to the day `moved_to`; what is called off at `released_at` is never kept.
    """

    kind: str
    subject: int
    users: Numbers
    numbers: Numbers
    at: Numbers
    kept_at: Numbers
    due_on: Numbers | None = None
    due_after: int = 0
    released_at: Numbers | None = None
    moved_at: Numbers | None = None
    moved_to: Numbers | None = None

    def some(self, chosen: Flags, *, at: Numbers) -> dict[str, Any]:
        """Return the columns every fact about the chosen promises has."""
        return {
            "users": self.users[chosen],
            "at": at[chosen],
            "subject": self.subject,
            "number": self.numbers[chosen],
            "promise": PROMISE_NUMBER[self.kind],
        }


@dataclass(frozen=True, kw_only=True)
class LetDown:
    """Those to whom a promise of a kind is not kept when due: one element each; `day` is the story's, from 0."""

    kind: str
    subject: int
    users: Numbers
    numbers: Numbers
    day: Numbers


@dataclass(frozen=True)
class Made:
    """Promises for the truth: their kind and, one element each, the day of the story and the place of the outcome."""

    kind: str
    day: Numbers
    outcome: Numbers


@dataclass
class Promises:
    """Writes promises into the log. `end` is the instant at which the story's last day is over."""

    log: Log
    end: int
    book: list[Made] = field(default_factory=list)

    @staticmethod
    def number(kind: str) -> int:
        """Return the number of a kind of promise, as it stands in the columns."""
        return PROMISE_NUMBER[kind]

    def make(self, terms: Terms, **columns: Any) -> LetDown:
        """Make promises, and return those that will not be kept in time. `columns` describe the making."""
        log = self.log
        due, due_on = self._stated(terms, columns)
        kept = log.utc(terms.kept_at)
        off = np.zeros(len(due), bool) if terms.released_at is None else log.utc(terms.released_at) < self.end
        kept_on = terms.kept_at // DAY_SECONDS
        in_time = kept <= due if terms.due_on is None else kept_on <= due_on
        known = kept < self.end
        over = due <= self.end if terms.due_on is not None else due < self.end
        places = [OUTCOMES.index(name) for name in ("released", "kept", "late", "broken")]
        outcome = np.select([off, known & in_time, known, over], places, OUTCOMES.index("open"))
        begun = log.utc(terms.at) < self.end
        self.book.append(Made(terms.kind, log.day(terms.at)[begun], outcome[begun]))
        forgone = np.zeros(len(due), bool) if terms.released_at is None else terms.released_at < NEVER
        return self._felt(terms, in_time=in_time, forgone=forgone, due_day=due_on - log.first_day)

    def _stated(self, terms: Terms, columns: dict[str, Any]) -> tuple[Numbers, Numbers]:
        """Write down promises and their ends; return the instants and the local days they are due in the end."""
        log, every = self.log, np.ones(len(terms.at), bool)
        if terms.due_on is None:
            due = log.utc(terms.at) + terms.due_after
            log.add("promise.made", **terms.some(every, at=terms.at), due_at=due, **columns)
            due_on = log.clock.day(due.astype("datetime64[s]")).astype(np.int64)
        else:
            due_on = terms.due_on
            due = self._over(due_on)
            log.add("promise.made", **terms.some(every, at=terms.at), due_at=due, due_on=due_on, **columns)
            if terms.moved_at is not None and terms.moved_to is not None:
                moved = terms.moved_at < NEVER
                due_on = np.where(moved, terms.moved_to, due_on)
                due = self._over(due_on)
                about = terms.some(moved, at=terms.moved_at)
                log.add("promise.renegotiated", **about, due_at=due[moved], due_on=due_on[moved])
        for kind, at in (("promise.kept", terms.kept_at), ("promise.released", terms.released_at)):
            if at is not None:
                log.add(kind, **terms.some(at < NEVER, at=at))
        return due, due_on

    def _over(self, day: Numbers) -> Numbers:
        return self.log.utc((day + 1) * DAY_SECONDS)

    def _felt(self, terms: Terms, *, in_time: Flags, forgone: Flags, due_day: Numbers) -> LetDown:
        """Have users feel promises kept, not kept and made good, each on its day."""
        trust, size = self.log.trust, SIZES[terms.kind]
        kept_day = self.log.day(terms.kept_at)
        trust.count("kept", terms.users[in_time], day=kept_day[in_time])
        missed = ~in_time & ~forgone
        trust.count("let_down", terms.users[missed], day=due_day[missed], size=size)
        trust.count("made_good", terms.users[missed], day=kept_day[missed], size=size)
        return LetDown(
            kind=terms.kind,
            subject=terms.subject,
            users=terms.users[missed],
            numbers=terms.numbers[missed],
            day=due_day[missed],
        )
