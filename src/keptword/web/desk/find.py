"""Finds pages, customers, orders and promises by a few letters: as a page, and as the part that `Ctrl-K` opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse

from keptword.figures.reading import Reader, current
from keptword.office import people
from keptword.office.models import Person
from keptword.office.rights import Right
from keptword.office.search_words import folded
from keptword.web import shop, spoken
from keptword.web.chrome import Item, frame
from keptword.web.desk.customers.search import orders, searched
from keptword.web.keeping.book import book_of
from keptword.web.keeping.standing import Moment
from keptword.web.keyed import reached
from keptword.web.pages import address, shown
from keptword.web.routes import route
from keptword.words import Words

EACH: Final = 6
"""How many of a group are named: who looks for more than that writes a letter more."""

SHORTEST: Final = 2
"""Letters from which on customers, orders and promises are looked for."""

PAGES: Final = (
    *(("promises.rules", "rules.title"), ("promises.new", "promises.new"), ("settings.colleagues", "menu.colleagues")),
    *(("settings.audit", "menu.audit"), ("me", "menu.me"), ("keys", "menu.keys")),
)
"""Pages that are not in the menu, by their route and what they are called."""


@dataclass(frozen=True)
class Hit:
    """One thing found: where it is, what it is called, and what more tells it from others. `pk` counts them."""

    pk: int
    address: str
    called: str
    more: str = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind: pages, customers, orders or promises."""

    name: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class FindPage:
    """What was searched for, and what was found."""

    template: ClassVar[str] = "find.html.jinja"
    asked: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """How many things were found."""
        return sum(len(group.hits) for group in self.groups)


@dataclass(frozen=True)
class KeysPage:
    """The keys that work everywhere: those that lead to pages, each with the name of its page."""

    template: ClassVar[str] = "keys.html.jinja"
    goto: tuple[Item, ...]


def find(request: HttpRequest) -> HttpResponse:
    """Show what a few letters find."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    reader, words = current(shop.books().folder), request.words
    found: list[tuple[str, list[tuple[str, str, str]]]] = [("pages", _pages(request, asked))]
    if len(asked) >= SHORTEST or not asked.isascii():
        found += [
            ("customers", _customers(reader, asked, words=words)),
            ("orders", _orders(reader, asked, words=words)),
            ("promises", _promises(reader, asked, words=words)),
        ]
    return shown(request, FindPage(asked, _groups(found)))


def keys(request: HttpRequest) -> HttpResponse:
    """Show which keys do what."""
    return shown(request, KeysPage(tuple(item for item in frame(request).menu if item.goto)))


def _groups(found: list[tuple[str, list[tuple[str, str, str]]]]) -> tuple[Group, ...]:
    groups, count = [], 0
    for name, hits in found:
        some = tuple(Hit(count + place, *hit) for place, hit in enumerate(hits, start=1))
        count += len(some)
        groups += [Group(name, some)] if some else []
    return tuple(groups)


def _pages(request: HttpRequest, asked: str) -> list[tuple[str, str, str]]:
    """Return the pages whose name holds the letters; all of the menu where there are none."""
    words = request.words
    menu = [(item.address, words.say(f"menu.{item.name}")) for item in frame(request).menu]
    further = [(reached(name), words.say(key)) for name, key in PAGES if words.has(key)]
    looked_for = folded(asked)
    there = [*menu, *(each for each in further if each[0])] if asked else menu
    return [(place, called, "") for place, called in there if looked_for in folded(called)][: 10 if not asked else EACH]


def _customers(reader: Reader | None, asked: str, *, words: Words) -> list[tuple[str, str, str]]:
    rows = searched(reader, asked, words=words, limit=EACH, ordered=False)
    return [(row.address, row.called, row.mail if row.called != row.mail else "") for row in rows]


def _orders(reader: Reader | None, asked: str, *, words: Words) -> list[tuple[str, str, str]]:
    """Return the orders whose number begins so; each leads to whoever ordered."""
    rows = [row for row in orders(reader, asked, limit=EACH) if row["user_key"]]
    persons = people.several([row["user_key"] for row in rows])
    return [
        (
            address("customers.person", user_key=row["user_key"]),
            spoken.about(words, row["subject"]),
            _of_order(row, persons.get(row["user_key"]), words=words),
        )
        for row in rows
    ]


def _of_order(row: Mapping[str, Any], person: Person | None, *, words: Words) -> str:
    name, mail = (person.name, person.mail) if person else ("", "")
    placed = words.say("find.placed", day=words.short_day(row["placed_on"])) if row["placed_on"] else ""
    called = spoken.customer(words, user_key=row["user_key"], name=name, mail=mail)
    return " · ".join(filter(None, (called, placed)))


def _promises(reader: Reader | None, asked: str, *, words: Words) -> list[tuple[str, str, str]]:
    """Return promises about an order of this number, and those whose words hold the letters.

    Those that something was done about since the figures were made come first.
    """
    if reader is None:
        return []
    about = [row for row in orders(reader, asked, limit=EACH) if row["user_key"]]
    rows = (
        reader.rows(
            "SELECT promise_id, promise_kind, said, subject, due_day FROM promises_of"
            " WHERE user_key IN (SELECT unnest($keys)) AND subject IN (SELECT unnest($subjects))"
            " ORDER BY due_at DESC NULLS LAST LIMIT $most",
            {"keys": [row["user_key"] for row in about], "subjects": [row["subject"] for row in about], "most": EACH},
        )
        if about
        else []
    )
    rows += (
        reader.rows(
            "SELECT promise_id, promise_kind, said, subject, due_day FROM promises"
            " WHERE said IS NOT NULL AND contains(lower(said), $asked) ORDER BY due_at DESC NULLS LAST LIMIT $most",
            {"asked": asked.lower(), "most": EACH - len(rows)},
        )
        if len(rows) < EACH
        else []
    )
    changed = book_of(reader, moment=Moment(shop.now(), shop.books().timezone)).changed.values()
    subjects, laid = {row["subject"] for row in about}, {row["promise_id"] for row in changed}
    held = [row for row in changed if row["subject"] in subjects or asked.lower() in (row["said"] or "").lower()]
    some = [*held, *(row for row in rows if row["promise_id"] not in laid)][:EACH]
    return [hit for row in some if (hit := _promise(row, words=words))[0]]


def _promise(row: Mapping[str, Any], *, words: Words) -> tuple[str, str, str]:
    named = spoken.short(row["said"] or "") or spoken.promise(words, row["promise_kind"])
    about = spoken.about(words, row["subject"])
    due = words.say("find.due", day=words.short_day(row["due_day"])) if row["due_day"] else ""
    return reached("promises.promise", promise_id=row["promise_id"]), named, " · ".join(filter(None, (about, due)))


ROUTES = (
    route("find/", find, name="find", right=Right.LOOK),
    route("keys/", keys, name="keys", right=Right.LOOK),
)
