"""What cells look like: in which format dates are written, how numbers are, and how a rating is scaled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from keptword.sources.csv.guessing.words import MONTHS, NOTHING

_TAIL: Final = (
    r"(?:(?P<gap>,? ?T?)(?P<hour>\d{1,2}):\d{2}(?P<second>:\d{2}(?P<part>[.]\d+)?)?(?P<noon> ?[AaPp][Mm])?"
    r"(?P<zone> ?(?:Z|UTC|GMT|[-+]\d{2}:?\d{2}))?)?"
)
_ISO: Final = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)? ?(?:Z|UTC|GMT|[-+]\d{2}(?::?\d{2})?)?)?"
)
_NUMERIC: Final = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<sign>[./-])(?P<b>\d{{1,2}})(?P=sign)(?P<year>\d{{4}}|\d{{2}}){_TAIL}"
)
_YEAR_FIRST: Final = re.compile(rf"\d{{4}}(?P<one>\.|年)\d{{1,2}}(?P<two>\.|月)\d{{1,2}}(?P<end>日)?{_TAIL}")
_DAY_NAMED: Final = re.compile(
    rf"\d{{1,2}}(?P<one>[ ./-])(?P<month>[A-Za-z]{{3,9}})(?P<two>[ ./-]|, )(?P<year>\d{{4}}|\d{{2}}){_TAIL}"
)
_MONTH_NAMED: Final = re.compile(rf"(?P<month>[A-Za-z]{{3,9}}) \d{{1,2}}(?P<comma>,?) \d{{4}}{_TAIL}")
_COMPACT: Final = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_NUMBER: Final = re.compile(r"[^\d\s-]{0,4} ?[-−(]? ?[^\d\s]{0,4} ?(\d[\d.,'’\s]*) ?[^\d]{0,4}\)?")
_MIDNIGHT: Final = re.compile(r"(?:[T ,]+0?0:00(?::00(?:\.0+)?)?(?: ?Z|[-+]\d\d:?\d\d)?)?")


@dataclass
class Dates:
    """The dates of a column: how often each format occurs, `%1` and `%2` standing for day and month in doubt."""

    formats: Counter[str] = field(default_factory=Counter)
    filled: int = 0
    first_beyond_12: bool = False
    second_beyond_12: bool = False
    with_clock: int = 0
    odd: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """How many of the filled cells are dates, 0..1."""
        return self.formats.total() / self.filled if self.filled else 0.0

    @property
    def in_doubt(self) -> bool:
        """Whether any cell has the day and the month as two bare numbers."""
        return any("%1" in written for written in self.formats)


def dates_of(cells: Mapping[str, int], *, named_so: bool) -> Dates:
    """Look at a column's different cells, each with how often it occurs; `named_so`: its heading speaks of a date."""
    found = Dates(filled=sum(cells.values()))
    for cell, count in cells.items():
        written = _format(cell, found, named_so)
        if written is None:
            found.odd[cell] += count
        else:
            found.formats[written] += count
            clock = re.search(r"[T ,]+\d{1,2}:\d{2}.*$", cell)
            if written in ("unix", "unix_ms") or (clock and not _MIDNIGHT.fullmatch(clock[0])):
                found.with_clock += count
    return found


def _format(cell: str, found: Dates, named_so: bool) -> str | None:
    if _ISO.fullmatch(cell):
        return "iso"
    if numeric := _NUMERIC.fullmatch(cell):
        a, b = int(numeric["a"]), int(numeric["b"])
        if not (1 <= a <= 31 and 1 <= b <= 31) or (a > 12 and b > 12):
            return None
        found.first_beyond_12 |= a > 12
        found.second_beyond_12 |= b > 12
        sign = numeric["sign"]
        return f"%1{sign}%2{sign}{_year(numeric)}{_clock(numeric)}"
    if dated := _YEAR_FIRST.fullmatch(cell):
        return f"%Y{dated['one']}%m{dated['two']}%d{dated['end'] or ''}{_clock(dated)}"
    if (named := _DAY_NAMED.fullmatch(cell)) and (month := _month(named["month"])):
        return f"%d{named['one']}{month}{named['two']}{_year(named)}{_clock(named)}"
    if (named := _MONTH_NAMED.fullmatch(cell)) and (month := _month(named["month"])):
        return f"{month} %d{named['comma']} %Y{_clock(named)}"
    if named_so and _COMPACT.fullmatch(cell):
        return "%Y%m%d"
    if named_so and re.fullmatch(r"\d{10}|\d{13}", cell):
        return "unix" if len(cell) == 10 else "unix_ms"
    return None


