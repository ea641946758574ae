"""Reads single entries of a mapping's tables and refuses what is unknown or of another type, in whole sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from keptword.core.calendars.zones import zone
from keptword.core.problems import KeptwordError, Sentence
from keptword.core.schema import unknown
from keptword.sources.csv.grammar import Condition, parse_condition

_Read = TypeVar("_Read")

DIRECTIVES: Final = "YymdjbBaAHIpMSfz%"
"""The letters that may follow % in a date format."""

BUILT_IN_FORMATS: Final = ("iso", "unix", "unix_ms")

_DIRECTIVE = re.compile(r"%-?(.)")
_SPREADSHEET: Final = (
    ("YYYY", "%Y"), ("yyyy", "%Y"), ("YY", "%y"), ("yy", "%y"), ("MMM", "%b"), ("DD", "%d"), ("dd", "%d"),
    ("HH", "%H"), ("hh", "%I"), ("mm", "%M"), ("MM", "%m"), ("ss", "%S"), ("SS", "%S"), ("AM/PM", "%p"),
)  # fmt: skip


def check_format(written: str, place: str) -> str:
    """Return a date format as it is; raise `KeptwordError` for one that names no whole date."""
    if written in BUILT_IN_FORMATS:
        return written
    letters = _DIRECTIVE.findall(written)
    strange = [letter for letter in letters if letter not in DIRECTIVES]
    if strange:
        known = ", ".join(f"%{letter}" for letter in DIRECTIVES)
        raise KeptwordError(
            '{place}: the date format "{written}" has %{strange}. Known are: {known}.',
            place=place,
            written=written,
            strange=strange[0],
            known=known,
        )
    if not letters:
        turned = written
        for pattern, letter in _SPREADSHEET:
            turned = turned.replace(pattern, letter)
        hint = Sentence('Write it like "%d.%m.%Y" or "%m/%d/%Y %H:%M", or "iso".')
        if "%" in turned:
            hint = Sentence('Write "{turned}".', turned=turned)
        raise KeptwordError('{place}: "{written}" is no date format. {hint}', place=place, written=written, hint=hint)
    has = set(letters)
    if not (has & set("Yy") and ("j" in has or ("d" in has and has & set("mbB")))):
        raise KeptwordError(
            '{place}: the date format "{written}" names no year, month and day. Write %Y, %m and %d.',
            place=place,
            written=written,
        )
    return written


class Entries:
    """One table of a mapping, with the sentence part that says where it stands."""

    def __init__(self, raw: object, *, place: str, known: Iterable[str]) -> None:
        self.place = place
        if not isinstance(raw, dict):
            raise KeptwordError("{place} is no table of entries, but {seen}.", place=place, seen=_seen(raw))
        known = list(known)
        for key in raw:
            if key not in known:
                raise KeptwordError("{place}: {why}", place=place, why=unknown("entry there", key, known=known))
        self.raw: Mapping[str, Any] = raw

    def __contains__(self, key: str) -> bool:
        return key in self.raw

    def fault(self, key: str, wanted: str) -> KeptwordError:
        """Return the error that an entry is of another type than wanted."""
        return KeptwordError(
            '{place}: "{key}" is {seen}, but it has to be {wanted}.',
            place=self.place,
            key=key,
            seen=_seen(self.raw[key]),
            wanted=Sentence(wanted),
        )

    def text(self, key: str) -> str | None:
        """Return a text, or None where it is not given; an empty one is refused."""
        found = self.raw.get(key)
        if found is None:
            return None
        if not isinstance(found, str) or not found.strip():
            raise self.fault(key, "a text")
        return found.strip()

    def texts(self, key: str, *, one: bool = True) -> tuple[str, ...]:
        """Return a list of texts; where `one`, a single text counts as a list of it."""
        found = self.raw.get(key, [])
        listed = [found] if one and isinstance(found, str) else found
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            raise self.fault(key, "a text or a list of texts" if one else "a list of texts")
        return tuple(listed)

    def flag(self, key: str) -> bool:
        """Return true or false; false where it is not given."""
        found = self.raw.get(key, False)
        if not isinstance(found, bool):
            raise self.fault(key, "true or false")
        return found

    def one_of(self, key: str, known: Sequence[str], *, default: str) -> str:
        """Return one of the known words."""
        found = self.text(key) or default
        if found not in known:
            raise KeptwordError("{place}: {why}", place=self.place, why=unknown(key, found, known=known))
        return found

    def timezone(self) -> str | None:
        """Return the name of a time zone that exists."""
        name = self.text("timezone")
        if name is not None:
            try:
                zone(name)
            except KeptwordError as error:
                raise KeptwordError("{place}: {error}", place=self.place, error=error) from None
        return name

    def condition(self, key: str) -> Condition | None:
        """Return a condition."""
        written = self.text(key)
        return None if written is None else self.placed(lambda: parse_condition(written))

    def placed(self, read: Callable[[], _Read]) -> _Read:
        """Return what a reader returns; what it refuses is told with the place."""
        try:
            return read()
        except KeptwordError as error:
            raise KeptwordError("{place}: {error}", place=self.place, error=error) from None


def _seen(raw: object) -> str:
    """Say of what type an entry is."""
    match raw:
        case bool():
            return str(raw).lower()
        case str():
            return f'the text "{raw}"' if raw.strip() else "an empty text"
        case int() | float():
            return f"the number {raw}"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return f"the date {raw}"
