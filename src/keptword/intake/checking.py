"""Checks one line of JSON against the vocabulary: a fact in canonical form, or the sentence that refuses it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, cast

from keptword.core.calendars.zones import FIRST_DAY, LAST_DAY
from keptword.core.schema import ALWAYS_REQUIRED, FACT_SCHEMA, KINDS, PROMISE_KINDS, STAGES, unknown

LONGEST_LINE: Final = 1_000_000
LONGEST_TEXT: Final = 512
"""Characters of any text but `attributes` and `source`; a `fact_id` is an index entry in the database."""

_FILLED: Final = frozenset(("recorded_at", "occurred_on", "stage"))
_REQUIRED: Final[dict[str, frozenset[str]]] = {
    kind.name: frozenset(ALWAYS_REQUIRED).union(kind.required) - _FILLED for kind in KINDS.values()
}
_NEEDED: Final = frozenset(ALWAYS_REQUIRED) - _FILLED

_MONEY: Final = re.compile(r"-?\d{1,14}(?:\.\d{1,4})?", re.ASCII)
_CODE: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UTC_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_TEXTS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_IMPORT: Final = re.compile(r"import:[1-9]\d{0,17}", re.ASCII)

_INT32: Final = 2**31 - 1

_FIRST: Final = f"{FIRST_DAY.isoformat()}T00:00:00.000000Z"
_LAST: Final = f"{LAST_DAY.isoformat()}T23:59:59.999999Z"


class Refused(Exception):
    """A line that is no fact; its text is the reason, in whole sentences."""


Fact = dict[str, Any]


def checked(line: str, *, zone: tzinfo, now: str) -> Fact:
    """Return the fact a line of JSON says: the columns of the schema that are not empty, in their order.

    Money comes back as plain text without needless zeros ("12.5"), moments as text in UTC with microseconds, days as
    text, so that equal facts are equal dicts. `occurred_on` (and with it `clock_seconds`) is decided by `zone` where
    it is not given, `recorded_at` is then `now`, `stage` that of the kind. Raises `Refused`.
    """
    written = _parsed(line)
    if not written.keys() <= _READERS.keys():
        name = next(name for name in written if name not in _READERS)
        raise Refused(_unknown_column(_short(name)))
    fact: Fact = {}
    # One run for each of thirty thousand a second: what nearly every text is, is settled without a call.
    for name, reader in _READERS.items():
        value = written.get(name)
        if value is None:
            continue
        if reader is _text and value.__class__ is str and 0 < len(value) <= LONGEST_TEXT and not value.isspace():
            fact[name] = value
        else:
            fact[name] = reader(name, value)
    _complete(fact)
    if fact.keys() >= _FILLED:
        return fact
    _fill(fact, zone, now=now)
    return {name: fact[name] for name in FACT_SCHEMA if name in fact}


@lru_cache(maxsize=4096)
def _unknown_column(name: str) -> str:
    # Looking for the nearest name takes ten times as long as reading the line, and a column comes on every line.
    return unknown("column", name, known=FACT_SCHEMA)


def canonical(fact: Mapping[str, Any]) -> str:
    """Return a fact as one line of JSON."""
    return _encode(fact)


def _parsed(line: str) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise Refused(f"The line has {len(line):,} characters; an entry has at most {LONGEST_LINE:,}.")
    text = line.strip(" \t\r\n")
    try:
        written, end = _scan(text, 0)
    except _Twice as error:
        raise Refused(f'The column "{error}" is given twice. Leave one of them out.') from None
    except RecursionError:
        raise Refused("The line is nested too deeply to be an entry.") from None
    except (ValueError, ArithmeticError, StopIteration) as error:
        said = "" if isinstance(error, StopIteration) else f" ({error})"
        raise Refused(f"The line is no JSON{said}. Write one object a line.") from None
    if end != len(text):
        raise Refused(f"The line is no JSON (something follows after character {end}). Write one object a line.")
    if not isinstance(written, dict):
        raise Refused(f'The line is {_named(written)}, not an object. Write one object a line: {{"fact_id": …}}.')
    # Only a line with an escape, or with what cannot be printed, can hold what no text may hold.
    if "\\" in text or not text.isprintable():
        _refuse_unreadable(written)
    return written


def _refuse_unreadable(written: dict[str, Any]) -> None:
    for name, value in written.items():
        for text in (name, *_texts(value)):
            within = _CONTROL_IN_TEXTS if name in ("attributes", "source") else _CONTROL
            found = within.search(text)
            if found:
                raise Refused(f'"{_escaped(name)}" holds the control character U+{ord(found[0]):04X}. Take it out.')
            if _SURROGATE.search(text):
                raise Refused(f'"{_escaped(name)}" holds half a character (a lone surrogate). Write the file as UTF-8.')


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, str))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _texts(each)


def _escaped(text: str) -> str:
    return _short(text).encode("unicode_escape").decode()


class _Twice(ValueError):
    """A name that stands twice in one object; which of the two was meant nobody can say."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        raise _Twice(next(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    return made


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


