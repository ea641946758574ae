"""When something happened, as a cell says it: by the formats of the mapping, in a time zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, reduce
from typing import Final, cast
from zoneinfo import ZoneInfo

import ibis
from ibis.expr.types import BooleanValue, DateValue, IntegerValue, StringValue, TimestampValue

from keptword.core.calendars.zones import FIRST_DAY, LAST_DAY, zone
from keptword.engines.functions import instant_to_local, local_to_instant, try_strptime
from keptword.sources.cells import Moment

_CLOCK: Final = frozenset("HIMSf")
_ZONE: Final = r"Z|UTC|GMT|[-+]\d{2}(?::?\d{2})?"
_PLAIN: Final = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?"
_ISO: Final = rf"^\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}[T ]\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d{{1,9}})?)? ?(?:{_ZONE})?$"
_TAIL: Final = rf"(:\d{{2}}(?:[.,]\d+)?) ?(?:{_ZONE})$"
_OFFSET: Final = rf"[ \d]({_ZONE})$"
_EPOCH: Final = datetime(1970, 1, 1)
_SAMPLE: Final = datetime(2031, 12, 31, 14, 22, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Zones:
    """In which time zone stamps without an offset are written, and in which the business lives; None is not known."""

    stamps: str | None = None
    business: str | None = None


@dataclass(frozen=True)
class Seen:
    """What a cell says: what the clock showed (`wall`, NULL where unreadable), minutes east of UTC where it says so,
    whether it names a mere day, and whether by its formats it may have an offset at all."""

    wall: TimestampValue
    offset: IntegerValue
    is_day: BooleanValue
    may_have_offset: bool = True


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
                shown.append("1956493330 (seconds since 1970)")
            case "unix_ms":
                shown.append("1956493330000 (milliseconds since 1970)")
            case _:
                shown.append(_SAMPLE.strftime(written.replace("%-", "%")))
    return " or ".join(shown)


def read_moment(cell: StringValue, *, formats: Sequence[str]) -> Seen:
    """Read a cell in the first format that fits; years outside those that calendars count fit none."""
    return counted(first_reading(cell, formats=formats))


def first_reading(cell: StringValue, *, formats: Sequence[str]) -> Seen:
    """Read a cell in the first format that fits, whatever the year; `counted` comes after it."""
    walls: list[TimestampValue] = []
    offsets: list[IntegerValue] = []
    days: list[BooleanValue] = []
    groups = _grouped(formats)
    for group in groups:
        offset: IntegerValue = ibis.null("int32")
        if group == ("iso",):
            wall, offset = _iso(cell)
            days.append(cell.length() <= len("2031-12-31"))
        elif group[0] in ("unix", "unix_ms"):
            wall, offset = _since_1970(cell, 1 if group[0] == "unix" else 1000)
        elif has_offset(group[0]):
            wall, offset = _with_offset(cell, group)
        else:
            wall = try_strptime(cell, ibis.array(list(group)))
            if not has_clock(group[0]):
                days.append(wall.notnull())
        # %Y takes "31" for the year 31; only where formats follow does that have to give way at once.
        walls.append(wall if group == groups[-1] else _inside(wall))
        offsets.append(offset)
    is_day = reduce(lambda a, b: a | b, [day.coalesce(False) for day in days]) if days else ibis.literal(False)
    return Seen(
        wall=cast(TimestampValue, ibis.coalesce(*walls)),
        offset=cast(IntegerValue, ibis.coalesce(*offsets)),
        is_day=is_day,
        may_have_offset=may_have_offset(formats),
    )


def may_have_offset(formats: Sequence[str]) -> bool:
    """Say whether a cell in one of the formats may say how far from UTC it is."""
    return any("%" not in written or has_offset(written) for written in formats)


def counted(seen: Seen) -> Seen:
    """Return a reading, or an empty one where its year is none that calendars count."""
    return replace(seen, wall=_inside(seen.wall))


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


def _inside(wall: TimestampValue) -> TimestampValue:
    inside = wall.between(ibis.literal(datetime(FIRST_DAY.year, 1, 2)), ibis.literal(datetime(LAST_DAY.year, 12, 30)))
    return cast(TimestampValue, inside.ifelse(wall, None))


def _iso(cell: StringValue) -> tuple[TimestampValue, IntegerValue]:
    is_plain, is_iso = cell.re_search(_PLAIN + "$"), cell.re_search(_ISO)
    bare = cell.re_replace(_TAIL, r"\1").replace(",", ".")
    wall = ibis.cases((is_plain, cell.try_cast("timestamp(6)")), (is_iso, bare.try_cast("timestamp(6)")), else_=None)
    offset = ibis.cases((is_plain, None), (is_iso, _offset(cell)), else_=None)
    return cast(TimestampValue, wall), cast(IntegerValue, offset)


def _offset(cell: StringValue) -> IntegerValue:
    """Return the minutes east of UTC that a stamp ends with, or nothing."""
    tail = cell.re_extract(_OFFSET, 1)
    digits = tail.replace(":", "")
    sign = (digits.left(1) == "-").ifelse(-1, 1)
    minutes = sign * (digits.substr(1, 2).try_cast("int32") * 60 + digits.substr(3, 2).try_cast("int32").coalesce(0))
    return cast(
        IntegerValue,
        ibis.cases((tail.isin(["Z", "UTC", "GMT"]), 0), (tail != "", minutes), else_=None).cast("int32"),
    )


def _with_offset(cell: StringValue, formats: tuple[str, ...]) -> tuple[TimestampValue, IntegerValue]:
    # The offset is read apart, because the engine would answer with the instant and forget the clock.
    bare = cell.re_replace(rf"(\d|[AaPp][Mm]) ?(?:{_ZONE})$", r"\1")
    clocks = [re.sub(r"\s*%z$", "", written) for written in formats]
    offset = _offset(cell)
    wall = offset.notnull().ifelse(try_strptime(bare, ibis.array(clocks)), None)
    return cast(TimestampValue, wall), cast(IntegerValue, wall.notnull().ifelse(offset, None))


def _since_1970(cell: StringValue, per_second: int) -> tuple[TimestampValue, IntegerValue]:
    number = cell.try_cast("float64")
    inside = (number.abs() < 1e10 * per_second).ifelse(number, None)
    micros = (inside * (1_000_000 // per_second)).round().cast("int64")
    wall = ibis.literal(_EPOCH) + micros.as_interval("us")
    return cast(TimestampValue, wall), cast(IntegerValue, number.notnull().ifelse(ibis.literal(0, "int32"), None))


@dataclass(frozen=True)
class Placed:
    """A reading placed in time: the instant (UTC), what the business's clocks showed, what those of the stamps did."""

    at: TimestampValue
    local: TimestampValue
    back: TimestampValue


