"""Figures are read by many threads at once, from one file opened once, and never written."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from keptword.books.folder import Folder
from keptword.figures.reading import MEMORY, THREADS, Answers, current, forget


@pytest.fixture
def folder(figured, tmp_path: Path):
    """A folder with figures and nothing else."""
    there = Folder(tmp_path)
    shutil.copytree(figured.books.folder.figures, there.figures)
    yield there
    forget(there)


def test_many_threads_ask_one_reader_at_once_and_each_gets_its_own_answer(folder):
    """Eight at a time, 200 questions about different customers."""
    reader = current(folder)
    assert reader is not None
    keys = [row["user_key"] for row in reader.rows("SELECT user_key FROM people")]
    asked = [keys[number % len(keys)] for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda key: reader.rows("SELECT * FROM promises_of WHERE user_key = $key", {"key": key}), asked)
        )
    alone = {key: reader.rows("SELECT * FROM promises_of WHERE user_key = $key", {"key": key}) for key in keys}
    assert answers == [alone[key] for key in asked]
    assert all(row["user_key"] == key for key, rows in zip(asked, answers, strict=True) for row in rows)


def test_a_process_opens_a_file_once_and_another_one_under_the_same_number_anew(folder):
    """Books brought back from a backup may count from the beginning again."""
    reader = current(folder)
    assert reader is not None
    assert current(folder) is reader
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: current(folder), range(50))) == {reader}
    other = reader.path.with_name("other")
    shutil.copyfile(reader.path, other)
    other.replace(reader.path)
    assert current(folder) is not reader


def test_nothing_can_be_written_and_little_memory_is_taken(folder):
    """The file is immutable, and lies where pages find it while others read it too."""
    reader = current(folder)
    assert reader is not None
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        reader.rows("DELETE FROM people")
    said = reader.row("SELECT current_setting('memory_limit') AS memory, current_setting('threads') AS threads")
    assert said is not None
    assert (said["memory"], int(said["threads"])) == ("122.0 MiB", THREADS)
    assert MEMORY == "128MB"
    assert sorted(path.name for path in folder.figures.iterdir()) == [reader.path.name]


def test_promises_are_found_by_their_names(folder):
    """Those there are, of several asked, with where each stands; none where none is."""
    reader = current(folder)
    assert reader is not None
    found = reader.promises(["hand:waits", "dispatch.v1/order:#5003", "nobody's"])
    assert {row["promise_id"] for row in found} == {"hand:waits", "dispatch.v1/order:#5003"}
    for row in found:
        there = reader.rows("SELECT promise_id FROM promises WHERE rowid = $place", {"place": row["place"]})
        assert there == [{"promise_id": row["promise_id"]}]
    assert reader.promises(["nobody's"]) == reader.promises([]) == []


def test_a_document_or_a_row_that_is_not_there_is_none(folder):
    """Of an empty folder there is no reader either."""
    reader = current(folder)
    assert reader is not None
    assert reader.said("nothing of the kind") is None
    assert reader.row("SELECT * FROM people WHERE user_key = $key", {"key": "nobody"}) is None
    assert current(Folder(folder.path / "elsewhere")) is None


def test_figures_of_another_layout_are_not_read(folder, monkeypatch: pytest.MonkeyPatch):
    """A Keptword that was brought up to date, or back, makes its own."""
    monkeypatch.setattr("keptword.figures.reading.FORMAT", 99)
    assert current(folder) is None


def test_what_somebody_asks_for_is_never_taken_for_sql(folder):
    """A customer called by a piece of it."""
    reader = current(folder)
    assert reader is not None
    assert reader.rows("SELECT * FROM people WHERE user_key = $key", {"key": "' OR true --"}) == []


def test_what_a_page_does_to_an_answer_does_not_change_the_next_one(folder):
    """The same question twice: the same rows, each time new ones; another question has another answer."""
    reader = current(folder)
    assert reader is not None
    sql = "SELECT promise_id FROM promises WHERE outcome = $outcome ORDER BY promise_id"
    first = reader.rows(sql, {"outcome": "kept"})
    kept = [dict(row) for row in first]
    first[0]["promise_id"] = "changed by a page"
    first.clear()
    assert reader.rows(sql, {"outcome": "kept"}) == kept
    assert reader.rows(sql, {"outcome": "late"}) != kept


def test_of_more_answers_than_are_kept_the_oldest_go_and_large_ones_are_not_kept():
    """Of 100 rows, an answer of five counting six: the last sixteen; one of six rows is too large."""
    answers = Answers(most=100)
    for number in range(20):
        answers.keep(("asked", str(number)), (("n",), [(number,)] * 5))
    kept = [number for number in range(20) if answers.get(("asked", str(number)))]
    assert kept == list(range(4, 20))
    answers.keep(("large", ""), (("n",), [(0,)] * 6))
    assert answers.get(("large", "")) is None
