"""Books with a shop's year and a half in them: the invented shop's story, and a carrier that is late to the islands."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from books.tea_shop import begun, line, quiet
from keptword.books.engine import engine_for
from keptword.books.folder import Folder
from keptword.books.opened import Books, open_books, writing
from keptword.books.recording import post, settle
from keptword.books.rules import add
from keptword.core.rules import parse_promise
from keptword.engines.duckdb import literal
from keptword.intake import imports
from keptword.simulate.story import story, write_story

YESTERDAY = date(2025, 11, 23)
NOW = datetime(2025, 11, 24, 8, 30, tzinfo=UTC)
"""A Monday morning, half past nine at the shop."""

USERS = 60
MARIA = "maria-0011223344"
LINA = "lina-5566778899"


def grown(folder: Path) -> Books:
    """Books with the story of some customers, 60 parcels of two carriers, what Maria was promised, what Lina asked."""
    books = begun(folder)
    add(books, replace(parse_promise("ships within 2 working days"), since=date(2024, 1, 1)))
    _import_story(books)
    post(books, [*parcels(), *by_hand(), *asked()], say=quiet)
    return books


def _import_story(books: Books) -> None:
    place = books.folder.path.with_name("story")
    with engine_for(books) as engine:
        write_story(story(seed=3, until=YESTERDAY, users=USERS), engine=engine, folder=place, form="parquet")
        number = imports.begin(["story"], read_as={"files": [["story", "csv", "A table", 7]]}, now=datetime.now(UTC))
        staged = books.folder.staged / f"import-{number}.parquet"
        source = literal(str(place / "*.parquet"))
        done = engine.sql(f"COPY (SELECT * FROM read_parquet({source})) TO {literal(str(staged))}").fetchone()
        imports.seal(number, staged, rows=int(done[0]))
        imports.finish(number, undated={})
        with writing(books, say=quiet) as lease:
            settle(books, engine, lease=lease, say=quiet)
    shutil.rmtree(place)


def parcels() -> Iterator[str]:
    """60 orders of October: every second one goes by boat, and most of those leave late; one is rated, one returned."""
    for number in range(60):
        slow = number % 2 == 1
        day = date(2025, 10, 1) + timedelta(days=number % 20)
        about = {"carrier": "Boat" if slow else "Road", "country": "PT" if slow else "DE", "product": ["Sencha", "Cup"]}
        order = {"user_key": f"islander-{number % 25:02}-2233", "subject": f"order:#{5000 + number}"}
        yield line(
            f"placed:{5000 + number}",
            "order.placed",
            day=str(day),
            channel="web",
            amount="20",
            currency="EUR",
            attributes=about,
            **order,
        )
        left = day + timedelta(days=9 if slow and number % 10 != 1 else 1)
        yield line(f"shipped:{5000 + number}", "order.shipped", day=str(left), **order)
    yield line(
        "rated:1", "review.posted", day="2025-10-30", user_key="islander-01-2233", subject="order:#5001", score=0.5
    )
    yield line("rated:2", "review.posted", day="2025-10-30", subject="product:sencha", score=1.0)
    yield line("back:1", "order.returned", day="2025-10-29", user_key="islander-01-2233", subject="order:#5001")


def by_hand() -> Iterator[str]:
    """What Maria was promised: kept, late, waiting, due today or by the hour, vague, said to be broken, told twice."""

    def made(name: str, day: str, **more: Any) -> str:
        promised = {"promise_id": f"hand:{name}", "promise_kind": "refund", "subject": f"order:M{name}"}
        return line(f"made:{name}", "promise.made", day=day, user_key=MARIA, **promised | more)

    def moved(name: str, kind: str, day: str) -> str:
        return line(f"{kind}:{name}", f"promise.{kind}", day=day, user_key=MARIA, promise_id=f"hand:{name}")

    said = {"what": "Your 12 euros back", "shown_at": "the mail of 1 November"}
    yield from (made("kept", "2025-10-01", **_due("2025-10-05")), moved("kept", "kept", "2025-10-04"))
    yield from (made("late", "2025-10-01", **_due("2025-10-05")), moved("late", "kept", "2025-10-09"))
    yield made("waits", "2025-11-01", **_due("2025-11-10"), attributes=said, channel="mail", member="m1")
    yield made("today", "2025-11-20", **_due("2025-11-24"))
    yield made("hour-gone", "2025-11-20", due_at="2025-11-24T08:00:00Z")
    yield made("hour-ahead", "2025-11-20", due_at="2025-11-24T09:00:00Z")
    yield made("midnight", "2025-11-20", due_at="2025-11-22T23:30:00Z")
    yield made("vague", "2025-11-02")
    yield made("old", "2025-02-01", **_due("2025-02-10"))
    yield from (made("off", "2025-11-02", **_due("2025-11-10")), moved("off", "released", "2025-11-03"))
    yield from (made("never", "2025-11-02", **_due("2025-11-10")), moved("never", "broken", "2025-11-11"))
    for name, channel in (("twice", "phone"), ("twice-again", "mail")):
        yield made(
            name, "2025-10-01", promise_id="hand:twice", subject="order:M9", channel=channel, **_due("2025-10-05")
        )
    yield moved("twice", "kept", "2025-10-04")
    yield line("asks:1", "contact.opened", day="2025-11-21", user_key=MARIA, subject="conversation:m1", channel="mail")
    yield line("asks:2", "contact.opened", day="2025-11-19", user_key=MARIA, subject="conversation:m2", channel="mail")
    yield line("told:2", "contact.replied", day="2025-11-20", user_key=MARIA, subject="conversation:m2")


def asked() -> Iterator[str]:
    """What Lina asked: one answer we said will not come, one long overdue; and a note to her from the desk."""
    about = {name: {"user_key": LINA, "subject": f"conversation:{name}"} for name in ("l1", "l2")}
    for name, day, due in (("l1", "2025-11-01", "2026-03-01"), ("l2", "2025-02-01", "2025-02-03")):
        promised = {"promise_id": f"hand:{name}", "promise_kind": "reply", **_due(due)}
        yield line(f"made:{name}", "promise.made", day=day, **about[name], **promised)
        yield line(f"asks:{name}", "contact.opened", day=day, **about[name])
    yield line("broken:l1", "promise.broken", day="2025-11-11", user_key=LINA, promise_id="hand:l1")
    yield line("told:l2", "contact.replied", day="2025-02-20", **about["l2"])
    yield line("asks-again:l2", "contact.reopened", day="2025-11-20", **about["l2"])
    yield line("desk-note", "apology.sent", day="2025-11-24", user_key=LINA, source="desk:5:0")


def _due(day: str) -> dict[str, str]:
    return {"due_on": day, "due_at": f"{day}T22:59:59Z"}


def copied(made: Path, folder: Path) -> Books:
    """A copy of books, open."""
    shutil.copytree(made, folder)
    return open_books(Folder(folder))


def entry(name: str, *, day: str = "2025-11-23") -> list[str]:
    """One more entry, as a line of JSON."""
    return [json.dumps(json.loads(line(name, "order.placed", day=day, user_key=MARIA, subject=f"order:{name}")))]
