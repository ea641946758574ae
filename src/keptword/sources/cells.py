"""What single cells of an export say: moments, amounts, people; as expressions over text columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from typing import Final, cast
from zoneinfo import ZoneInfo

import ibis
from ibis.expr.types import (
    BooleanValue,
    DateValue,
    DecimalValue,
    IntegerValue,
    IntervalScalar,
    StringValue,
    TimestampValue,
)

from keptword.core.calendars.zones import zone
from keptword.core.schema import DECIMAL
from keptword.engines.functions import instant_to_local, local_to_instant, sha256

_USUAL: Final = "2031-03-01 14:22:10 -0500"
_YEAR: Final = r"(?:199\d|20\d\d|2100)"
"""What lies outside is a slip of the pen, or a program's way of saying "never"."""

_ZONE: Final = r"Z|UTC|GMT|[-+](?:0\d|1[0-4])(?::?[0-5]\d)?"
_CLOCK: Final = r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
_ISO: Final = rf"^({_YEAR}(?:-\d{{1,2}}-|/\d{{1,2}}/)\d{{1,2}}(?:{_CLOCK})?) ?(?:{_ZONE})?$"
_DOTTED: Final = rf"^(\d{{1,2}})\.(\d{{1,2}})\.({_YEAR})((?:{_CLOCK})?) ?(?:{_ZONE})?$"
_OFFSET: Final = rf"\d:\d{{2}}(?:[.,]\d{{1,9}})? ?({_ZONE})$"

_PLAIN_NUMBER: Final = r"^[-+]?(?:\d+(?:\.\d*)?|\.\d+)$"
_AROUND_NUMBER: Final = r"^(?:[A-Z]{3}|[$€£¥₹])[ \x{a0}]*|[ \x{a0}]*(?:[A-Z]{3}|[$€£¥₹])$"
_GROUPED_BY_COMMAS: Final = r"^[-+]?\d{1,3}(?:(?:,\d{2,3})*,\d{3}\.\d*|(?:,\d{2,3})+,\d{3})$"
_DECIMALS_BY_COMMA: Final = r"^[-+]?(?:\d+|\d{1,3}(?:[. '\x{a0}\x{202f}]\d{3})+),\d{1,2}$"


@dataclass(frozen=True)
class Moment:
    """A moment three ways: the instant (UTC), the business's local day, and its clock in seconds of that day."""

    at: TimestampValue
    on: DateValue
    clock_seconds: IntegerValue

    def or_else(self, other: Moment) -> Moment:
        """Return this moment, or the other one where this one is empty."""
        return Moment(
            at=self.at.coalesce(other.at),
            on=self.on.coalesce(other.on),
            clock_seconds=self.at.isnull().ifelse(other.clock_seconds, self.clock_seconds),
        )

    def where(self, condition: BooleanValue) -> Moment:
        """Return this moment where the condition holds, else an empty one."""
        at = cast(TimestampValue, condition.ifelse(self.at, None))
        return Moment(at=at, on=self.on, clock_seconds=self.clock_seconds)


