"""The pump: each fact is in the journal once, whatever was sent twice, moved, taken back or erased."""

from __future__ import annotations

import pytest

from intake.desk import NOW, line, withdrawn
from keptword.core.problems import KeptwordError
from keptword.intake import imports, tombstones
from keptword.intake.models import Batch, Waiting
from keptword.intake.pump import Pumped


def names(*numbers: int) -> list[str]:
    return sorted(f"shop:order.placed:{number}" for number in numbers)


def an_import(desk, engine, lines, *, name):
    """Seal one file of an import of its own, and return the import's number."""
    number = imports.begin([name], read_as={name: "facts"}, now=NOW)
    imports.seal(number, desk.stage(engine, lines, name=name), rows=len(lines))
    imports.finish(number, undated={})
    return number


def test_what_waits_is_recorded_and_forgotten(desk, engine):
    desk.post([line(1), line(2)])
    assert desk.pump(engine) == Pumped(recorded=2)
    rows = desk.rows(engine)
    assert [row["fact_id"] for row in rows] == names(1, 2)
    assert {row["batch"] for row in rows} == {1}
    assert all(row["fact_hash"] and row["import_number"] is None for row in rows)
    assert str(rows[0]["amount"]) == "12.5000"
    assert not Waiting.objects.exists()
    assert desk.pump(engine) == Pumped()


def test_what_is_in_the_journal_is_known(desk, engine):
    desk.post([line(1), line(2)])
    desk.pump(engine)
    desk.post([line(2, source="elsewhere", recorded_at="2031-04-01T00:00:00Z"), line(3)])
    assert desk.pump(engine) == Pumped(recorded=1, known=1)
    assert desk.ids(engine) == names(1, 2, 3)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"amount": 99}, 'amount was "12.5" and is "99" here'),
        ({"amount": None}, 'amount was "12.5" and is empty here'),
        ({"occurred_at": "2031-07-01T10:00:00Z"}, 'occurred_at was "2031-03-01T10:00:00.000000Z" and is'),
        ({"user_key": "another"}, 'user_key was "u1" and is "another" here'),
        ({"steps": 3}, "steps was empty and is 3 here"),
    ],
    ids=str,
)
def test_a_fact_that_contradicts_the_journal_is_laid_aside_naming_both(desk, engine, changed, told):
    """Even where the source moved it to another month."""
    desk.post([line(1)])
    desk.pump(engine)
    for _ in range(2):
        desk.post([line(1, **changed)])
        assert desk.pump(engine) == Pumped(refused=1)
    (reason,) = desk.reasons()
    assert told in reason
    assert desk.ids(engine) == names(1)


def test_what_waits_enters_in_batches_of_a_size(desk, engine):
    desk.post(line(number) for number in range(25))
    assert desk.pump(engine, at_once=10).recorded == 25
    assert [batch.rows for batch in Batch.objects.order_by("number")] == [10, 10, 5]
    assert desk.journal.last_batch() == 3


def test_a_staged_file_is_sorted_against_itself_and_the_journal(desk, engine):
    """Number 1 is known; 2 is new and stands there twice; of 3 the two differ and one stays; 4 contradicts."""
    desk.post([line(1), line(4)])
    desk.pump(engine)
    lines = [line(1), line(2), line(2, source="again"), line(3), line(3, amount=1), line(4, amount=1), line(4)]
    number = an_import(desk, engine, lines, name="a.parquet")
    assert desk.pump(engine) == Pumped(recorded=2, known=3, refused=2)
    assert desk.ids(engine) == names(1, 2, 3, 4)
    assert {row["import_number"] for row in desk.rows(engine)} == {None, number}
    done = imports.shown(number)
    assert (done.recorded, done.known, done.refused, done.state) == (2, 3, 2, "recorded")
    assert not list(desk.staged.iterdir())


def test_which_of_two_that_differ_stays_does_not_hang_on_their_order(desk, engine):
    amounts = []
    for name, lines in [("a", [line(3), line(3, amount=1)]), ("b", [line(3, amount=1), line(3)])]:
        number = an_import(desk, engine, lines, name=f"{name}.parquet")
        desk.pump(engine)
        amounts.append(desk.rows(engine)[-1]["amount"])
        imports.withdraw(number, timezone=None, now=NOW)
    assert amounts[0] == amounts[1]