def placed(seen: Seen, *, zones: Zones) -> Placed:
    """Place a reading in time: without an offset it is local to the zone of the stamps, or UTC.

    A time skipped when clocks go forward is read as an hour later: `back` then differs from what was read.
    """
    naive = to_instant(seen.wall, zones.stamps)
    back = _shown(seen.wall, naive, zones.stamps)
    if not seen.may_have_offset:
        local = back if zones.business in (None, zones.stamps) else to_local(naive, zones.business)
        return Placed(naive, local, back)
    told = seen.wall - seen.offset.coalesce(0).cast("int64").as_interval("m")
    at = cast(TimestampValue, seen.offset.isnull().ifelse(naive, told)) if zones.stamps else told
    local = to_local(at, zones.business) if zones.business else seen.wall
    return Placed(at, local, back)


def _shown(wall: TimestampValue, instant: TimestampValue, name: str | None) -> TimestampValue:
    """Return what the clocks showed at the instant a local time was taken for: another time, where that was skipped.

    To ask the engine costs as much as all else about a moment, so it is asked only for hours that may be skipped.
    """
    months, hours = skipped(name)
    if not months:
        return wall
    may_be = wall.month().isin(months) & wall.hour().isin(hours)
    return cast(TimestampValue, may_be.ifelse(to_local(instant, name), wall))


@cache
def skipped(name: str | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the months and the hours in which clocks of a time zone ever skip an hour, since 1970."""
    local = zone(name)
    if not isinstance(local, ZoneInfo):
        return (), ()
    months, hours = set(), set()
    for day in range((datetime(2100, 1, 1) - _EPOCH).days):
        begins = _EPOCH + timedelta(days=day)
        if _east(begins + timedelta(days=1), local) > _east(begins, local):
            for hour in range(24):
                wall = begins + timedelta(hours=hour)
                there = wall.replace(tzinfo=local).astimezone(UTC).astimezone(local).replace(tzinfo=None)
                if there != wall:
                    months.add(wall.month)
                    hours.add(hour)
    return tuple(sorted(months)), tuple(sorted(hours))


def _east(wall: datetime, local: ZoneInfo) -> timedelta:
    return wall.replace(tzinfo=local).utcoffset() or timedelta()


def moment(seen: Seen, where: Placed, *, zones: Zones, only_day: bool = False) -> tuple[Moment, BooleanValue]:
    """Return the moment a cell says, and whether clocks never showed it.

    A mere day begins at the business's midnight and has no clock.
    """
    day = cast(DateValue, seen.is_day.ifelse(seen.wall.date(), where.local.date()))
    is_day = ibis.literal(True) if only_day else seen.is_day
    seconds = where.local.hour() * 3600 + where.local.minute() * 60 + where.local.second()
    begins = to_instant(day.cast("timestamp(6)"), zones.business or zones.stamps)
    found = Moment(
        at=cast(TimestampValue, is_day.ifelse(begins, where.at)),
        on=day,
        clock_seconds=cast(IntegerValue, is_day.ifelse(None, seconds.cast("int32"))),
    )
    is_gap = seen.offset.isnull() & ~is_day & (where.back != seen.wall) if _jumps(zones.stamps) else ibis.literal(False)
    return found, cast(BooleanValue, is_gap)


def end_of(day: DateValue, *, zones: Zones) -> TimestampValue:
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
