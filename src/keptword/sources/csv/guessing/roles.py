"""What each column of a file seems to hold, judged by its heading and its cells together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from keptword.sources.csv.guessing import words
from keptword.sources.csv.guessing.cells import Dates, dates_of, is_number, rating, stands_for_nothing

Theme = Literal["order", "ticket", "review"]

_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TRAITS: Final = ("carrier", "country", "product", "vendor", "category", "status")
_NUMBERS: Final = ("steps", "quantity", "unit_price", "total", "amount", "refund_amount")


@dataclass(frozen=True)
class Looked:
    """A column looked at: its name, the same as it is spoken, its cells by row ("" where empty), its different ones."""

    name: str
    spoken: str
    rows: tuple[str, ...]
    cells: Counter[str]
    dates: Dates

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return self.cells.total()

    @property
    def is_date(self) -> bool:
        """Whether the cells are dates, but for some words in place of one."""
        if not self.filled:
            return False
        few_words = len(self.dates.odd) <= 10 and not any(sign.isdigit() for cell in self.dates.odd for sign in cell)
        named = words.DATES["day"].search(self.spoken) is not None
        return self.dates.share >= 0.9 or (self.dates.share >= 0.3 and few_words and named)

    @property
    def is_number(self) -> bool:
        """Whether nearly all cells are numbers."""
        numbers = sum(count for cell, count in self.cells.items() if is_number(cell))
        return self.filled > 0 and numbers >= 0.9 * self.filled


@dataclass(frozen=True)
class Told:
    """What somebody said of a whole file, which goes before what can be seen in it; empty where they did not.

    `fates` says of the columns that name people what becomes of them, and what they are to the address book.
    """

    name: str = ""
    currency: str = ""
    timezone: str = ""
    decimal: str = ""
    is_day_first: bool | None = None
    user_fate: str = ""
    fates: Mapping[str, tuple[str, str]] | None = None


@dataclass
class Found:
    """What was recognised: what the file is a list of, and which column holds what."""

    theme: Theme = "order"
    id: Looked | None = None
    user: Looked | None = None
    dates: dict[str, Looked] = field(default_factory=dict)
    cells: dict[str, Looked] = field(default_factory=dict)
    steps: list[Looked] = field(default_factory=list)
    personal: list[Looked] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: Told = field(default_factory=Told)

    @property
    def several_rows(self) -> bool:
        """Whether some id stands on several rows."""
        return self.id is not None and len(self.id.cells) < self.id.filled

    def varies(self, column: Looked) -> bool:
        """Say whether the rows of one id differ in a column, be it that some are empty."""
        first: dict[str, str] = {}
        ids = self.id.rows if self.id else ()
        return any(first.setdefault(key, cell) != cell for key, cell in zip(ids, column.rows, strict=False))


def looked_at(header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> tuple[list[Looked], list[str]]:
    """Return the columns of a sample, and the words in it that stand for an empty cell."""
    empty: Counter[str] = Counter()
    columns = []
    for place, name in enumerate(header):
        cells = [row[place] or "" for row in rows]
        empty.update(cell for cell in cells if cell and stands_for_nothing(cell))
        told = tuple("" if stands_for_nothing(cell) else cell for cell in cells)
        counted = Counter(cell for cell in told if cell)
        said = words.spoken(name)
        named_so = any(said_of.search(said) for said_of in words.DATES.values())
        columns.append(Looked(name, said, told, counted, dates_of(counted, named_so=named_so)))
    return columns, list(empty)


def found_in(columns: Sequence[Looked]) -> Found:
    """Return what the columns seem to hold. A column holds one thing; of several that may hold it the fullest does."""
    # Braces around a name are how a mapping writes columns, so one with braces of its own cannot be written everywhere.
    usable = [one for one in columns if one.filled and "{" not in one.name and "}" not in one.name]
    found = Found()
    dates = [one for one in usable if one.is_date]
    others = [one for one in usable if not one.is_date]
    for column in others:
        _take(found, column)
    found.id = _id_of(others, found)
    found.user = _user_of(found)
    for column in dates:
        _take_date(found, column)
    found.theme = _theme(found, usable)
    if found.theme == "review" and "reviewed" in found.dates:
        found.dates["begun"] = found.dates.pop("reviewed")
    if "begun" not in found.dates and "day" in found.dates:
        found.dates["begun"] = found.dates["day"]
    found.dates.pop("day", None)
    if found.theme != "ticket" and "resolved" in found.dates:
        del found.dates["resolved"]
    found.empty += words_for_nothing(found)
    found.personal = [one for one in found.personal if one is not found.user and one is not found.id]
    return found


def words_for_nothing(found: Found) -> list[str]:
    """Return the words that stand in place of a date where there is none."""
    odd = [cell for column in found.dates.values() for cell in column.dates.odd]
    return [cell for cell in odd if not any(sign.isdigit() for sign in cell)]


def _take(found: Found, column: Looked) -> None:
    """Note what a column without dates may hold."""
    if is_mail(column):
        _keep(found, "mail", column)
        found.personal.append(column)
        return
    for role, pattern in words.CELLS.items():
        if not pattern.search(column.spoken) or not _fits(role, column):
            continue
        if role == "steps":
            found.steps.append(column)
        elif role == "personal":
            found.personal.append(column)
        else:
            _keep(found, role, column)
            if role == "user" and words.NAMES.search(column.spoken):
                found.personal.append(column)
        return


def _keep(found: Found, role: str, column: Looked) -> None:
    before = found.cells.get(role)
    if before is None or _rank(role, column) > _rank(role, before):
        found.cells[role] = column


def _rank(role: str, column: Looked) -> tuple[bool, int]:
    """Return how well a column fits: an id stands before a name of a person, a name before an id of a thing."""
    named = words.NAMES.search(column.spoken) is not None
    return (not named if role == "user" else named if role in ("product", "vendor") else False), column.filled


def _fits(role: str, column: Looked) -> bool:
    """Say whether the cells are such as the role needs."""
    if role in _NUMBERS:
        return column.is_number and not (role == "total" and words.NOT_TOTAL.search(column.spoken))
    if role == "rating":
        return rating(column.cells) is not None
    if role == "kept":
        folded = {cell.casefold() for cell in column.cells}
        return bool(folded) and folded <= (words.YES | words.NO) and bool(folded & (words.YES | words.NO))
    if role == "currency":
        return all(re.fullmatch("[A-Za-z]{3}", cell) or cell in words.SYMBOLS for cell in column.cells)
    if role == "mail":
        return False
    if role in ("category", "status", "channel", "country", "carrier"):
        return len(column.cells) <= 300
    return True


def _id_of(columns: Sequence[Looked], found: Found) -> Looked | None:
    """Return the column that best tells orders, tickets or reviews apart, or None."""
    taken = {id(column) for role, column in found.cells.items() if role not in ("amount", "quantity", "kept")}
    scored = [(_id_score(one), one) for one in columns if id(one) not in taken]
    best = max((score for score, _ in scored), default=0.0)
    return next((one for score, one in scored if score == best), None) if best > 0 else None


def _id_score(column: Looked) -> float:
    rows = len(column.rows)
    said = column.spoken
    if column.filled < 0.95 * rows or (rows > 3 and len(column.cells) < 2):
        return 0.0
    if any(re.search(r"\d[.,]\d{1,2}$", cell) for cell in column.cells) and column.is_number:
        return 0.0
    noun = words.ORDER.search(said) is not None or words.TICKET.search(said) is not None
    is_id = words.ID.search(said) is not None
    if words.NOT_ID.search(said):
        return 0.0
    longest = max(map(len, column.cells))
    score = (2.0 if noun else 0.0) + (1.0 if is_id else 0.0) + (0.5 if said in ("id", "number", "key") else 0.0)
    score += 0.4 if len(column.cells) == column.filled else 0.0
    few = rows >= 20 and len(column.cells) * 20 < rows
    return 0.0 if score < 1 or longest > 60 or few else score


def _user_of(found: Found) -> Looked | None:
    """Return whom the rows are about: the fuller of mail address and customer number, the address where both are."""
    mail, told = found.cells.get("mail"), found.cells.get("user")
    if told is found.id:
        told = None
    if mail is not None and (told is None or mail.filled >= told.filled):
        return mail
    return told


def _take_date(found: Found, column: Looked) -> None:
    for role, pattern in words.DATES.items():
        if not pattern.search(column.spoken):
            continue
        if role == "ignored" or (role == "due" and words.PAYING.search(column.spoken)):
            return
        before = found.dates.get(role)
        if before is None or column.filled > before.filled:
            found.dates[role] = column
        return
    # A column of dates whose heading says nothing may still be when it all began, where nothing else is.
    found.dates.setdefault("day", column)


def _theme(found: Found, columns: Sequence[Looked]) -> Theme:
    spoken = [one.spoken for one in columns]
    tickets = sum(words.TICKET.search(said) is not None for said in spoken)
    orders = sum(words.ORDER.search(said) is not None for said in spoken)
    has_goods = bool(
        {"shipped", "delivered", "paid"} & found.dates.keys() or {"total", "unit_price"} & found.cells.keys()
    )
    works = bool({"replied", "resolved"} & found.dates.keys()) or bool(found.steps)
    of_id = found.id.spoken if found.id else ""
    if not has_goods and (words.TICKET.search(of_id) or works or tickets > orders):
        return "ticket"
    if "rating" in found.cells and not has_goods and "due" not in found.dates:
        return "review"
    return "order"


def traits_of(found: Found) -> dict[str, Looked]:
    """Return what subjects can be broken down by: the names reports know, and their columns."""
    return {name: found.cells[name] for name in _TRAITS if name in found.cells}


def is_mail(column: Looked) -> bool:
    """Say whether most cells of a column are mail addresses."""
    mails = sum(count for cell, count in column.cells.items() if _MAIL.fullmatch(cell))
    return column.filled > 0 and mails >= 0.8 * column.filled


def is_name(column: Looked) -> bool:
    """Say whether a column's heading speaks of somebody's name."""
    return words.PARTS["name"].search(column.spoken) is not None and not words.POSTAL.search(column.spoken)


def names_somebody(column: Looked) -> bool:
    """Say whether a column holds what people are called or written to by."""
    return is_mail(column) or is_name(column)


def for_the_book(found: Found) -> list[Looked]:
    """Return the personal columns that tell the customer's name and mail address, where rows are about one.

    Of several names the first whole one; the parts of a name only where there is no whole one.
    """
    if found.user is None:
        return []
    mails = [] if is_mail(found.user) else [one for one in found.personal if is_mail(one)][:1]
    names = [] if is_name(found.user) else [one for one in found.personal if is_name(one) and not is_mail(one)]
    whole = [one for one in names if not words.PART_OF_NAME.search(one.spoken)][:1]
    return [*mails, *(whole or names)]