def test_a_file_imported_twice_records_nothing_new(desk, engine):
    lines = [line(number) for number in range(50)]
    an_import(desk, engine, lines, name="a.parquet")
    an_import(desk, engine, lines, name="b.parquet")
    assert desk.pump(engine) == Pumped(recorded=50, known=50)


def test_what_was_taken_back_is_new_when_it_comes_again(desk, engine):
    """Import 1 is taken back after import 2 of the same file was sealed; both are pumped at once."""
    lines = [line(number) for number in range(5)]
    first = an_import(desk, engine, lines, name="a.parquet")
    desk.pump(engine)
    assert imports.withdraw(first, timezone=None, now=NOW)
    assert not imports.withdraw(first, timezone=None, now=NOW)
    an_import(desk, engine, lines, name="b.parquet")
    assert desk.pump(engine) == Pumped(recorded=6)
    an_import(desk, engine, lines, name="c.parquet")
    assert desk.pump(engine) == Pumped(known=5)
    assert [row["import_number"] for row in desk.rows(engine) if row["kind"] == "order.placed"] == [1, 2] * 5


def test_an_import_taken_back_in_the_batch_itself_counts(desk, engine):
    an_import(desk, engine, [line(1)], name="a.parquet")
    desk.pump(engine)
    an_import(desk, engine, [line(1), withdrawn(1)], name="b.parquet")
    assert desk.pump(engine) == Pumped(recorded=2)


def test_whoever_was_erased_does_not_come_back(desk, engine):
    desk.post([line(1, user_key="ada"), line(2, user_key="ben")])
    desk.pump(engine)
    assert tombstones.bury(["ada"], now=NOW) == 1
    assert tombstones.bury(["ada"], now=NOW) == 0
    assert tombstones.is_buried("ada")
    desk.post([line(3, user_key="ada"), line(4, user_key="cleo", other_user="ada"), line(5, user_key="cleo")])
    assert desk.pump(engine) == Pumped(recorded=1, erased=2)
    assert desk.ids(engine) == names(1, 2, 5)


def test_nothing_of_somebody_forgotten_is_left_in_the_database(desk, engine):
    """Neither where it waits, nor in quarantine, nor in what was deleted before."""
    desk.post([line(1, user_key="ada-lovelace")])
    desk.pump(engine)
    desk.post([line(2, user_key="ada-lovelace"), line(3, other_user="ada-lovelace"), line(4, user_key="ada-love")])
    desk.post([line(1, user_key="ada-lovelace", amount="x"), '{"broken": "ada-lovelace"'])
    from keptword.intake import database

    assert tombstones.forget(["ada-lovelace"]) == tombstones.Forgotten(waiting=2, quarantined=2)
    database.scrub()
    assert desk.waiting() == names(4)
    held = b"".join(path.read_bytes() for path in desk.folder.glob("desk.sqlite3*"))
    assert b"ada-lovelace" not in held


def test_a_staged_file_that_is_gone_is_said(desk, engine):
    number = imports.begin(["a.csv"], read_as={}, now=NOW)
    file = desk.stage(engine, [line(1)], name="a.parquet")
    imports.seal(number, file, rows=1)
    assert imports.sealed(number) == {"a.parquet": 1}
    file.rename(file.with_suffix(".aside"))
    with pytest.raises(KeptwordError, match=r"a\.parquet is missing. It held 1 entries of import 1"):
        desk.pump(engine)
    file.with_suffix(".aside").rename(file)
    assert desk.pump(engine) == Pumped(recorded=1)


def test_nothing_is_left_in_the_engine(desk, engine):
    def tables():
        return engine.sql("SELECT count(*) FROM information_schema.tables").fetchone()[0]

    desk.post([line(1)])
    desk.pump(engine)
    before = tables()
    for number in (2, 3):
        desk.post([line(number), line(1)])
        desk.pump(engine)
    assert tables() == before


def test_small_files_are_joined_by_themselves(desk, engine):
    """Two dozen small files of one month are one after the next pump, and nothing is lost."""
    for number in range(1, 25):
        desk.post([line(number)])
        if number < 24:
            desk.pump(engine)
    assert len(desk.journal.files()) == 23
    desk.pump(engine)
    assert len(desk.journal.files()) == 1
    assert desk.ids(engine) == names(*range(1, 25))