def _year(found: re.Match[str]) -> str:
    return "%Y" if len(found["year"]) == 4 else "%y"


def _month(name: str) -> str | None:
    if name[:3].lower() not in MONTHS:
        return None
    return "%b" if len(name) == 3 else "%B"


def _clock(found: re.Match[str]) -> str:
    """Return the part of a format that stands for the clock, or nothing."""
    if found["hour"] is None:
        return ""
    hour = "%I" if found["noon"] else "%H"
    second = "" if found["second"] is None else ":%S"
    part = "" if found["part"] is None else ".%f"
    noon = "" if found["noon"] is None else found["noon"][:-2] + "%p"
    zone = "" if found["zone"] is None else " %z"
    return f"{found['gap']}{hour}:%M{second}{part}{noon}{zone}"


def day_first(columns: Iterable[Dates]) -> bool | None:
    """Say whether days stand before months, judged by all columns together; None where nothing decides it."""
    told = [(one.first_beyond_12, one.second_beyond_12) for one in columns if one.in_doubt]
    first, second = any(a for a, _ in told), any(b for _, b in told)
    return None if first == second else first


def settled(found: Dates, *, is_day_first: bool) -> tuple[str, ...]:
    """Return the formats of a column, the usual one first, with day and month in their order."""
    own = is_day_first
    if found.first_beyond_12 != found.second_beyond_12:
        own = found.first_beyond_12
    day, month = ("%d", "%m") if own else ("%m", "%d")
    return tuple(written.replace("%1", day).replace("%2", month) for written, _ in found.formats.most_common())


def is_number(cell: str) -> bool:
    """Say whether a cell is a number, with or without a currency's sign."""
    return _NUMBER.fullmatch(cell) is not None


def decimal_sign(cells: Iterable[str]) -> str:
    """Return the sign for decimals that most of the numbers use: "." or ","."""
    signs: Counter[str] = Counter()
    for cell in cells:
        digits = re.sub(r"[^\d.,]", "", cell)
        if found := re.search(r"([.,])(?:\d{1,2}|\d{4,})$", digits):
            signs[found[1]] += 1
        elif re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", digits):
            signs[","] += 1
    return "," if signs[","] > signs["."] else "."


def plain(cell: str) -> float | None:
    """Return a number as written in a rating ("4", "4,5"), or None."""
    found = re.fullmatch(r"-?\d+(?:[.,]\d+)?", cell)
    return float(cell.replace(",", ".")) if found else None


def rating(cells: Iterable[str]) -> tuple[str, dict[str, float]] | None:
    """Return the scale of a rating, as "1..5", and a translation of its cells where they are no bare numbers."""
    words: dict[str, float] = {}
    numbers: list[float] = []
    for cell in cells:
        number = plain(cell)
        if number is None:
            number = _worded(cell)
            if number is None:
                return None
            words[cell] = number
        numbers.append(number)
    if not numbers or min(numbers) < 0 or max(numbers) > 100 or len(words) > 30:
        return None
    best = next(end for end in (1, 5, 10, 100) if max(numbers) <= end)
    if best == 1 and all(number == int(number) for number in numbers):
        best = 5 if min(numbers) == 1 else 1
    worst = 0 if best in (1, 100) or min(numbers) < 1 else 1
    return f"{worst}..{best}", words


def _worded(cell: str) -> float | None:
    if stars := re.fullmatch(r"([★⭐*]️?)+[☆]*", cell):
        return float(sum(sign in "★⭐*" for sign in stars[0]))
    found = re.match(r"(\d+(?:[.,]\d+)?)\s*(?:/|of|von|sur|de|su|van|out|stars?|sterne?|[★⭐分星])", cell)
    return plain(found[1]) if found else None


def stands_for_nothing(cell: str) -> bool:
    """Say whether a cell is one of the usual words for an empty one."""
    return cell.casefold() in NOTHING
