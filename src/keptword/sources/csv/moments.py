"""When something happened, as a cell says it: by the formats of the mapping, in a time zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast
from zoneinfo import ZoneInfo

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, StringValue, TimestampValue

from keptword.core.calendars.zones import FIRST_DAY, LAST_DAY, zone
from keptword.engines.functions import instant_to_local, local_to_instant, try_strptime
from keptword.sources.cells import Moment

_CLOCK: Final = frozenset("HIMSf")
_ISO: Final = (
    r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|GMT|[-+]\d{2}(?::?\d{2})?))?)?$"
)
_OFFSET: Final = r"[ \d](Z|UTC|GMT|[-+]\d{2}(?::?\d{2})?)$"
_SAMPLE: Final = datetime(2031, 12, 31, 14, 22, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Zones:
    """In which time zone stamps without an offset are written, and in which the business lives; None is not known."""

    stamps: str | None = None
    business: str | None = None


@dataclass(frozen=True)
class Seen:
    """What a cell says: what the clock showed (`wall`, NULL where unreadable), minutes east of UTC where it says so,
    and whether it names a mere day."""

    wall: TimestampValue
    offset: IntegerValue
    is_day: BooleanValue


def has_clock(written: str) -> bool:
    """Say whether a date format names an hour."""
    return bool(_CLOCK & set(re.findall(r"%-?(.)", written)))


def has_offset(written: str) -> bool:
    """Say whether a date format names an offset from UTC."""
    return "%z" in written


def example(formats: Sequence[str]) -> str:
    """Return how a date looks in the formats, for sentences."""
    shown = []
    for written in formats:
        match written:
            case "iso":
                shown.append("2031-12-31 or 2031-12-31 14:22:10")
            case "unix":
                shown.append("1956490930 (seconds since 1970)")
            case "unix_ms":
                shown.append("1956490930000 (milliseconds since 1970)")
            case _:
                shown.append(_SAMPLE.strftime(written))
    return " or ".join(shown)


def read_moment(cell: StringValue, *, formats: Sequence[str], zones: Zones) -> Seen:
    """Read a cell in the first format that fits; years outside those that calendars count fit none."""
    nothing = ibis.null("timestamp(6)")
    walls: list[TimestampValue] = [nothing]
    offsets: list[IntegerValue] = [ibis.null("int32")]
    days: list[BooleanValue] = []
    for group in _grouped(formats):
        if group == ("iso",):
            wall, offset = _iso(cell)
            days.append(cell.length() <= len("2031-12-31"))
        elif group[0] in ("unix", "unix_ms"):
            wall, offset = _since_1970(cell, 1 if group[0] == "unix" else 1000)
        elif has_offset(group[0]):
            wall, offset = _with_offset(cell, group)
        else:
            wall, offset = try_strptime(cell, ibis.array(list(group))), ibis.null("int32")
            if not has_clock(group[0]):
                days.append(wall.notnull())
        wall = _counted(wall)
        walls.append(wall)
        offsets.append(wall.notnull().ifelse(offset, None))
    is_day = ibis.literal(False)
    for one in days:
        is_day = is_day | one.coalesce(False)
    return Seen(
        wall=cast(TimestampValue, ibis.coalesce(*walls[1:])),
        offset=cast(IntegerValue, ibis.coalesce(*offsets[1:])),
        is_day=is_day,
    )


def _grouped(formats: Sequence[str]) -> list[tuple[str, ...]]:
    """Put formats of one nature that follow each other together, so that one reading tries them all."""
    groups: list[tuple[str, ...]] = []
    for written in formats:
        last = groups[-1] if groups else ()
        if last and "%" in written and "%" in last[0] and _nature(written) == _nature(last[0]):
            groups[-1] = (*last, written)
        else:
            groups.append((written,))
    return groups


def _nature(written: str) -> tuple[bool, ...]:
    # %Y takes "31" for the year 31, so a %y must get its own turn after it.
    return has_clock(written), has_offset(written), "%Y" in written


def _counted(wall: TimestampValue) -> TimestampValue:
    inside = wall.between(ibis.literal(datetime(FIRST_DAY.year, 1, 2)), ibis.literal(datetime(LAST_DAY.year, 12, 30)))
    return cast(TimestampValue, inside.ifelse(wall, None))


def _iso(cell: StringValue) -> tuple[TimestampValue, IntegerValue]:
    is_iso = cell.re_search(_ISO)
    bare = cell.re_replace(r"(?: ?(?:Z|UTC|GMT)|(:\d{2}(?:[.,]\d+)?) ?[-+]\d{2}(?::?\d{2})?)$", r"\1").replace(",", ".")
    day = cell.length() <= len("2031-12-31")
    wall = ibis.cases((day & is_iso, cell.try_cast("timestamp(6)")), (is_iso, bare.try_cast("timestamp(6)")), else_=None)
    return cast(TimestampValue, wall), cast(IntegerValue, day.ifelse(None, _offset(cell)))


def _offset(cell: StringValue) -> IntegerValue:
    """Return the minutes east of UTC that a stamp ends with, or nothing."""
    tail = cell.re_extract(_OFFSET, 1)
    digits = tail.replace(":", "")
    sign = (digits.left(1) == "-").ifelse(-1, 1)
    minutes = sign * (
        digits.substr(1, 2).try_cast("int32") * 60 + digits.substr(3, 2).try_cast("int32").coalesce(0)
    )
    return cast(
        IntegerValue,
        ibis.cases((tail.isin(["Z", "UTC", "GMT"]), 0), (tail != "", minutes), else_=None).cast("int32"),
    )


def _with_offset(cell: StringValue, formats: tuple[str, ...]) -> tuple[TimestampValue, IntegerValue]:
    # The offset is read apart, because the engine would answer with the instant and forget the clock.
    bare = cell.re_replace(r"(\d) ?(?:Z|UTC|GMT|[-+]\d{2}(?::?\d{2})?)$", r"\1")
    clocks = [re.sub(r"\s*%z$", "", written) for written in formats]
    offset = _offset(cell)
    return cast(TimestampValue, offset.notnull().ifelse(try_strptime(bare, ibis.array(clocks)), None)), offset


def _since_1970(cell: StringValue, per_second: int) -> tuple[TimestampValue, IntegerValue]:
    number = cell.try_cast("float64")
    inside = (number.abs() < 1e10 * per_second).ifelse(number, None)
    micros = (inside * (1_000_000 // per_second)).round().cast("int64")
    wall = ibis.literal(datetime(1970, 1, 1)) + micros.as_interval("us")
    return cast(TimestampValue, wall), ibis.literal(0, "int32")


def moment(seen: Seen, *, zones: Zones, only_day: bool = False) -> tuple[Moment, BooleanValue]:
    """Return the moment a cell says, and whether clocks never showed it.

    A stamp without an offset is local to the zone of the stamps, or UTC. A time skipped when clocks go forward is
    read as an hour later. A mere day begins at the business's midnight and has no clock.
    """
    naive = to_instant(seen.wall, zones.stamps)
    told = seen.wall - seen.offset.coalesce(0).cast("int64").as_interval("m")
    at = seen.offset.isnull().ifelse(naive, told) if zones.stamps else told
    if zones.business:
        local = to_local(at, zones.business)
    else:
        local = seen.wall
    back = to_local(naive, zones.stamps)
    is_gap = seen.offset.isnull() & ~seen.is_day & (back != seen.wall) if _jumps(zones.stamps) else ibis.literal(False)
    day = seen.is_day.ifelse(seen.wall.date(), local.date())
    is_day = ibis.literal(True) if only_day else seen.is_day
    seconds = (local.hour() * 3600 + local.minute() * 60 + local.second()).cast("int32")
    begins = to_instant(day.cast("timestamp(6)"), zones.business or zones.stamps)
    found = Moment(
        at=cast(TimestampValue, is_day.ifelse(begins, at)),
        on=day,
        clock_seconds=cast(IntegerValue, is_day.ifelse(None, seconds)),
    )
    return found, is_gap & ~is_day


def end_of(day: ibis.expr.types.DateValue, *, zones: Zones) -> TimestampValue:
    """Return the last microsecond of a local day."""
    following = (day + ibis.interval(days=1)).cast("timestamp(6)")
    return to_instant(following, zones.business or zones.stamps) - ibis.interval(microseconds=1)


def _jumps(name: str | None) -> bool:
    return name is not None and isinstance(zone(name), ZoneInfo)


def to_instant(wall: TimestampValue, name: str | None) -> TimestampValue:
    """Return the instant (UTC) at which clocks in a time zone show a local time; of two showings the later."""
    if name is None:
        return wall
    local = zone(name)
    if isinstance(local, ZoneInfo):
        return cast(TimestampValue, local_to_instant(ibis.literal(local.key), wall).cast("timestamp(6)"))
    return cast(TimestampValue, wall - _fixed(name))


def to_local(at: TimestampValue, name: str | None) -> TimestampValue:
    """Return what clocks in a time zone show at an instant given in UTC."""
    if name is None:
        return at
    local = zone(name)
    if isinstance(local, ZoneInfo):
        utc = local_to_instant(ibis.literal("UTC"), at)
        return cast(TimestampValue, instant_to_local(ibis.literal(local.key), utc))
    return cast(TimestampValue, at + _fixed(name))


def _fixed(name: str) -> ibis.expr.types.IntervalScalar:
    offset = zone(name).utcoffset(None)
    return ibis.interval(seconds=int(offset.total_seconds()) if offset else 0)
