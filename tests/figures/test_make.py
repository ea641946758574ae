"""Figures are made once, whole, by one at a time; they are made anew when anything they stand on changed."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from books.tea_shop import LI, ROSA, begun, holders, january, quiet
from figures.making_process import make_until
from figures.shop import MARIA, NOW, copied, entry
from keptword.books.backup import back_up
from keptword.books.engine import engine_for
from keptword.books.erasing import erase
from keptword.books.opened import Books
from keptword.books.recording import post
from keptword.books.rules import add
from keptword.books.searching import search
from keptword.core.mentions import Name
from keptword.core.rules import parse_promise
from keptword.figures import ordering, overview, people
from keptword.figures.make import KEPT, SPARED_SECONDS, make
from keptword.figures.reading import current, forget, generations
from keptword.figures.state import needed
from keptword.figures.tables import TABLES
from keptword.intake.lease import LeaseLost, held

ENOUGH = pytest.mark.usefixtures("without_report")
"""Where it is not about what the figures say, the longest part of making them is left out."""

PROCESSES = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")


@pytest.fixture
def without_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the report out, as in a large shop."""
    monkeypatch.setattr(overview, "MOST_ORDERS", -1)


@pytest.fixture
def again(figured, tmp_path: Path) -> Iterator[Books]:
    """A copy of the books that have figures, with them, for one test."""
    there = copied(figured.books.folder.path, tmp_path / "books")
    yield there
    forget(there.folder)


def numbers(books: Books) -> list[int]:
    """The numbers of the figures there are."""
    return [number for number, _ in generations(books.folder.figures)]


def leftovers(books: Books) -> list[str]:
    """What lies among the figures and is none."""
    whole = {path.name for _, path in generations(books.folder.figures)}
    return sorted({path.name for path in books.folder.figures.iterdir()} - whole)


def test_figures_are_the_same_however_many_threads_work_them_out_and_in_what_slices(again, figured, monkeypatch):
    """Every row of every table, and every document, with one thread and small slices as with several and at once."""
    monkeypatch.setattr(ordering, "AT_ONCE", 100)
    monkeypatch.setattr(people, "SORTED", 300)
    made = make(again, say=quiet, now=NOW, threads=1)
    reader = current(again.folder)
    assert reader is not None
    assert reader.number == made.number > figured.reader.number
    for table in TABLES:
        rows = f"SELECT * FROM {table} ORDER BY ALL"
        if table == "about":
            rows = "SELECT * FROM about WHERE name <> 'made' ORDER BY ALL"
        assert reader.rows(rows) == figured.reader.rows(rows), table
    for table, by in (("promises", "due_at DESC NULLS LAST"), ("promises_of", "user_key"), ("entries_of", "user_key")):
        column = by.split()[0]
        assert reader.rows(f"SELECT {column} FROM {table}") == reader.rows(
            f"SELECT {column} FROM {table} ORDER BY {by}"
        )


@ENOUGH
def test_a_make_that_is_killed_leaves_nothing_in_the_way(again, figured):
    """The figures before it are read on, and the next make removes what it left."""
    killed = PROCESSES.Process(target=make_until, args=(str(again.folder.path), "Breaking down …"))
    killed.start()
    killed.join(60)
    assert killed.exitcode not in (0, None)
    assert leftovers(again)
    reader = current(again.folder)
    assert reader is not None
    assert reader.number == figured.reader.number
    made = make(again, say=quiet, now=NOW)
    assert leftovers(again) == []
    assert numbers(again) == [figured.reader.number, made.number]


@ENOUGH
def test_two_makes_at_once_are_made_one_after_the_other(again):
    """Both come to an end, each with a number of its own, and both files are whole."""
    steps: list[tuple[str, str]] = []
    made = []

    def one(name: str) -> None:
        made.append(make(again, say=lambda told: steps.append((name, told)), now=NOW))

    threads = [threading.Thread(target=one, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.number for each in made}) == 2
    names = [name for name, _ in steps]
    assert names == sorted(names, key=names.index)
    assert leftovers(again) == []
    assert len(numbers(again)) == 3


@ENOUGH
def test_who_has_lost_the_lease_writes_no_figures(again, figured):
    """A process that slept through another's taking over."""

    def taken_over(told: str) -> None:
        if told == "Looking who waits …":
            from keptword.intake.models import Lease

            Lease.objects.filter(name="figures").update(holder="somebody else", fence=10_000)

    with pytest.raises(LeaseLost):
        make(again, say=taken_over, now=NOW)
    assert numbers(again) == [figured.reader.number]
    assert leftovers(again) == []


def an_entry(books: Books) -> None:
    """Something happened."""
    post(books, entry("9001"), say=quiet)


def a_rule(books: Books) -> None:
    """Something new is promised."""
    add(books, replace(parse_promise("replies within 2 working days"), since=None))


def a_setting(books: Books) -> None:
    """The business told another name."""
    text = books.folder.settings.read_text("utf-8")
    books.folder.settings.write_text(text.replace("Teehaus", "Tee"), encoding="utf-8")


def a_rate(books: Books) -> None:
    """The rate of a currency became known."""
    books.folder.rates.write_text("date,currency,per_eur,source\n2025-01-01,USD,1.1,ECB\n", encoding="utf-8")


