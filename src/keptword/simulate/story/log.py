"""Gathers what happens to a block of users, kind by kind, and puts it in order as columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from keptword.core.schema import KINDS, PROMISE_KINDS
from keptword.simulate.clock import Clock, Numbers
from keptword.simulate.story.trust import COUNTED_KINDS, STEPS, Trust

KIND_NAMES: Final = tuple(KINDS)
KIND_NUMBER: Final[Mapping[str, int]] = {name: number for number, name in enumerate(KIND_NAMES, start=1)}
PROMISE_NUMBER: Final[Mapping[str, int]] = {name: number for number, name in enumerate(PROMISE_KINDS, start=1)}
SUBJECTS: Final = (
    "order",
    "product",
    "conversation",
    "reward",
    "page",
    "article",
    "subscription",
    "idea",
    "update",
    "consent",
)
CHANNELS: Final = ("web", "shop", "mail", "phone", "wechat", "weibo", "facebook", "store", "event")
CURRENCIES: Final = ("EUR", "CNY", "USD")

DAY_SECONDS: Final = 86_400
NONE: Final = np.iinfo(np.int64).min
"""What stands for an empty cell in a column of whole numbers; texts are numbered from 1 and 0 is empty."""

TYPES: Final[Mapping[str, tuple[Any, Any]]] = {
    "kind": (np.int8, 0),
    "user": (np.int64, NONE),
    "at": (np.int64, NONE),
    "promise": (np.int8, 0),
    "due_at": (np.int64, NONE),
    "due_on": (np.int64, NONE),
    "subject": (np.int8, 0),
    "number": (np.int64, NONE),
    "channel": (np.int8, 0),
    "member": (np.int8, 0),
    "other_user": (np.int64, NONE),
    "amount": (np.int64, NONE),
    "cost": (np.int64, NONE),
    "currency": (np.int8, 0),
    "seconds": (np.float64, np.nan),
    "steps": (np.int64, NONE),
    "score": (np.float64, np.nan),
    "note": (np.int8, 0),
}
"""The columns of what is gathered, and what stands in them where nothing was given."""

Columns = dict[str, NDArray[Any]]
"""Arrays of one length, by name."""


@dataclass
class Log:
    """What happens to one block of users; `at` is the wall clock of the shop in seconds since 1970.

    What moves trust by itself (orders, remedies, steps) is counted as it is written down.
    """

    clock: Clock
    trust: Trust
    first_day: int
    """The story's first day, as days since 1970."""
    parts: list[dict[str, Any]] = field(default_factory=list)
    """What was added: by column, arrays of one length or one value for all."""

    def day(self, at: Numbers) -> Numbers:
        """Return the day of the story of each moment of the wall clock, from 0."""
        return at // DAY_SECONDS - self.first_day

    def utc(self, at: Numbers) -> Numbers:
        """Return the instants (UTC, seconds since 1970) of moments of the wall clock."""
        return self.clock.utc(at.astype("datetime64[s]")).astype(np.int64)

    def add(self, kind: str, users: Numbers | None, *, at: Numbers, **columns: Any) -> None:
        """Write down one fact of the kind for each moment: columns are arrays of the same length, or one value."""
        if not len(at):
            return
        given = {"kind": KIND_NUMBER[kind], "at": at, **columns}
        if users is not None:
            given["user"] = users
            if kind in COUNTED_KINDS:
                self.trust.count(COUNTED_KINDS[kind], users, day=self.day(at))
            if "steps" in given:
                self.trust.count("effort", users, day=self.day(at), size=given["steps"] / STEPS)
        self.parts.append(given)

    def columns(self, *, end: int, first_user: int) -> Columns:
        """Return everything that happened before the instant `end` as columns, oldest first; `at` is UTC now.

        Adds `on` (the local day, as days since 1970) and `clock` (seconds since local midnight); users are
        numbered throughout the story, not within the block.
        """
        lengths = [len(part["at"]) for part in self.parts]
        found: Columns = {}
        for name, (kind, empty) in TYPES.items():
            column = np.full(sum(lengths), empty, kind)
            begin = 0
            for part, length in zip(self.parts, lengths, strict=True):
                if name in part:
                    column[begin : begin + length] = part[name]
                begin += length
            found[name] = column
        found["at"] = self.utc(found["at"])
        order = np.argsort(found["at"], kind="stable")
        order = order[: np.searchsorted(found["at"][order], end)]
        found = {name: column[order] for name, column in found.items()}
        local = self.clock.local(found["at"].astype("datetime64[s]")).astype(np.int64)
        found["on"], found["clock"] = local // DAY_SECONDS, local % DAY_SECONDS
        for name in ("user", "other_user"):
            found[name][found[name] != NONE] += first_user
        return found
