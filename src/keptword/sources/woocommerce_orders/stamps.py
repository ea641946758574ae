"""Reads WooCommerce's moments: the shop's local time without an offset, and in JSON the same in UTC beside it."""

from __future__ import annotations

from typing import Final, cast

import ibis
from ibis.expr.types import IntegerValue, StringValue, TimestampValue

from keptword.engines.functions import local_to_instant, regexp_matches, try_strptime
from keptword.sources import cells

FORMATS: Final = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y-%m-%d %I:%M %p",
    "%d.%m.%Y %I:%M %p",
    "%B %d, %Y %I:%M %p",
)
"""How the plug-ins can write moments, beside ISO. Day or month first is never guessed: so no `03/04/2031`."""

_MERE_DAY: Final = 10
_ISO: Final = r"^\d{4}[-/]\d\d?[-/]\d\d?([ T]\d\d?:\d\d(:\d\d)?)?$"


def shown(stamp: StringValue) -> TimestampValue:
    """Return the local time a stamp shows, or nothing where it is none."""
    # Nearly all are ISO, and casting costs a tenth of trying formats. Both also take words such as "infinity".
    iso = regexp_matches(stamp, _ISO).ifelse(stamp, None).try_cast("timestamp(6)")
    other = regexp_matches(stamp, r"\d{4}").ifelse(stamp, None)
    return cast(TimestampValue, iso.coalesce(try_strptime(other, ibis.array(list(FORMATS)))))


def moment(stamp: StringValue, utc: StringValue, *, timezone: str | None) -> cells.Moment:
    """Read a moment from its local stamp, and from the one in UTC where there is one.

    A local stamp alone is read on the clocks of `timezone`; where none is given as if it were UTC, so that its day
    and clock are right. A stamp that names a day alone has no clock.
    """
    local, exact = shown(stamp), shown(utc)
    zoned = local if timezone is None else local_to_instant(ibis.literal(timezone), local).cast("timestamp(6)")
    at = cast(TimestampValue, exact.coalesce(zoned))
    clock = local.coalesce(exact) if timezone is None else cells.local(at, timezone=timezone)
    found = cells.of_local(cast(TimestampValue, clock), at=at)
    is_day = exact.isnull() & (stamp.strip().length() <= _MERE_DAY)
    return cells.Moment(at, found.on, cast(IntegerValue, is_day.ifelse(None, found.clock_seconds)))


def offset(stamp: StringValue, utc: StringValue) -> IntegerValue:
    """Return the minutes east of UTC between a local stamp and the same moment in UTC, where both are there."""
    apart = shown(stamp).epoch_seconds() - shown(utc).epoch_seconds()
    return cast(IntegerValue, (apart // 60).cast("int32"))
