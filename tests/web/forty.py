"""An agent's Monday: a shop with forty promises to keep, three messages to answer and a few odd ones, figures made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from keptword.books.folder import Folder
from keptword.books.opened import Books, begin_books
from keptword.books.recording import post
from keptword.figures.make import make
from web.invented import fact, quiet, today

SCRIPT = "<script>alert(1)</script>"
LATE, TODAY, WEEK, LATER = 10, 2, 8, 20
"""Of the forty promises: past their day, due today, due in the next six days, due after that."""

KINDS = ("delivery", "refund", "reply", "reward")
LET_DOWN = {"c3": 2, "c7": 1}
"""Who was let down before by a promise kept late, how often; c2 once more, by a prize that was never sent."""


def due_in(number: int) -> int:
    """In how many days promise `number` is due; ties in pairs."""
    if number < LATE:
        return -5 + number // 2
    if number < LATE + TODAY:
        return 0
    if number < LATE + TODAY + WEEK:
        return 1 + (number - LATE - TODAY) % 6
    return 10 + number % 5


def promised(name: str, kind: str, *, who: str, due: int | None, made: int, **more: Any) -> dict[str, Any]:
    """One promise told by itself, due in so many days, made so many days ago."""
    told: dict[str, Any] = {"promise_id": name, "promise_kind": kind, "user_key": who, **more}
    if due is not None:
        day = today() + timedelta(days=due)
        told |= {"due_on": f"{day}", "due_at": f"{day}T23:59:59.999999Z"}
    return fact(f"{name}:made", "promise.made", today() - timedelta(days=made), **told)


def entries() -> Iterator[dict[str, Any]]:
    """All entries of the shop."""
    for number in range(40):
        order, who = f"order:{1000 + number}", f"c{number}"
        placed = today() - timedelta(days=12)
        yield fact(
            f"o{number}",
            "order.placed",
            placed,
            user_key=who,
            subject=order,
            amount="20",
            currency="EUR",
            channel="shop" if number % 2 else "web",
            attributes={"country": "DE" if number % 3 else "CH"},
        )
        kind = KINDS[number % 4]
        yield promised(
            f"p{number}",
            kind,
            who=who,
            due=due_in(number),
            made=11,
            subject=order,
            channel="shop" if number % 2 else "web",
        )
    for who, times in LET_DOWN.items():
        for turn in range(times):
            name = f"old-{who}-{turn}"
            yield promised(name, "delivery", who=who, due=-40 - turn, made=60)
            yield fact(f"{name}:kept", "promise.kept", today() - timedelta(days=30), user_key=who, promise_id=name)
    for number in range(3):
        yield fact(
            f"w{number}",
            "contact.opened",
            today() - timedelta(days=number + 1),
            user_key=f"w{number}",
            subject=f"conversation:{number}",
            channel="mail",
        )
    yield promised("vague", "roadmap", who="c1", due=None, made=3, attributes={"what": f"A tea from {SCRIPT}"})
    yield promised("ancient", "reward", who="c2", due=-200, made=210)
    yield promised("off", "delivery", who="c4", due=5, made=9)
    yield fact("off:off", "promise.released", today() - timedelta(days=2), promise_id="off", user_key="c4")
    yield promised("given-up", "stock", who="c5", due=-3, made=9)
    yield fact("given-up:broken", "promise.broken", today() - timedelta(days=1), promise_id="given-up", user_key="c5")


def forty(place: Path) -> Books:
    """Make the books, and an address book in which nearly all have a mail address."""
    from keptword.office.people import remember

    books = begin_books(Folder(place), name="Alder Tea", currency="EUR", timezone="UTC", country=None)
    done = post(books, map(json.dumps, entries()), say=quiet)
    assert done.settled is not None
    assert done.settled.refused == 0
    make(books, say=quiet)
    now = datetime.now(UTC)
    names = {f"c{number}": f"Customer {number}" for number in range(40)} | {
        "c0": SCRIPT,
        "c1": "王芳",
        "w0": "Wanda Wren",
    }
    told = ((key, name, "" if key == "c9" else f"{key}@example.org", "", "", "", now) for key, name in names.items())
    remember(told, now=now)
    return books