# A number keeps the digits it was written with: money never goes through a binary fraction.
# `scan_once` is what `decode` calls after looking for blanks twice by regular expression.
_scan: Callable[[str, int], tuple[Any, int]] = vars(
    json.JSONDecoder(object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_number)
)["scan_once"]
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def _named(value: Any) -> str:
    if isinstance(value, str):
        return f'the text "{_short(value)}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return f"the number {_short(str(value))}"
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else "nothing"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Refused(f'"{name}" is {_named(value)}; it has to be a text.')
    if not value.strip():
        raise Refused(f'"{name}" is an empty text. Leave it out where it is not known.')
    if len(value) > LONGEST_TEXT and name != "source":
        raise Refused(f'"{name}" has {len(value):,} characters; it may have {LONGEST_TEXT}.')
    return value


def _choice(what: str, known: Mapping[str, Any]) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:
        if value.__class__ is str and value in known:
            return str(value)
        raise Refused(unknown(what, _short(_text(name, value)), known=known))

    return read


def _moment(name: str, value: Any) -> str:
    if value.__class__ is str and _UTC_MOMENT.fullmatch(value) and _FIRST <= value <= _LAST:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return str(value)
    text = _text(name, value)
    try:
        seen = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f'"{name}" is "{_short(text)}", which is no moment. Write 2031-03-01T10:00:00Z.') from None
    if seen.tzinfo is None:
        raise Refused(f'"{name}" is "{_short(text)}", which says no time zone. Write it in UTC with a Z at the end.')
    try:
        there = seen.astimezone(UTC)
    except OverflowError:
        there = datetime.min.replace(tzinfo=UTC)
    if not FIRST_DAY <= there.date() <= LAST_DAY:
        raise Refused(_out_of_range(name, text))
    return there.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _day(name: str, value: Any) -> str:
    return _read_day(name, _text(name, value))


@lru_cache(maxsize=4096)
def _read_day(name: str, text: str) -> str:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise Refused(f'"{name}" is "{_short(text)}", which is no day. Write 2031-03-01.')
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Refused(_out_of_range(name, text))
    return text


def _out_of_range(name: str, text: str) -> str:
    return f'"{name}" is "{_short(text)}", outside the years {FIRST_DAY.year} to {LAST_DAY.year}. Is the year mistyped?'


def _money(name: str, value: Any) -> str:
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        raise Refused(f'"{name}" is {_named(value)}; it has to be an amount such as 12.50.')
    text = str(value)
    plain = text if _MONEY.fullmatch(text) else _plain(name, text)
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    sign = "-" if plain.startswith("-") else ""
    digits = plain.removeprefix("-").lstrip("0")
    digits = "0" + digits if not digits or digits.startswith(".") else digits
    return digits if digits == "0" else sign + digits


def _plain(name: str, text: str) -> str:
    """Return an amount written otherwise (1e3, 1.50000, +2) without an exponent and with at most four places."""
    try:
        number = Decimal(text) if text.isascii() and "_" not in text and text == text.strip() else Decimal("NaN")
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Refused(f'"{name}" is "{_short(text)}", which is no amount. Write it with a point: 12.50.')
    sign, digits, exponent = number.as_tuple()
    trimmed = "".join(map(str, digits)).rstrip("0")
    places = cast(int, exponent) + len(digits) - len(trimmed)
    if not trimmed:
        return "0"
    if places < -4 or len(trimmed.lstrip("0")) + places > 14:
        raise Refused(f'"{name}" is {_short(text)}; an amount has at most 14 digits before the point and 4 after it.')
    whole = trimmed + "0" * max(places, 0)
    if places < 0:
        whole = whole.rjust(1 - places, "0")
        whole = f"{whole[:places]}.{whole[places:]}"
    return ("-" if sign else "") + whole


