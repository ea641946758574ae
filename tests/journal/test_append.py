"""What is recorded, once and for good, and how it is read back."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pytest
from deltalake import DeltaTable
from ibis.expr.types import Table

from journal.batches import batch, free, row
from keptword.core.problems import KeptwordError
from keptword.core.schema import JOURNAL_SCHEMA, SCHEMA_VERSION
from keptword.engines.duckdb import Engine
from keptword.journal.failures import JournalMoved
from keptword.journal.layout import PUMP, UPKEEP, VERSION_PROPERTY, entry_path
from keptword.journal.snapshot import open_snapshot
from keptword.journal.table import Journal
from keptword.journal.writing import write_months


def ids(engine: Engine, table: Table) -> list[str]:
    """The ids of the facts, in order, each as often as it is there."""
    return [one["fact_id"] for one in engine.rows(table.select("fact_id").order_by("fact_id"))]


def test_an_empty_journal_is_an_empty_table(engine, journal):
    """Before the first batch."""
    empty = journal.facts(engine)
    assert dict(empty.schema().items()) == dict(engine.put("x", JOURNAL_SCHEMA, rows=[]).schema().items())
    assert ids(engine, empty) == []
    assert (journal.last_batch(), journal.version(), journal.files()) == (0, 0, ())


def test_what_comes_out_is_what_went_in(engine, journal):
    """Every column of two facts of two months, and the number of their batch."""
    rows = [row("a", day=0, other="li"), row("b", day=40, user="li")]
    posted = batch(engine, rows)
    assert journal.append(engine, posted, number=4, guard=free) == 2
    expected = [one | {"batch": 4} for one in engine.rows(posted.order_by("fact_id"))]
    assert engine.rows(Journal.open(journal.folder).facts(engine).order_by("fact_id")) == expected
    assert [(file.month, file.rows, file.batch_low, file.batch_high, file.on_low) for file in journal.files()] == [
        ("2031-01", 1, 4, 4, date(2031, 1, 15)),
        ("2031-02", 1, 4, 4, date(2031, 2, 24)),
    ]
    assert all(file.path.stat().st_size == file.bytes for file in journal.files())


def test_a_batch_sent_twice_is_recorded_once(engine, journal):
    """Number 1, killed before it was forgotten, and sent again with other content."""
    assert journal.append(engine, batch(engine, [row("a")]), number=1, guard=free) == 1
    assert journal.append(engine, batch(engine, [row("a"), row("b")]), number=1, guard=free) == 0
    assert ids(engine, journal.facts(engine)) == ["a"]


def test_a_batch_without_rows_is_counted(engine, journal):
    """All of it was known already."""
    assert journal.append(engine, batch(engine, []), number=7, guard=free) == 0
    assert (journal.last_batch(), journal.files()) == (7, ())


def test_only_the_batches_asked_for_are_read(engine, journal):
    """Three batches of one fact each."""
    for number, name in enumerate("abc", start=1):
        journal.append(engine, batch(engine, [row(name)]), number=number, guard=free)
    journal.append(engine, batch(engine, [row("d")]), number=4, guard=free)
    assert ids(engine, journal.facts(engine, upto=2)) == ["a", "b"]
    assert ids(engine, journal.facts(engine, after=2, upto=3)) == ["c"]
    journal.compact(engine, guard=free)
    assert len(journal.files()) == 1
    assert ids(engine, journal.facts(engine, upto=2)) == ["a", "b"]
    assert ids(engine, journal.facts(engine, after=2, upto=3)) == ["c"]


def test_files_are_ordered_by_user(engine, journal):
    """Rows of one month come in any order and lie by user, instant and id."""
    rows = [row(f"f{n}", user=f"u{n * 7 % 10}", day=n % 3) for n in range(30)]
    journal.append(engine, batch(engine, rows), number=1, guard=free)
    stored = engine.sql(f"SELECT user_key, occurred_at, fact_id FROM '{journal.files()[0].path}'").fetchall()
    assert stored == sorted(stored)
    assert len(stored) == 30


@pytest.mark.parametrize("transaction", [(PUMP, 1), (UPKEEP, 1)])
def test_of_two_commits_from_one_look_only_one_wins(engine, journal, transaction):
    """Two processes opened the same version; also where they do different work, the second is refused."""
    mine, theirs = open_snapshot(journal.folder), open_snapshot(journal.folder)
    stored = engine.create("rows", batch(engine, [row("a")]).mutate(batch=1))
    (written,) = write_months(engine, journal.folder, source=stored.get_name())
    actions = [written.action(data_change=True)]
    theirs.commit(actions, transaction=(PUMP, 1), guard=free, doing="testing")
    with pytest.raises(JournalMoved, match="somebody else wrote the journal"):
        mine.commit(actions, transaction=transaction, guard=free, doing="testing")
    assert ids(engine, journal.facts(engine)) == ["a"]


def test_whoever_lost_the_lease_writes_nothing_and_leaves_nothing(engine, journal):
    """The guard raises right before the commit."""

    class LeaseLostHere(Exception):
        pass

    def lost() -> None:
        raise LeaseLostHere

    with pytest.raises(LeaseLostHere):
        journal.append(engine, batch(engine, [row("a")]), number=1, guard=lost)
    assert journal.last_batch() == 0
    assert list(journal.folder.rglob("*.parquet")) == []


def test_the_log_says_what_any_reader_of_delta_needs_and_names_nobody(engine, journal):
    """Read as a plain Delta table, by the library itself."""
    journal.append(engine, batch(engine, [row("a"), row("b", day=2)]), number=1, guard=free)
    table = DeltaTable(journal.folder.as_uri())
    actions = table.get_add_actions(flatten=True)
    assert actions.column("num_records").to_pylist() == [2]
    assert actions.column("max.occurred_on").to_pylist() == [date(2031, 1, 17)]
    assert "rosa" not in entry_path(journal.folder, version=1).read_text(encoding="utf-8")


def test_a_journal_of_a_newer_layout_is_refused(journal):
    """The property was set by the Keptword of the year after."""
    first = entry_path(journal.folder, version=0)
    lines = [json.loads(line) for line in first.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        if "metaData" in line:
            line["metaData"]["configuration"][VERSION_PROPERTY] = str(SCHEMA_VERSION + 1)
    first.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    with pytest.raises(KeptwordError, match="written by a newer Keptword"):
        Journal.open(journal.folder)


def test_a_folder_without_a_journal_is_named(tmp_path):
    with pytest.raises(KeptwordError, match="there is no journal here"):
        Journal.open(tmp_path / "none")


def test_a_journal_is_not_made_over_another(journal):
    with pytest.raises(KeptwordError, match="something here already"):
        Journal.create(journal.folder)


def test_a_path_the_library_would_take_for_another_is_refused(tmp_path):
    """deltalake 1.6 writes into `a%20b` and looks for it in `a b`."""
    with pytest.raises(KeptwordError, match="holds %20"):
        Journal.create(tmp_path / "a%20b")


def test_the_hash_of_an_id_is_the_one_python_computes(engine):
    """So that it stays the same for ever, whatever engine writes it."""
    names = ["csv/order.placed/1042", "", "Bücher/ü/购"]
    found = engine.rows(batch(engine, [row(name) for name in names]).select("fact_id", "fact_hash"))
    assert {one["fact_id"]: one["fact_hash"] for one in found} == {
        name: int(hashlib.md5(name.encode()).hexdigest()[:15], 16) for name in names
    }
