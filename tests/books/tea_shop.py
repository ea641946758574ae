"""A small shop's real books for the tests of erasing, exporting and backups: four customers and what they met."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from keptword.books.closing import close_day
from keptword.books.engine import engine_for
from keptword.books.folder import Folder
from keptword.books.opened import Books, begin_books, open_books
from keptword.books.recording import post
from keptword.closing.sealed import Sealed
from keptword.engines.duckdb import Engine

ROSA = "4f1dab77c0ffee90rosa"
LI = "9be2c1d0aa00li"
MIA = "77aa00bb11cc22mia"
SHORT = "jo"

JANUARY, FEBRUARY = date(2025, 1, 31), date(2025, 2, 28)


def quiet(_: str) -> None:
    """Say nothing."""


def line(name: str, kind: str, *, day: str, **columns: Any) -> str:
    """One entry as a line of JSON, at ten in the morning."""
    fact = {"fact_id": f"tea:{name}", "kind": kind, "occurred_at": f"{day}T10:00:00Z", "source": f"tea.jsonl {name}"}
    return json.dumps(fact | columns, ensure_ascii=False)


def january() -> list[str]:
    """What four customers met in January 2025: orders, promises, an answer, recommendations."""
    lines = []
    for number, user in enumerate([ROSA, LI, MIA, SHORT, ROSA, ROSA, LI], start=1):
        order = {"user_key": user, "subject": f"order:{number}", "amount": "12.5", "currency": "EUR"}
        lines += [
            line(f"placed:{number}", "order.placed", day=f"2025-01-{number:02}", **order),
            line(
                f"promised:{number}",
                "promise.made",
                day=f"2025-01-{number:02}",
                user_key=user,
                promise_id=f"p{number}",
                promise_kind="delivery",
                due_on=f"2025-01-{number + 3:02}",
                due_at=f"2025-01-{number + 3:02}T22:59:59Z",
            ),
        ]
        if number % 3:
            kept = {"user_key": user, "promise_id": f"p{number}"}
            lines.append(line(f"kept:{number}", "promise.kept", day=f"2025-01-{number + 2:02}", **kept))
    return [
        *lines,
        line("joined:li", "referral.joined", day="2025-01-09", user_key=LI, other_user=ROSA),
        line("joined:rosa", "referral.joined", day="2025-01-03", user_key=ROSA, other_user=MIA),
        line("sent:rosa", "referral.sent", day="2025-01-08", user_key=ROSA),
        line("rated:rosa", "review.posted", day="2025-01-12", user_key=ROSA, subject="product:tea", score=0.9),
        line("rated:li", "review.posted", day="2025-01-12", user_key=LI, subject="product:tea", score=0.4),
        line("viewed", "page.viewed", day="2025-01-12", subject="page:2", seconds=4),
    ]


def february() -> list[str]:
    """What came after January was closed: a promise that waited is kept, another one is made."""
    return [
        line("kept:3", "promise.kept", day="2025-02-02", user_key=MIA, promise_id="p3"),
        line("kept:6", "promise.kept", day="2025-02-03", user_key=ROSA, promise_id="p6"),
        line("placed:20", "order.placed", day="2025-02-04", user_key=LI, subject="order:20", amount=9, currency="EUR"),
        line("late:li", "contact.opened", day="2025-01-30", user_key=LI, subject="conversation:1"),
    ]


def malformed() -> list[str]:
    """Lines that are laid aside: two of them name Rosa, one in a text that is no JSON."""
    return [
        line("odd:1", "order.placed", day="2025-01-02", user_key=ROSA, subject="order:90", amount="much"),
        '{"torn": "' + ROSA + '"',
        line("odd:2", "order.placed", day="2025-01-02", user_key=LI, subject="order:91", amount="much"),
    ]


def begun(folder: Path, *, name: str = "Teehaus Jōji") -> Books:
    """Empty books."""
    return begin_books(Folder(folder), name=name, currency="EUR", timezone="Europe/Berlin", country=None)


def filled(folder: Path) -> Books:
    """Books with January closed, and February come in but not closed."""
    books = begun(folder)
    post(books, [*january(), *malformed()], say=quiet)
    close_day(books, JANUARY, say=quiet)
    post(books, february(), say=quiet)
    return books


def closed_books(folder: Path) -> Path:
    """The folder of filled books that nobody has open."""
    filled(folder)
    from keptword.intake import database

    database.disconnect()
    return folder


def copied(made: Path, folder: Path) -> Books:
    """A copy of books, open."""
    shutil.copytree(made, folder)
    return open_books(Folder(folder))


def ids(books: Books) -> list[str]:
    """The ids of all entries in the journal, in order."""
    with engine_for(books) as engine:
        return sorted(row["fact_id"] for row in engine.rows(books.journal.facts(engine).select("fact_id")))


def contents(sealed: Sealed) -> dict[str, str]:
    """The digests of a closing's files by name."""
    return {name: told["sha256"] for name, told in sealed.manifest["files"].items()}


def holders(folder: Path, key: str) -> list[str]:
    """The files below a folder that hold a key: as bytes, in a Parquet file's values, in a database's rows."""
    found = []
    with Engine() as engine:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            texts: Iterable[str] = ()
            if path.suffix == ".parquet":
                rows = engine.sql("SELECT to_json(t)::VARCHAR FROM read_parquet([?]) AS t", [str(path)]).fetchall()
                texts = [text for (text,) in rows]
            elif path.suffix == ".sqlite3":
                with closing(sqlite3.connect(path)) as connection:
                    texts = list(connection.iterdump())
            if key.encode() in path.read_bytes() or key in path.name or any(key in text for text in texts):
                found.append(path.relative_to(folder).as_posix())
    return found
