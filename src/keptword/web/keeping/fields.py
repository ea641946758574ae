"""Reads the fields of forms about promises: when something is due, money, choices; says at the field what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from keptword.core.calendars import zone
from keptword.core.calendars.zones import end_of_day, instant_of
from keptword.web.keeping.standing import Moment
from keptword.words import Words, without_marks

LONGEST: Final = 500
"""Characters a short text may have."""

FARTHEST: Final = timedelta(days=3653)
"""Promised farther ahead than this, it is a slip of the pen."""

_AMOUNT: Final = re.compile(r"\d{1,12}(?:[.,]\d{1,2})?", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_HOUR: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?", re.ASCII)
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Due:
    """When something is due: the instant, and the day where no hour is named."""

    at: datetime
    on: date | None


@dataclass(frozen=True)
class Money:
    """An amount as the door takes it, and its currency."""

    amount: str
    currency: str


class Fields:
    """The fields of one form as they were sent, and the sentences about those that cannot be taken."""

    def __init__(self, sent: Mapping[str, str], *, words: Words, moment: Moment) -> None:
        self._sent = sent
        self.words = words
        self.moment = moment
        self.troubles: dict[str, str] = {}

    def text(self, name: str, *, longest: int = LONGEST, needed: str = "") -> str:
        """Return a text, trimmed; one that is too long, or missing though `needed` (the sentence's key), is refused."""
        written = _UNSEEN.sub("", self._sent.get(name, "").replace("\r\n", "\n")).strip()
        if len(written) > longest:
            self.refuse(name, "promises.too_long", count=longest, there=len(written))
        elif needed and not written:
            self.refuse(name, needed)
        return written

    def choice(self, name: str, choices: Iterable[str], *, needed: str) -> str:
        """Return one of some choices; anything else is refused with the sentence of the key `needed`."""
        written = self._sent.get(name, "")
        if written not in choices:
            self.refuse(name, needed)
        return written

    def ticked(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return bool(self._sent.get(name))

    def due(self, day: str, hour: str, *, needed: bool) -> Due | None:
        """Return when something is due by the fields of its day and its hour; None where neither is told.

        A moment that has passed is refused: a promise cannot be due before it was made.
        """
        on = self._day(day, needed=needed)
        clock = self._hour(hour)
        if on is None:
            if clock is not None and day not in self.troubles:
                self.refuse(day, "promises.hour_without_day")
            return None
        if clock is None:
            if hour in self.troubles:
                return None
            if on < self.moment.today:
                self.refuse(day, "promises.past_day", day=self.words.day(on))
                return None
            return Due(_aware(end_of_day(on, self.moment.timezone)), on)
        at = _aware(instant_of(datetime.combine(on, clock), zone(self.moment.timezone)))
        if at <= self.moment.now:
            self.refuse(hour, "promises.past_hour", day=self.words.day(on), time=f"{clock:%H:%M}")
            return None
        return Due(at, None)

    def money(self, amount: str, currency: str, *, usual: str) -> Money | None:
        """Return the money that two fields name, None where they name none; in the `usual` currency by itself."""
        written = self._sent.get(amount, "").strip().replace("\u00a0", "").replace(" ", "")
        if not written:
            return None
        if not _AMOUNT.fullmatch(written):
            self.refuse(amount, "promises.no_amount")
            return None
        code = self._sent.get(currency, "").strip().upper() or usual
        if not _CURRENCY.fullmatch(code):
            self.refuse(currency, "promises.no_currency")
            return None
        return Money(written.replace(",", "."), code)

    def refuse(self, name: str, key: str, /, *, count: float | None = None, **values: object) -> None:
        """Say at a field why it cannot be taken; the first reason stands."""
        self.troubles.setdefault(name, without_marks(self.words.say(key, count=count, **values)))

    def _day(self, name: str, *, needed: bool) -> date | None:
        written = self._sent.get(name, "").strip()
        if not written:
            if needed:
                self.refuse(name, "promises.no_day")
            return None
        try:
            found = date.fromisoformat(written)
        except ValueError:
            self.refuse(name, "promises.not_a_day", text=written[:40])
            return None
        if found - self.moment.today > FARTHEST:
            self.refuse(name, "promises.far_day", day=self.words.day(found))
            return None
        return found

    def _hour(self, name: str) -> time | None:
        written = self._sent.get(name, "").strip()
        if not written:
            return None
        match = _HOUR.fullmatch(written)
        if match is None:
            self.refuse(name, "promises.not_an_hour", text=written[:20])
            return None
        return time(int(match[1]), int(match[2]))


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)