@pytest.mark.parametrize("change", [an_entry, a_rule, a_setting, a_rate])
def test_figures_are_needed_anew_once_what_they_stand_on_has_changed(again, change: Callable[[Books], None]):
    """And not before."""
    assert not needed(again, now=NOW)
    change(again)
    assert needed(again, now=NOW)


def test_figures_are_needed_anew_every_day_and_where_there_are_none(again, books):
    """Until midnight by the shop's clock they hold; without any, or with a file that is none, they are needed."""
    assert not needed(again, now=NOW.replace(hour=22, minute=59))
    assert needed(again, now=NOW.replace(hour=23, minute=1))
    assert needed(books, now=NOW)
    books.folder.figures.mkdir()
    (books.folder.figures / "7.duckdb").write_bytes(b"half a file")
    assert current(books.folder) is None
    assert needed(books, now=NOW)


@ENOUGH
def test_whoever_reads_goes_on_while_new_figures_come_and_sees_them_next(again):
    """What was posted is in the new ones, which tell up to where they know; the old reader says what it said."""
    before = current(again.folder)
    assert before is not None
    entries = before.said("shop")["entries"]
    an_entry(again)
    made = make(again, say=quiet, now=NOW)
    after = current(again.folder)
    assert after is not None
    assert after.number == made.number
    assert not needed(again, now=NOW)
    assert made.batch == after.said("made")["of"]["batch"] == again.journal.last_batch()
    assert after.made_at == NOW
    assert after.said("shop")["entries"] == entries + 1
    assert after.row("SELECT * FROM entries_of WHERE subject = 'order:9001'")["user_key"] == MARIA
    before.path.unlink()
    assert before.row("SELECT * FROM entries_of WHERE subject = 'order:9001'") is None
    assert before.row("SELECT count(*) AS count FROM promises_of")["count"] > 0


@ENOUGH
def test_old_figures_go_but_none_that_somebody_may_be_opening(again, figured):
    """The last two stay, and any younger than ten minutes."""
    number, path = generations(again.folder.figures)[-1]
    old = time.time() - SPARED_SECONDS - 60
    for older in (1, 2, 3):
        shutil.copy(path, path.with_name(f"{number + older}.duckdb"))
    for aged in (number, number + 1):
        os.utime(path.with_name(f"{aged}.duckdb"), (old, old))
    made = make(again, say=quiet, now=NOW)
    assert made.number == number + 4
    assert KEPT == 2
    assert numbers(again) == [number + 2, number + 3, number + 4]


@pytest.fixture
def tea(tmp_path: Path, without_report: None) -> Iterator[Books]:
    """The tea shop's books with figures."""
    books = begun(tmp_path / "tea")
    post(books, january(), say=quiet)
    make(books, say=quiet, now=NOW - timedelta(days=300))
    yield books
    forget(books.folder)


@ENOUGH
def test_an_erased_customer_is_in_no_figures_and_comes_back_with_none(tea):
    """The files go with the erasure, whose search would have found her in them; those made anew know others only."""
    reader = current(tea.folder)
    assert reader is not None
    assert reader.row("SELECT * FROM people WHERE user_key = $key", {"key": ROSA}) is not None
    with engine_for(tea) as engine:
        assert reader.path in search(tea.folder.path, engine, name=Name(ROSA)).held
    done = erase(tea, ROSA, say=quiet)
    assert (done.searched.held, done.searched.unreadable) == ((), ())
    assert list(tea.folder.figures.iterdir()) == []
    assert holders(tea.folder.path, ROSA) == []
    assert current(tea.folder) is None
    assert needed(tea, now=NOW)
    made = make(tea, say=quiet, now=NOW)
    assert made.number > reader.number
    with engine_for(tea) as engine:
        assert search(tea.folder.path, engine, name=Name(ROSA)).held == ()
        assert made.path in search(tea.folder.path, engine, name=Name(LI)).held


@ENOUGH
def test_an_erasure_waits_for_figures_that_are_being_made_and_removes_them(tea):
    """They were read before she was taken out."""
    begun_to_read, done = threading.Event(), threading.Event()

    def makes() -> None:
        def say(told: str) -> None:
            if told == "Looking who waits …":
                begun_to_read.set()
                time.sleep(1)

        make(tea, say=say, now=NOW)
        done.set()

    maker = threading.Thread(target=makes)
    maker.start()
    assert begun_to_read.wait(30)
    erase(tea, ROSA, say=quiet)
    assert done.is_set()
    maker.join()
    assert list(tea.folder.figures.iterdir()) == []


@ENOUGH
def test_nobody_makes_figures_while_somebody_is_erased(tea):
    """Their lease is held as long."""
    seen = []

    def say(_: str) -> None:
        from keptword.intake.lease import LeaseBusy

        try:
            with held(name="figures", wait=0.0):
                seen.append("free")
        except LeaseBusy:
            seen.append("busy")

    erase(tea, ROSA, say=say)
    assert set(seen[1:]) == {"busy"}


def test_a_backup_leaves_the_figures_out(again, tmp_path: Path):
    """They are worked out anew."""
    back_up(again, tmp_path / "backup", say=quiet)
    assert {path.name for path in again.folder.path.iterdir()} >= {"figures", "journal"}
    kept = {path.name for path in (tmp_path / "backup").rglob("*")}
    assert "journal" in kept
    assert "figures" not in kept
    assert not any(name.endswith(".duckdb") for name in kept)