def offset_minutes(stamp: StringValue) -> IntegerValue:
    """Return the minutes east of UTC that a stamp ends with (`-0500`, `+05:30`, `+01`, `Z`, `UTC`), or nothing."""
    written = stamp.re_extract(_OFFSET, 1).replace(":", "")
    unusual = written.re_replace("^(?:Z|UTC|GMT)$", "0").re_replace(r"^([-+]\d\d)$", r"\100")
    plain = _is_usual(stamp).ifelse(stamp.substr(20, 5), unusual)
    # Named as seldom as can be: an expression grows with each time it names another.
    hours_minutes = plain.try_cast("int32")
    minutes = hours_minutes % 100
    return cast(IntegerValue, ((hours_minutes - minutes) * 6 // 10 + minutes).cast("int32"))


def _is_usual(stamp: StringValue) -> BooleanValue:
    # Nearly all stamps are written so, and comparing letters costs far less than a pattern.
    is_offset = stamp.substr(19, 2).isin([" +", " -"]) & (stamp.substr(21, 2) <= "14")
    return (stamp.length() == len(_USUAL)) & (stamp.left(2) == "20") & is_offset


def clock_shown(stamp: StringValue) -> TimestampValue:
    """Return what the clock showed, from a stamp in one of the unmistakable ways to write one; else nothing."""
    iso = stamp.re_extract(_ISO, 1).replace("/", "-").replace(",", ".")
    # The day before the month: where dots part them nobody writes it otherwise.
    dotted = stamp.re_replace(_DOTTED, r"\3-\2-\1\4")
    written = ibis.cases((_is_usual(stamp), stamp.left(19)), (stamp.re_search(_DOTTED), dotted), else_=iso.nullif(""))
    return cast(TimestampValue, written.try_cast("timestamp(6)"))


def moment(stamp: StringValue, *, timezone: str | None) -> Moment:
    """Read a stamp with or without an offset (`2031-03-01 14:22:10 -0500`, `2031-03-01T14:22:10Z`, `01.03.2031 14:22`).

    The local day and clock are those of `timezone` (a name such as Europe/Berlin, or +01:00) where given, else those
    of the stamp's own offset. A stamp without offset is local to `timezone`, or UTC. Empty where unreadable: where
    the day is not on the calendar, could be meant otherwise (03/04/2031), or lies outside 1990 to 2100.
    """
    return moment_of(clock_shown(stamp), offset=offset_minutes(stamp), is_day=names_a_day(stamp), timezone=timezone)


def names_a_day(stamp: StringValue) -> BooleanValue:
    """Say whether a stamp names a day and no hour."""
    return cast(BooleanValue, stamp.length() <= len("2031-03-01"))


def moment_of(shown: TimestampValue, *, offset: IntegerValue, is_day: BooleanValue, timezone: str | None) -> Moment:
    """Return the moment at which clocks `offset` minutes east of UTC showed a time; a mere day has no clock.

    What `moment` makes of a stamp, in a step of its own: where many stamps are read, an expression over what the
    first step has stored is far shorter.
    """
    at = cast(TimestampValue, shown - offset.coalesce(0).as_interval("m"))
    if timezone is not None:
        at = cast(TimestampValue, offset.isnull().ifelse(instant(shown, timezone=timezone), at))
        shown = local(at, timezone=timezone)
    found = of_local(shown, at=at)
    return replace(found, clock_seconds=cast(IntegerValue, is_day.ifelse(None, found.clock_seconds)))


def instant(shown: TimestampValue, *, timezone: str) -> TimestampValue:
    """Return the instant, UTC, at which the clocks of a time zone (a name or a fixed offset) showed a local time."""
    found = zone(timezone)
    if isinstance(found, ZoneInfo):
        return cast(TimestampValue, local_to_instant(ibis.literal(found.key), shown).cast("timestamp(6)"))
    return cast(TimestampValue, shown - _fixed(found))


def local(at: TimestampValue, *, timezone: str) -> TimestampValue:
    """Return what the clocks of a time zone (a name or a fixed offset) showed at an instant given in UTC."""
    found = zone(timezone)
    if isinstance(found, ZoneInfo):
        utc = local_to_instant(ibis.literal("UTC"), at)
        return cast(TimestampValue, instant_to_local(ibis.literal(found.key), utc))
    return cast(TimestampValue, at + _fixed(found))


def _fixed(offset: tzinfo) -> IntervalScalar:
    east = offset.utcoffset(None) or timedelta()
    return ibis.interval(seconds=int(east.total_seconds()))


def of_local(shown: TimestampValue, *, at: TimestampValue) -> Moment:
    """Return the moment whose local clock showed `shown` at the instant `at`."""
    seconds = shown.hour() * 3600 + shown.minute() * 60 + shown.second()
    return Moment(at=at, on=shown.date(), clock_seconds=seconds.cast("int32"))


def amount(cell: StringValue) -> DecimalValue:
    """Read a number as shops write it in exports, or as a spreadsheet wrote it back; empty where it is none.

    Read are "1234.5", numbers grouped by commas ("1,234.50", "12,34,567.00"), and those with a comma for the decimals
    that can be nothing else ("1.234,50", "37,50"); a currency's sign or code around them is left aside.
    """
    plain = cell.re_search(_PLAIN_NUMBER).ifelse(cell, None).try_cast(DECIMAL)
    bare = cell.re_replace(_AROUND_NUMBER, "")
    grouped = bare.re_search(_GROUPED_BY_COMMAS)
    by_comma = bare.re_search(_DECIMALS_BY_COMMA)
    unusual = ibis.cases(
        (bare.re_search(_PLAIN_NUMBER), bare),
        (grouped, bare.replace(",", "")),
        (by_comma, bare.re_replace(r"[. '\x{a0}\x{202f}]", "").replace(",", ".")),
        else_=None,
    )
    return cast(DecimalValue, plain.coalesce(unusual.try_cast(DECIMAL)))


def pseudonym(identity: StringValue, *, key: str) -> StringValue:
    """Return a keyed digest of who somebody is, 24 hexadecimal digits; empty where nobody is named.

    The key stays on the owner's computer: without it the digest can neither be reversed nor guessed at.
    Digested twice, as HMAC does, so that the key cannot be extended.
    """
    inner = sha256(ibis.literal(key) + identity.strip().lower())
    digest = sha256(ibis.literal(key) + inner).left(24)
    return cast(StringValue, (identity.strip().length() > 0).ifelse(digest, None))
