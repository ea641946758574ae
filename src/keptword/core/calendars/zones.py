"""Time zones: read by name, and local wall times turned into instants, clock changes included."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from difflib import get_close_matches
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from keptword.core.problems import KeptwordError, Sentence, either

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
"""The days a calendar counts; a shop's file with a date outside them holds a slip of the pen."""

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_DAY: Final = timedelta(days=1)


@cache
def zone(name: str | None) -> tzinfo:
    """Return the time zone called `name`: "Europe/Berlin", or a fixed "+08:00"; None is UTC.

    Raises `KeptwordError` for an unknown name and tells names like it.
    """
    if name is None or name.upper() in ("UTC", "Z"):
        return UTC
    fixed = _OFFSET.fullmatch(name.strip())
    if fixed:
        offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3] or 0))
        if offset <= timedelta(hours=14):
            return timezone(-offset if fixed[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # A name of another case or of a folder ("Europe") ends here on one system or the other.
        return _zone_of_any_case(name)


def _zone_of_any_case(name: str) -> tzinfo:
    wanted = name.strip().lower().replace(" ", "_")
    names = {known.lower(): known for known in sorted(available_timezones())}
    if wanted in names:
        return ZoneInfo(names[wanted])
    by_city = {known.rsplit("/", 1)[-1]: full for known, full in names.items() if "/" in known}
    near = get_close_matches(wanted, [*by_city, *names], n=3, cutoff=0.7)
    found = list(dict.fromkeys(by_city.get(match) or names[match] for match in near))
    hint = Sentence("Write a name such as Europe/Berlin or Asia/Shanghai.")
    if found:
        hint = Sentence("Did you mean {near}?", near=either(found))
    raise KeptwordError(
        '"{name}" is not a known time zone. {hint} A fixed offset such as +08:00 works too.', name=name, hint=hint
    )


def counted(day: date) -> date:
    """Return `day` when a calendar counts it; raise `KeptwordError` when it is centuries away."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise KeptwordError(
            "{day} is outside the years {first} to {last} that working days are "
            "counted in. Look for a mistyped year in the file.",
            day=day,
            first=str(FIRST_DAY.year),
            last=str(LAST_DAY.year),
        )
    return day


def instant_of(wall: datetime, local: tzinfo) -> datetime:
    """Return the instant, UTC without a zone, at which clocks in `local` show `wall`.

    A wall time shown twice, when clocks go back, is its first showing; one never shown, when they go
    forward, is the moment of the jump. So the order of wall times is kept, and windows that touch on
    the wall touch in time.
    """
    found = wall.replace(tzinfo=local, fold=0).astimezone(UTC)
    if found.astimezone(local).replace(tzinfo=None) == wall:
        return found.replace(tzinfo=None)
    # Inside a gap the two readings of the wall time lie on either side of the jump (PEP 495).
    before, after = wall.replace(tzinfo=local, fold=1).astimezone(UTC), found
    offset_after = after.astimezone(local).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(local).utcoffset() == offset_after:
            after = middle
        else:
            before = middle
    return after.replace(tzinfo=None)


def start_of_day(day: date, timezone: str | None) -> datetime:
    """Return the first instant of a local day, UTC without a zone; `timezone` None is UTC."""
    midnight = datetime.combine(counted(day), time())
    return midnight if timezone is None else instant_of(midnight, zone(timezone))


def end_of_day(day: date, timezone: str | None) -> datetime:
    """Return the last microsecond of a local day, UTC without a zone; `timezone` None is UTC.

    A day has 23 or 25 hours where clocks change on it.
    """
    midnight = datetime.combine(counted(day), time()) + _DAY
    following = midnight if timezone is None else instant_of(midnight, zone(timezone))
    return following - timedelta(microseconds=1)


def local_day(instant: datetime, timezone: str | None) -> date:
    """Return the local day of an instant given as UTC without a zone."""
    return instant.replace(tzinfo=UTC).astimezone(zone(timezone)).date()
