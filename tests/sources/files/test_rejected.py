"""Rows that cannot be read are refused with their reason and written beside the file; the rest goes on."""

from __future__ import annotations

import csv

import pytest

from keptword.core.problems import KeptwordError
from keptword.sources.files import open_file, stage, write_rejected


def table_of(engine, refusals):
    """Lines and reasons, as a source hands them over."""
    name = engine.fresh("more")
    engine.sql(f"CREATE TABLE {name} (line BIGINT, reason VARCHAR)")
    for refusal in refusals:
        engine.sql(f"INSERT INTO {name} VALUES (?, ?)", refusal)
    return engine.table(name)


@pytest.fixture
def refused(engine, tmp_path):
    """Write a file, read it, and give (rows read as line and first cell, lines refused with their reasons)."""

    def read(content, *, name="orders.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        staged = stage(engine, open_file(path, engine=engine))
        first = staged.table.columns[0]
        return (
            [(row["line"], row[first]) for row in engine.rows(staged.table)],
            {row["line"]: row["reason"] for row in engine.rows(staged.refused)},
        )

    return read


@pytest.fixture
def rejected(engine, tmp_path):
    """Write a file, have its refused rows written, and give the lines of that file, or None."""

    def read(content, *, name="orders.csv", delimiter=",", more=()):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        file = open_file(path, engine=engine)
        refusals = stage(engine, file).refused
        if more:
            refusals = table_of(engine, more).union(refusals)
        written = write_rejected(engine, file, refusals=refusals)
        if written is None:
            return None
        assert written == path.with_name({"orders.csv": "orders.rejected.csv"}.get(name, f"{name}.rejected.csv"))
        with written.open(encoding="utf-8", newline="") as stream:
            return list(csv.reader(stream, delimiter=delimiter))

    return read


def test_rows_too_short_and_too_long_are_refused_and_the_rest_is_read(refused):
    found, reasons = refused("a,b,c\n1,2\n2,3,4\n3,4,5,6\n4,5,6\n")
    assert found == [(3, "2"), (5, "4")]
    assert reasons == {
        2: "This row has 2 cells, the header has 3.",
        4: "This row has 4 cells, the header has 3.",
    }


def test_empty_cells_beyond_the_header_are_nothing(refused):
    assert refused('a,b\n1,2,,,\n2,3,""\n3,4\n') == ([(2, "1"), (3, "2"), (4, "3")], {})


def excel_rows(short_from, *, rows=48):
    """A table as Excel saves it: from one row on, the last cell and its delimiter are missing."""
    lines = ["a,b,c"] + [f"{row},x,y" if row < short_from else f"{row},x" for row in range(2, rows + 1)]
    return "\r\n".join(lines) + "\r\n"


def test_cells_that_excel_left_out_for_sixteen_rows_are_empty(refused):
    found, reasons = refused(excel_rows(17))
    assert len(found) == 47
    assert reasons == {}


def test_short_rows_that_excel_did_not_write_are_refused(refused):
    """In the first: short rows begin in the middle of a block. In the second: in the header's own. Then: cut off."""
    _, reasons = refused(excel_rows(20))
    assert set(reasons) == set(range(20, 33))
    _, reasons = refused(excel_rows(10))
    assert set(reasons) == set(range(10, 49))
    _, reasons = refused(excel_rows(49, rows=49).removesuffix("\r\n"))
    assert set(reasons) == {49}


def test_a_row_with_another_delimiter_is_told_apart(refused):
    _, reasons = refused("a,b,c\n1,2,3\n4;5;6\n")
    assert reasons == {3: "This row is separated by semicolons, the header by commas."}


def test_a_quote_never_closed_costs_one_line_and_not_the_rest(refused):
    found, reasons = refused('a,b\n1,2\n3,"4\n5,6\n7,8\n')
    assert found == [(2, "1"), (4, "5"), (5, "7")]
    assert list(reasons) == [3]
    assert "opens in this row and is not closed" in reasons[3]


def test_a_quote_never_closed_that_meets_another_is_found_where_it_opens(refused):
    found, reasons = refused('a,b\n1,2\n3,"4\n5,6\n7,"8"\n9,"1\n2"\n')
    assert found == [(2, "1"), (4, "5"), (5, "7"), (6, "9")]
    assert list(reasons) == [3]


def test_text_after_a_closing_quote_is_refused(refused):
    found, reasons = refused('a,b\n1,"x"y\n2,3\n')
    assert found == [(3, "2")]
    assert "closes in the middle of a cell" in reasons[2]


def test_spaces_around_quotes_are_forgiven(engine, tmp_path, refused):
    """The last row has the file walked row by row, which forgives the same."""
    content = 'a,b\n "x, y" ,"two\nlines" \n'
    assert refused(content)[0] == [(2, "x, y")]
    assert refused(f'{content}1,2,3\n"x"y\n')[0] == [(2, "x, y")]


def test_refused_lines_are_written_beside_the_file_with_their_cells(rejected):
    assert rejected('Name,Note\n#1,"two\nlines"\n#2\n#3,ok\n#4,x,y\n') == [
        ["line", "reason", "Name", "Note"],
        ["3", "This row has 1 cell, the header has 2.", "#2"],
        ["5", "This row has 3 cells, the header has 2.", "#4", "x", "y"],
    ]


def test_nothing_is_written_where_nothing_was_refused(rejected, tmp_path):
    assert rejected("a,b\n1,2\n") is None
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_lines_that_a_source_refuses_are_written_too_and_reasons_joined(rejected):
    more = [(2, "No such day."), (4, "A rating of 11 on 10."), (4, "No such day."), (4, "No such day.")]
    assert rejected('a,b\n1,"x\n\ny"\n2\n3,4\n', more=more) == [
        ["line", "reason", "a", "b"],
        ["2", "No such day.", "1", "x\n\ny"],
        ["3", "This row has 1 cell, the header has 2.", "2"],
        ["4", "A rating of 11 on 10. No such day.", "3", "4"],
    ]


def test_formulas_are_made_harmless_and_amounts_left_alone(rejected):
    written = rejected("a,b\n=1+1,-5.00,@x\n+49 30 1,-2+3,x\n")
    assert [row[2:] for row in written[1:]] == [["'=1+1", "-5.00", "'@x"], ["+49 30 1", "'-2+3", "x"]]


def test_the_file_of_refused_lines_has_the_delimiter_of_the_file(rejected):
    assert rejected("a;b\n1,5;2\n3\n", delimiter=";")[1][2:] == ["3"]


def test_a_latin1_file_has_its_refused_lines_written_in_utf8(engine, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes("Ort,b\nKöln\n1,2\n".encode("latin-1"))
    file = open_file(path, engine=engine)
    written = write_rejected(engine, file, refusals=stage(engine, file).refused)
    assert written is not None
    assert written.read_text(encoding="utf-8-sig").splitlines()[1].endswith(",Köln")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("o.jsonl", '{"id": 1}\n{broken\n{"id": 3, "a": {"b": 1}}\n'),
        ("o.json", '[{"id": 1}, 5, {"id": 3, "a": {"b": 1}}]'),
    ],
)
def test_items_of_json_that_are_no_objects_are_refused(rejected, name, content):
    written = rejected(content, name=name, more=[(3, "Not a day.")])
    assert written[0] == ["line", "reason", "id", "a"]
    assert [(row[0], row[2]) for row in written[1:]] == [("2", "{broken" if name == "o.jsonl" else "5"), ("3", "3")]
    assert written[2][3] == '{"b": 1}'


