"""Finds customers by name, mail address, phone or order number; without a search, those most recently let down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponseBase

from keptword.figures.reading import Reader, current
from keptword.office import people
from keptword.office.models import Person
from keptword.web import listing, shop, spoken
from keptword.web.listing import Listing
from keptword.web.pages import address, shown
from keptword.words import Words

AT_ONCE: Final = 2_000
"""Customers whose names are looked up at once where a whole list is downloaded."""

MOST: Final = 50
"""Customers that one search finds: whoever is not among them is found by another word."""

_COLUMNS: Final = {
    "let_down": "let_down_last_on",
    "last": "last_on",
    "waiting": "open",
    "failed": "late + broken",
    "found": "let_down_last_on",
}
_HEADS: Final = ("name", "mail", "key", "orders", "due", "kept", "late", "not_kept", "waiting", "let_down", "last")


@dataclass(frozen=True)
class Found:
    """One customer in a list: how to call and reach them, and our record with them. `by` is the order found by."""

    address: str
    called: str
    user_key: str
    name: str
    mail: str
    by: str
    orders: int
    due: int
    kept: int
    late: int
    not_kept: int
    waiting: int
    let_down_last_on: date | None
    last_on: date | None


@dataclass(frozen=True)
class CustomersPage:
    """What the list shows: what was searched for, who was found, how many customers there are at all, as of when."""

    template: ClassVar[str] = "customers.html.jinja"
    asked: str
    found: tuple[Found, ...]
    listing: Listing
    everybody: int
    made_at: datetime | None


def customers(request: HttpRequest) -> HttpResponseBase:
    """Show who was searched for, or those most recently let down; or have the list as a file."""
    reader = current(shop.books().folder)
    told = request.GET.get("q", "").strip()[:200]
    asked = listing.asked(request, filters=("q", "who"), columns=tuple(_COLUMNS), sort="found" if told else "-let_down")
    if told:
        rows = searched(reader, told, words=request.words)
        # In the order they were found, the best first, unless another one is asked for.
        rows = rows if asked.sort == "found" else _sorted(rows, asked)
        total = len(rows)
    else:
        rows, total = _page(reader, asked, words=request.words), _count(reader, _where(asked))
    if listing.wants_csv(request):
        lines = rows if told else _all(reader, asked, words=request.words)
        heads = [request.words.say(f"customers.column_{name}") for name in _HEADS]
        return listing.as_csv("customers", heads=heads, rows=map(_line, lines))
    made_at = reader.made_at if reader else None
    return shown(request, CustomersPage(told, tuple(rows), replace(asked, total=total), _count(reader), made_at))


def searched(reader: Reader | None, text: str, *, words: Words, limit: int = MOST, ordered: bool = True) -> list[Found]:
    """Return the customers a text finds: by name, mail address, phone, key; by an order's number where `ordered`."""
    numbered = orders(reader, text) if ordered else []
    by_order = {row["user_key"]: row["subject"] for row in reversed(numbered) if row["user_key"]}
    persons = {person.user_key: person for person in people.found(text, limit=limit)}
    keys = list(dict.fromkeys([*reversed(by_order), *persons]))[:limit]
    rows = _rows(reader, [*keys, text])
    if text in rows and text not in keys:
        keys.insert(0, text)
    persons |= people.several([key for key in keys if key not in persons])
    return [
        _found(rows.get(key, {"user_key": key}), persons.get(key), words=words, by=by_order.get(key)) for key in keys
    ]


def orders(reader: Reader | None, text: str, *, limit: int = 10) -> list[dict[str, Any]]:
    """Return the orders whose number begins with a text, that very number first."""
    number = text.strip().removeprefix("#").strip()
    if reader is None or not number:
        return []
    return reader.rows(
        "SELECT subject, number, user_key, placed_on FROM subjects WHERE number >= $number AND number < $after"
        " ORDER BY number <> $number, placed_on DESC NULLS LAST, number LIMIT $limit",
        {"number": number, "after": f"{number}\U0010ffff", "limit": limit},
    )


def _rows(reader: Reader | None, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    if reader is None or not keys:
        return {}
    rows = reader.rows("SELECT * FROM people WHERE user_key IN (SELECT unnest($keys))", {"keys": list(keys)})
    return {row["user_key"]: row for row in rows}


def _page(reader: Reader | None, asked: Listing, *, words: Words) -> list[Found]:
    if reader is None:
        return []
    page = {"limit": asked.size, "offset": asked.offset}
    return _named(reader.rows(f"{_ordered(asked)} LIMIT $limit OFFSET $offset", page), words=words)


def _all(reader: Reader | None, asked: Listing, *, words: Words) -> Iterator[Found]:
    if reader is None:
        return
    rows = reader.stream(_ordered(asked))
    while some := list(islice(rows, AT_ONCE)):
        yield from _named(some, words=words)


def _ordered(asked: Listing) -> str:
    order = "DESC" if asked.down else "ASC"
    columns = f"{_COLUMNS[asked.sort]} {order} NULLS LAST, last_on DESC, user_key"
    return f"SELECT * FROM people {_where(asked)} ORDER BY {columns}"


def _where(asked: Listing) -> str:
    """Return the condition on who is listed without a search: those ever let down, unless everybody is asked for."""
    return "" if asked.filters["who"] == "all" else "WHERE let_down_last_on IS NOT NULL"


def _count(reader: Reader | None, where: str = "") -> int:
    row = reader.row(f"SELECT count(*) AS count FROM people {where}") if reader else None
    return int(row["count"]) if row else 0


def _named(rows: Sequence[Mapping[str, Any]], *, words: Words) -> list[Found]:
    persons = people.several([row["user_key"] for row in rows])
    return [_found(row, persons.get(row["user_key"]), words=words) for row in rows]


def _found(row: Mapping[str, Any], person: Person | None, *, words: Words, by: str | None = None) -> Found:
    key = row["user_key"]
    name, mail = (person.name, person.mail) if person else ("", "")
    kept, late, not_kept = (row.get(each, 0) for each in ("kept", "late", "broken"))
    return Found(
        address=address("customers.person", user_key=key),
        called=spoken.customer(words, user_key=key, name=name, mail=mail),
        user_key=key,
        name=name,
        mail=mail,
        by=spoken.about(words, by),
        orders=row.get("orders", 0),
        due=kept + late + not_kept,
        kept=kept,
        late=late,
        not_kept=not_kept,
        waiting=row.get("open", 0),
        let_down_last_on=row.get("let_down_last_on"),
        last_on=row.get("last_on"),
    )


def _sorted(rows: Iterable[Found], asked: Listing) -> list[Found]:
    values: dict[str, Callable[[Found], Any]] = {
        "let_down": lambda row: row.let_down_last_on,
        "last": lambda row: row.last_on,
        "waiting": lambda row: row.waiting,
        "failed": lambda row: row.late + row.not_kept,
    }
    value = values[asked.sort]
    known = sorted((row for row in rows if value(row) is not None), key=value, reverse=asked.down)
    return [*known, *(row for row in rows if value(row) is None)]


def _line(row: Found) -> tuple[Any, ...]:
    return (
        *(row.name, row.mail, row.user_key, row.orders, row.due, row.kept, row.late, row.not_kept, row.waiting),
        *(row.let_down_last_on or "", row.last_on or ""),
    )
