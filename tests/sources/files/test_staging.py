"""What is in order is read as it stands, however long, odd or many its cells are."""

from __future__ import annotations

import csv
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keptword.core.problems import KeptwordError
from keptword.sources.files import open_file, stage
from keptword.sources.files.opened import Pace


def test_a_good_file_is_read_from_where_it_lies(engine, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(b"Name,Total\r\n#1,5.00\r\n")
    staged = stage(engine, open_file(path, engine=engine))
    assert staged.file.readable == path
    assert (staged.file.form, staged.file.encoding, staged.file.delimiter) == ("delimited", "utf-8", ",")
    assert engine.rows(staged.table) == [{"Name": "#1", "Total": "5.00", "line": 2}]


def test_rows_are_numbered_as_a_spreadsheet_counts_them(rows):
    assert rows('a,b\n1,"two\nlines"\n3,4\n') == [(2, "1", "two\nlines"), (3, "3", "4")]


def test_empty_rows_are_counted_and_left_out(rows):
    assert rows("a,b\n\n1,2\n\n\n,\n3,4\n\n\n") == [(3, "1", "2"), (7, "3", "4")]


def test_an_empty_line_within_quotes_is_no_row(rows):
    assert rows('a,b\n1,"x\n\ny"\n2,3\n') == [(2, "1", "x\n\ny"), (3, "2", "3")]


def test_an_inch_mark_does_not_hide_an_empty_row(rows):
    assert rows('a,b\n1,5" nail\n\n2,x\n') == [(2, "1", '5" nail'), (4, "2", "x")]


def test_empty_rows_of_a_single_column_are_counted_too(rows):
    assert rows("name\nAda\n\nBen\n") == [(2, "Ada"), (4, "Ben")]


def test_a_header_alone_is_a_table_of_no_rows(rows):
    assert rows("Name,Total\n") == []
    assert rows("Name,Total") == []


def test_cells_are_trimmed_and_empty_ones_are_null(rows):
    assert rows('a,b,c\n  1 ,"\tx\n", \n"",é ,\xa0y\n') == [(2, "1", "x", None), (3, None, "é", "\xa0y")]


def test_columns_not_in_the_file_are_null(rows):
    assert rows("a,b\n1,2\n", columns=["b", "Cancelled at"]) == [(2, "2", None)]


def test_columns_are_found_whatever_the_letter_case_and_called_as_asked_for(engine, opened):
    staged = stage(engine, opened("NAME,paid  AT\n#1,x\n"), columns=["Name", "Paid at"])
    assert engine.rows(staged.table) == [{"Name": "#1", "Paid at": "x", "line": 2}]


def test_a_column_asked_for_twice_in_other_letters_is_refused(engine, opened):
    with pytest.raises(KeptwordError, match='asked for as "Total" and as "total"'):
        stage(engine, opened("Total\n1\n"), columns=["Total", "total"])


def test_two_hundred_columns_are_read(rows):
    header = ",".join(f"c{place}" for place in range(200))
    cells = ",".join(str(place) for place in range(200))
    assert rows(f"{header}\n{cells}\n", columns=["c199", "c0"]) == [(2, "199", "0")]


def test_emoji_come_through(rows):
    assert rows("a,b\n🎁,👩‍👩‍👧 ok\n") == [(2, "🎁", "👩‍👩‍👧 ok")]


@pytest.mark.parametrize("megabytes", [1, 3, 9])
def test_a_cell_may_be_megabytes_long(rows, megabytes):
    long = f"{'x' * 95},34\n" * (megabytes * 10_000)
    found = rows(f'a,b\n1,"{long}"\n2,x\n')
    assert [(line, first, len(second)) for line, first, second in found] == [(2, "1", len(long) - 1), (3, "2", 1)]


def test_long_cells_that_look_like_rows_are_not_taken_for_rows(rows):
    """Where DuckDB begins in the middle of a file, it cannot know that it is within quotes."""
    looks = f"{'x' * 95},2,3\n" * 10_000
    content = "a,b,c\n" + f'1,"{looks}",z\n' * 24
    assert [(line, len(cell), last) for line, _, cell, last in rows(content)] == [
        (line, len(looks) - 1, "z") for line in range(2, 26)
    ]


def test_progress_names_the_file_the_amount_the_rate_and_the_time_left():
    told: list[str] = []
    pace = Pace(told.append, doing="orders.csv", size=2_000_000_000, every=0)
    pace.at(500_000_000)
    assert re.fullmatch(r"orders\.csv: 0\.5 of 2\.0 GB, \d+ MB a second, \d+ (s|min) left", told[0])


def test_progress_is_told_while_the_engine_works(engine, tmp_path):
    told: list[str] = []
    with Pace(told.append, doing="orders.csv", size=1_000_000, every=0.01).polling(engine.percent_done):
        engine.sql("SELECT count(*) FROM range(30_000_000) WHERE hash(range) % 3 = 0")
    assert told
    assert all(line.startswith("orders.csv: ") for line in told)


# Control characters make a file binary; a bare CR, which Python's writer leaves without quotes, ends a row.
signs = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from(
    ["\n", "\r\n", "\t", '"', ",", ";"]
)
cells = st.lists(signs, max_size=8).map("".join)
tables = st.lists(st.tuples(cells, cells, cells), max_size=12)


@settings(max_examples=40)
@given(
    table=tables,
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    is_walked=st.booleans(),
)
def test_every_table_a_program_writes_comes_back(engine, tmp_path_factory, table, delimiter, end, quoting, is_walked):
    """Whether DuckDB reads it as it lies or, because of one bad row at its end, it is walked row by row."""
    path = tmp_path_factory.mktemp("written") / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting)
        writer.writerow(["first", "second", "third"])
        writer.writerows(table)
        if is_walked:
            stream.write(f'"x"y{end}')
    staged = stage(engine, open_file(path, engine=engine))
    expected = [
        (line, *cut) for line, row in enumerate(table, start=2) if any(cut := [c.strip(" \n\r\t") or None for c in row])
    ]
    found = [(row["line"], row["first"], row["second"], row["third"]) for row in engine.rows(staged.table)]
    assert found == expected
    assert len(engine.rows(staged.refused)) == is_walked
