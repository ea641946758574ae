"""What single cells of an export say: moments, amounts, people; as expressions over text columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import ibis
from ibis.expr.types import BooleanValue, DateValue, DecimalValue, IntegerValue, StringValue, TimestampValue

from keptword.core.schema import DECIMAL
from keptword.engines.functions import instant_to_local, local_to_instant, sha256


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
    """Return the minutes east of UTC that a stamp ends with (`-0500`, `+05:30`, `Z`, `UTC`), or nothing."""
    tail = stamp.right(6).replace(":", "").right(5)
    sign = (tail.left(1) == "-").ifelse(-1, 1)
    minutes = sign * (tail.substr(1, 2).try_cast("int32") * 60 + tail.substr(3, 2).try_cast("int32"))
    signed = tail.left(1).isin(["+", "-"]) & (stamp.length() > 12)
    return cast(IntegerValue, ibis.ifelse(signed, minutes, stamp.right(1).isin(["Z", "C"]).ifelse(0, None)))


def moment(stamp: StringValue, *, timezone: str | None) -> Moment:
    """Read an ISO stamp with or without an offset (`2031-03-01 14:22:10 -0500`, `2031-03-01T14:22:10Z`).

    The local day and clock are those of `timezone` (a name such as Europe/Berlin) where given, else those
    of the stamp's own offset. A stamp without offset is local to `timezone`, or UTC. Empty where unreadable.
    """
    written = stamp.substr(0, 19).try_cast("timestamp(6)")
    offset = offset_minutes(stamp)
    shifted = written - offset.coalesce(0).as_interval("m")
    if timezone is None:
        return of_local(written, at=shifted)
    zoned = local_to_instant(ibis.literal(timezone), written).cast("timestamp(6)")
    at = offset.isnull().ifelse(zoned, shifted)
    return of_local(local(at, timezone=timezone), at=at)


def local(at: TimestampValue, *, timezone: str) -> TimestampValue:
    """Return what the clocks of a named time zone showed at an instant given in UTC."""
    return cast(TimestampValue, instant_to_local(ibis.literal(timezone), local_to_instant(ibis.literal("UTC"), at)))


def of_local(shown: TimestampValue, *, at: TimestampValue) -> Moment:
    """Return the moment whose local clock showed `shown` at the instant `at`."""
    seconds = shown.hour() * 3600 + shown.minute() * 60 + shown.second()
    return Moment(at=at, on=shown.date(), clock_seconds=seconds.cast("int32"))


def amount(cell: StringValue) -> DecimalValue:
    """Read a number as shops write it in exports: a dot for the decimals; empty where it is none."""
    return cast(DecimalValue, cell.try_cast(DECIMAL))


def pseudonym(identity: StringValue, *, key: str) -> StringValue:
    """Return a keyed digest of who somebody is, 24 hexadecimal digits; empty where nobody is named.

    The key stays on the owner's computer: without it the digest can neither be reversed nor guessed at.
    Digested twice, as HMAC does, so that the key cannot be extended.
    """
    inner = sha256(ibis.literal(key) + identity.strip().lower())
    digest = sha256(ibis.literal(key) + inner).left(24)
    return cast(StringValue, (identity.strip().length() > 0).ifelse(digest, None))
