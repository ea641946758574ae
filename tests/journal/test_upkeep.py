"""Small files and a long log go by themselves, and nothing live goes with them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journal.batches import batch, free, row
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine
from keptword.journal.layout import LOG, MONTH, checkpoints_of, entries_of
from keptword.journal.snapshot import open_snapshot
from keptword.journal.table import Journal
from keptword.journal.upkeep import MANY, SHORT_LOG


def posted(engine: Engine, journal: Journal, *, batches: int) -> None:
    """So many batches of two facts, one in January and one in February."""
    first = journal.last_batch() + 1
    for number in range(first, first + batches):
        rows = [row(f"{number:03}{day}", user=f"u{-number % 7}", day=day) for day in (3, 30)]
        journal.append(engine, batch(engine, rows), number=number, guard=free)


def everything(engine: Engine, journal: Journal) -> list[dict[str, object]]:
    """All facts with all columns."""
    return engine.rows(journal.facts(engine).order_by("fact_id"))


def test_joining_files_changes_no_row_and_orders_them_by_user(engine, journal):
    posted(engine, journal, batches=6)
    before = everything(engine, journal)
    assert journal.compact(engine, guard=free) == 12
    assert everything(engine, journal) == before
    assert [(file.month, file.rows, file.batch_low, file.batch_high) for file in journal.files()] == [
        ("2031-01", 6, 1, 6),
        ("2031-02", 6, 1, 6),
    ]
    users = [user for (user,) in engine.sql(f"SELECT user_key FROM '{journal.files()[0].path}'").fetchall()]
    assert users == sorted(users)
    assert journal.last_batch() == 6


def test_few_files_are_left_as_they_are(engine, journal):
    posted(engine, journal, batches=3)
    version = journal.version()
    assert journal.compact(engine, guard=free) == 0
    assert journal.version() == version


def test_upkeep_is_needed_once_small_files_pile_up_and_not_after_it(engine, journal):
    posted(engine, journal, batches=MANY - 1)
    assert not journal.needs_upkeep()
    posted(engine, journal, batches=1)
    assert journal.needs_upkeep()
    before = everything(engine, journal)
    journal.compact(engine, guard=free)
    journal.vacuum(guard=free)
    assert not journal.needs_upkeep()
    assert everything(engine, journal) == before


def test_only_what_is_not_live_is_deleted(engine, journal):
    """Files replaced, an orphan of a killed writer, a leftover in the log; and a note that is not ours."""
    posted(engine, journal, batches=5)
    old = [file.path for file in journal.files()]
    journal.compact(engine, guard=free)
    orphan = journal.folder / f"{MONTH}=2031-01" / "orphan.parquet"
    leftover = journal.folder / LOG / "_commit_1.json.tmp"
    note = journal.folder / "note.txt"
    for path in (orphan, leftover, note):
        path.write_bytes(b"rosa")
    before = everything(engine, journal)
    assert journal.vacuum(guard=free, spare=timedelta(hours=1)) == 0
    assert journal.vacuum(guard=free) == len(old) + 2
    assert not any(path.exists() for path in [*old, orphan, leftover])
    assert note.exists()
    assert all(file.path.exists() for file in journal.files())
    assert everything(engine, journal) == before


def test_nothing_is_deleted_without_the_lease(engine, journal):
    def lost() -> None:
        raise KeptwordError("lost")

    posted(engine, journal, batches=5)
    journal.compact(engine, guard=free)
    files = sorted(journal.folder.rglob("*.parquet"))
    with pytest.raises(KeptwordError, match="lost"):
        journal.vacuum(guard=lost)
    assert sorted(journal.folder.rglob("*.parquet")) == files


def test_a_shorter_log_says_the_same(engine, journal):
    """More entries than are left standing become one checkpoint; batches go on being counted after it."""
    posted(engine, journal, batches=SHORT_LOG + 1)
    before, files, version = everything(engine, journal), journal.files(), journal.version()
    journal.vacuum(guard=free)
    assert len(entries_of(journal.folder)) == len(checkpoints_of(journal.folder)) == 1
    assert (journal.files(), journal.version(), journal.last_batch()) == (files, version, SHORT_LOG + 1)
    assert everything(engine, journal) == before
    assert journal.append(engine, batch(engine, [row("again")]), number=SHORT_LOG + 1, guard=free) == 0
    posted(engine, journal, batches=SHORT_LOG + 1)
    journal.vacuum(guard=free)
    assert len(entries_of(journal.folder)) == len(checkpoints_of(journal.folder)) == 1
    assert len(everything(engine, journal)) == 4 * (SHORT_LOG + 1)


def test_who_looked_before_the_log_was_shortened_cannot_write_after_it(engine, journal):
    """A process stopped in between (SIGSTOP) goes on with its old look; its entry would stand below the checkpoint."""
    posted(engine, journal, batches=1)
    stale = open_snapshot(journal.folder)
    posted(engine, journal, batches=SHORT_LOG + 2)
    journal.vacuum(guard=free)
    before = everything(engine, journal)
    with pytest.raises(KeptwordError):
        stale.commit([], transaction=("pump", 99), guard=free, doing="testing")
    assert everything(engine, journal) == before
    assert journal.last_batch() == SHORT_LOG + 3