def _currency(name: str, value: Any) -> str:
    if value.__class__ is str and _CODE.fullmatch(value):
        return str(value)
    raise Refused(f'"{name}" is "{_short(_text(name, value))}", which is no currency. Write its three letters: EUR.')


def _number(name: str, value: Any) -> float:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise Refused(f'"{name}" is {_named(value)}; it has to be a number.')
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if number == float("inf") or number == -float("inf"):
        raise Refused(f'"{name}" is {_short(str(value))}, which is too large.')
    return number + 0.0


def _seconds(name: str, value: Any) -> float:
    number = _number(name, value)
    if number < 0:
        raise Refused(f'"{name}" is {number:g}; time spent is not below 0.')
    return number


def _score(name: str, value: Any) -> float:
    number = _number(name, value)
    if not 0 <= number <= 1:
        raise Refused(f'"{name}" is {number:g}; a rating is rescaled to 0 to 1, the raw answer goes into "attributes".')
    return number


def _whole(top: int) -> Callable[[str, Any], int]:
    def read(name: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refused(f'"{name}" is {_named(value)}; it has to be a whole number.')
        if not 0 <= value <= top:
            raise Refused(f'"{name}" is {_short(str(value))}; it has to be between 0 and {top}.')
        return value

    return read


def _attributes(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(f'"{name}" is {_named(value)}; it has to be an object: {{"country": "DE"}}.')
    return {
        key: each if each.__class__ is str else _attribute(key, each) for key, each in value.items() if each is not None
    }


def _attribute(name: str, value: Any) -> Any:
    if isinstance(value, str | bool) or (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        return value
    if isinstance(value, int | Decimal):
        number = _number(name, value)
        return value if isinstance(value, int) else number
    raise Refused(
        f'"{_short(name)}" in "attributes" is {_named(value)}; it may hold texts, numbers and lists of texts.'
    )


_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    **dict.fromkeys(FACT_SCHEMA, _text),
    **{name: _moment for name, kind in FACT_SCHEMA.items() if kind.startswith("timestamp")},
    **{name: _day for name, kind in FACT_SCHEMA.items() if kind == "date"},
    **{name: _money for name, kind in FACT_SCHEMA.items() if kind.startswith("decimal")},
    "kind": _choice("kind", KINDS),
    "stage": _choice("stage", dict.fromkeys(STAGES)),
    "promise_kind": _choice("kind of promise", dict.fromkeys(PROMISE_KINDS)),
    "currency": _currency,
    "clock_seconds": _whole(86_400),
    "steps": _whole(_INT32),
    "seconds": _seconds,
    "score": _score,
    "attributes": _attributes,
}


def _complete(fact: Fact) -> None:
    kind = fact.get("kind", "")
    required = _REQUIRED.get(kind, _NEEDED)
    if not required <= fact.keys():
        missing = [name for name in FACT_SCHEMA if name in required and name not in fact]
        named = " and ".join(f'"{name}"' for name in missing)
        of = f'A "{kind}" entry' if kind else "An entry"
        lacks = "which is missing" if len(missing) == 1 else "which are missing"
        raise Refused(f"{of} needs {named}, {lacks}.")
    if kind == "import.withdrawn" and not _IMPORT.fullmatch(fact["subject"]):
        raise Refused(f'"subject" is "{_short(fact["subject"])}"; it names the import taken back: import:7.')


def _fill(fact: Fact, zone: tzinfo, *, now: str) -> None:
    fact.setdefault("recorded_at", now)
    fact.setdefault("stage", KINDS[fact["kind"]].stage)
    if "occurred_on" not in fact:
        at = datetime.fromisoformat(fact["occurred_at"]).astimezone(zone)
        fact["occurred_on"] = at.date().isoformat()
        fact.setdefault("clock_seconds", at.hour * 3600 + at.minute * 60 + at.second)