def test_rows_of_parquet_are_written_with_their_cells(engine, tmp_path):
    path = tmp_path / "orders.parquet"
    engine.sql(f"COPY (SELECT range AS id, 'x' AS a FROM range(5)) TO '{path}' (FORMAT parquet)")
    refusals = table_of(engine, [(4, "Not a day.")])
    written = write_rejected(engine, open_file(path, engine=engine), refusals=refusals)
    assert written is not None
    assert written.read_text(encoding="utf-8").splitlines() == ["line,reason,id,a", "4,Not a day.,3,x"]


def test_where_it_cannot_be_written_beside_the_file_another_folder_is_used(engine, tmp_path):
    """A folder of that very name is in the way."""
    path = tmp_path / "orders.csv"
    path.write_text("a,b\n1\n", encoding="utf-8")
    (tmp_path / "orders.rejected.csv").mkdir()
    other = tmp_path / "other"
    other.mkdir()
    file = open_file(path, engine=engine)
    refusals = stage(engine, file).refused
    assert write_rejected(engine, file, refusals=refusals, to=other) == other / "orders.rejected.csv"
    with pytest.raises(KeptwordError, match=r"orders\.rejected\.csv, which lists them, could not be written"):
        write_rejected(engine, file, refusals=refusals)


def test_what_was_mended_can_be_given_again(engine, tmp_path, rejected):
    rejected("Name,Total\n#1\n")
    path = tmp_path / "orders.rejected.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("#1", "#1,5.00"), encoding="utf-8")
    staged = stage(engine, open_file(path, engine=engine), columns=["Name", "Total"])
    assert engine.rows(staged.table) == [{"Name": "#1", "Total": "5.00", "line": 2}]


def test_very_many_refused_lines_are_all_written(rejected):
    written = rejected("a,b,c\n" + "1,2\n3,4,5\n" * 30_000)
    assert len(written) == 30_001
    assert written[-1] == ["60000", "This row has 2 cells, the header has 3.", "1", "2"]
