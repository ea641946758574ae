"""An erased person is in no byte below the folder, and nobody else loses an entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from journal.batches import batch, free, row
from keptword.engines.duckdb import Engine
from keptword.journal.table import Journal

ROSA = "4f1dab77rosa"


def holders(engine: Engine, folder: Path) -> list[str]:
    """The files below a folder that hold Rosa's key, as bytes or, in Parquet, behind its compression."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            rows = engine.sql("SELECT to_json(t)::VARCHAR FROM read_parquet([?]) AS t", [str(path)]).fetchall()
            content += "\n".join(text for (text,) in rows).encode()
        if ROSA.encode() in content or path.name.find(ROSA) >= 0:
            found.append(path.name)
    return found


def filled(engine: Engine, journal: Journal) -> None:
    """Four batches over two months with Rosa, whom Li once recommended, and who once recommended Li."""
    for number in range(1, 5):
        rows = [
            row(f"r{number}", user=ROSA, day=number),
            row(f"s{number}", user=ROSA, day=number + 31),
            row(f"l{number}", user="li", day=number),
            row(f"n{number}", user=None, day=number),
        ]
        journal.append(engine, batch(engine, rows), number=number, guard=free)
    rows = [row("joined", user="li", other=ROSA), row("rejoined", user=ROSA, other="li")]
    journal.append(engine, batch(engine, rows), number=5, guard=free)


def test_no_byte_below_the_folder_holds_the_erased_key(engine, journal):
    """Her own entries, a mention of her in somebody else's, files joined meanwhile, and an orphan."""
    filled(engine, journal)
    journal.compact(engine, guard=free)
    (journal.folder / "month=2031-01" / "orphan.parquet").write_bytes(journal.files()[0].path.read_bytes())
    assert len(holders(engine, journal.folder)) > 2
    erased = journal.erase(engine, [ROSA], guard=free)
    assert (erased.entries, erased.mentions, erased.rewritten) == (9, 1, 2)
    assert erased.deleted > 5
    assert holders(engine, journal.folder) == []
    left = engine.rows(journal.facts(engine).order_by("fact_id"))
    assert [one["fact_id"] for one in left] == ["joined", "l1", "l2", "l3", "l4", "n1", "n2", "n3", "n4"]
    assert {one["other_user"] for one in left} == {None}
    assert journal.last_batch() == 5


def test_erasing_somebody_unknown_or_twice_is_no_error(engine, journal):
    filled(engine, journal)
    journal.erase(engine, [ROSA], guard=free)
    version, files = journal.version(), journal.files()
    again = journal.erase(engine, [ROSA, "nobody"], guard=free)
    assert (again.entries, again.mentions, again.rewritten, again.deleted) == (0, 0, 0, 0)
    assert (journal.version(), journal.files()) == (version, files)


def test_erasing_from_an_empty_journal_is_no_error(engine, journal):
    assert journal.erase(engine, [ROSA], guard=free).entries == 0
    assert journal.erase(engine, [], guard=free).entries == 0


def test_a_file_that_held_only_them_is_gone(engine, journal):
    journal.append(engine, batch(engine, [row("a", user=ROSA)]), number=1, guard=free)
    assert journal.erase(engine, [ROSA], guard=free).rewritten == 1
    assert journal.files() == ()
    assert list(journal.folder.rglob("*.parquet")) == []
    assert engine.rows(journal.facts(engine)) == []


def test_an_erasure_killed_before_it_deleted_is_finished_by_the_next(engine, journal):
    """The entry is in the log, and the files that held her are still on the disk."""
    filled(engine, journal)
    calls = iter(range(100))

    def killed_at_the_second_call() -> None:
        if next(calls) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal.erase(engine, [ROSA], guard=killed_at_the_second_call)
    assert holders(engine, journal.folder) != []
    assert journal.erase(engine, [ROSA], guard=free).entries == 0
    assert holders(engine, journal.folder) == []
