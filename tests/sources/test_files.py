"""Files somebody names: every odd one gives the right rows or one clear sentence, and nothing is lost."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import os
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keptword.core.problems import KeptwordError
from keptword.sources.files import open_file, stage
from keptword.sources.files.paths import unreadable


@pytest.fixture
def rows(engine, tmp_path):
    """Write a file, read it, and give its rows as tuples: the row's number first, then the cells."""

    def read(content, *, name="orders.csv", columns=None):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        staged = stage(engine, open_file(path, engine=engine), columns=columns)
        names = [column for column in staged.table.columns if column != "line"]
        found = [(row["line"], *(row[column] for column in names)) for row in engine.rows(staged.table)]
        assert staged.rows == len(found)
        return found

    return read


@pytest.fixture
def opened(engine, tmp_path):
    """Write a file and open it."""

    def open_it(content, *, name="orders.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_file(path, engine=engine)

    return open_it


@pytest.fixture
def refusal(opened):
    """Write a file that cannot be read and give the sentence that says so."""

    def said(content, *, name="orders.csv"):
        with pytest.raises(KeptwordError) as caught:
            opened(content, name=name)
        sentence = str(caught.value)
        assert sentence.startswith(name), "it says where"
        assert sentence.endswith((".", "?")), "it is a whole sentence"
        return sentence

    return said


# --- what is in order --------------------------------------------------------------------------------------------


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
    long = "12,34\n" * (megabytes * 170_000)
    found = rows(f'a,b\n1,"{long}"\n2,x\n')
    assert [(line, first, len(second)) for line, first, second in found] == [(2, "1", len(long) - 1), (3, "2", 1)]


def test_long_cells_that_look_like_rows_are_not_taken_for_rows(rows):
    """Where DuckDB begins in the middle of a file, it cannot know that it is within quotes."""
    looks = "1,2,3\n" * 150_000
    content = "a,b,c\n" + f'1,"{looks}",z\n' * 40
    assert [(line, len(cell), last) for line, _, cell, last in rows(content)] == [
        (line, len(looks) - 1, "z") for line in range(2, 42)
    ]


# --- delimiters and headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
def test_the_delimiter_is_recognised(rows, opened, delimiter):
    content = f'Name{delimiter}Total\n"a{delimiter}b"{delimiter}1\nc{delimiter}2\n'
    assert opened(content).delimiter == delimiter
    assert rows(content) == [(2, f"a{delimiter}b", "1"), (3, "c", "2")]


def test_decimal_commas_do_not_make_a_semicolon_file_a_comma_file(rows):
    assert rows("Name;Price, net;Tax, 19 %\nx;1,50;0,29\ny;2,50;0,48\n") == [
        (2, "x", "1,50", "0,29"),
        (3, "y", "2,50", "0,48"),
    ]


def test_excels_separator_line_is_obeyed_and_no_row(rows, opened):
    content = "sep=;\r\na;b\r\n1,5;2\r\n"
    assert opened(content).header == ("a", "b")
    assert rows(content) == [(2, "1,5", "2")]


def test_empty_rows_above_the_header_are_counted(rows):
    assert rows("\n,,\nName,Total,Tax\n#1,2,3\n") == [(4, "#1", "2", "3")]


def test_repeated_and_empty_column_names_are_made_unique(opened):
    header = opened(" Tax ,tax,,Tax,Line\n1,2,3,4,5\n").header
    assert header == ("Tax", "tax (2)", "column 3", "Tax (3)", "Line (2)")


def test_a_column_called_line_goes_by_another_name(engine, opened):
    file = opened("line,a\nx,y\n")
    assert engine.rows(stage(engine, file).table) == [{"line (2)": "x", "a": "y", "line": 2}]
    with pytest.raises(KeptwordError, match=re.escape('"line (2)"')):
        stage(engine, file, columns=["line"])


def test_column_names_may_hold_quotes_and_line_breaks(opened, rows):
    content = 'a,"two\nlines","say ""hi"""\n1,2,3\n'
    assert opened(content).header == ("a", "two lines", 'say "hi"')
    assert rows(content) == [(2, "1", "2", "3")]


def test_a_delimiter_at_the_end_of_the_header_alone_is_no_column(opened, rows):
    assert opened("a,b,\n1,2\n3,4\n").header == ("a", "b")
    assert rows("a,b,\n1,2\n3,4\n") == [(2, "1", "2"), (3, "3", "4")]
    assert opened("a,b,\n1,2,x\n3,4,y\n").header == ("a", "b", "column 3")


def test_a_header_of_numbers_is_said_to_be_none(refusal):
    assert "line 1: the first row holds values (1001, 24.80, 2024-05-01, ada@example.com)" in refusal(
        "1001,24.80,2024-05-01,ada@example.com\n1002,3.00,2024-05-02,ben@example.com\n"
    )


def test_a_title_above_the_header_is_named(refusal):
    sentence = refusal("Orders 2024\nName,Total,Tax\n#1,2,3\n#2,2,3\n")
    assert 'one cell, "Orders 2024"' in sentence
    assert "have 3" in sentence


def test_rows_separated_otherwise_than_the_header_are_named(refusal):
    sentence = refusal("Name,Total,Tax\n#1;2;3\n#2;2;3\n")
    assert "separated by commas and the rows below it by semicolons" in sentence


def test_a_quote_never_closed_in_the_header_is_named(refusal):
    assert "opens in the first row and is not closed" in refusal('Name,"Total\n#1,2\n#2,3\n')


# --- encodings ---------------------------------------------------------------------------------------------------

GERMAN = "Name,Ort\r\n#1,Köln\r\n#2,München Straße\r\n"
CHINESE = "姓名,城市\n张三,北京\n李四,上海，浦东\n"


@pytest.mark.parametrize(
    ("encoded", "encoding"),
    [
        (GERMAN.encode("utf-8"), "utf-8"),
        (GERMAN.encode("utf-8-sig"), "utf-8-sig"),
        (GERMAN.encode("latin-1"), "windows-1252"),
        (GERMAN.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be"), "utf-16"),
        (GERMAN.encode("utf-16-le"), "utf-16-le"),
        (GERMAN.encode("utf-16-be"), "utf-16-be"),
        (GERMAN.encode("utf-32"), "utf-32"),
    ],
)
def test_western_encodings_are_recognised(rows, opened, encoded, encoding):
    file = opened(encoded)
    assert (file.header, file.encoding) == (("Name", "Ort"), encoding)
    assert rows(encoded) == [(2, "#1", "Köln"), (3, "#2", "München Straße")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16"])
def test_chinese_encodings_are_recognised(rows, encoding):
    assert rows(CHINESE.encode(encoding)) == [(2, "张三", "北京"), (3, "李四", "上海，浦东")]


def test_signs_of_windows_1252_are_read(rows):
    assert rows("a,b\n€ 5,“x” – y\n".encode("cp1252")) == [(2, "€ 5", "“x” – y")]


def test_a_guessed_encoding_is_told(opened):
    (problem,) = opened(GERMAN.encode("latin-1")).problems
    assert "was read as Windows-1252" in problem.seen


def test_an_encoding_that_shows_late_is_still_found(engine, opened):
    """A million bytes of plain letters, and then the first umlaut, in Latin-1."""
    file = opened(b"a,b\n" + b"1,x\n" * 300_000 + "2,Köln\n".encode("latin-1"))
    staged = stage(engine, file)
    assert (file.encoding, staged.file.encoding) == ("utf-8", "windows-1252")
    assert engine.rows(staged.table.filter(staged.table.a == "2")) == [{"a": "2", "b": "Köln", "line": 300_002}]


def test_one_bad_byte_does_not_spoil_a_utf8_file(engine, opened):
    staged = stage(engine, opened("a,b\n1,Köln Größe Straße äöü\n".encode() + b"2,M\xfcnchen\n"))
    assert [row["b"] for row in engine.rows(staged.table)] == ["Köln Größe Straße äöü", "München"]
    assert "in UTF-8 but for some bytes" in staged.file.problems[0].seen


def test_a_mark_before_a_quoted_header_is_no_part_of_the_name(opened, rows):
    content = '\ufeff"Na\nme",Total\n#1,2\n'
    assert opened(content).header == ("Na me", "Total")
    assert rows(content) == [(2, "#1", "2")]


def test_zero_bytes_are_left_out_and_told(engine, opened):
    staged = stage(engine, opened(b"a,b\n1,x\0y\n" + b"2,z\n" * 20))
    assert engine.rows(staged.table.limit(1)) == [{"a": "1", "b": "xy", "line": 2}]
    assert "zero bytes" in staged.file.problems[0].seen


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_read(rows, end):
    assert rows(end.join(["a,b", '1,"x\ny"', "2,z", ""])) == [(2, "1", "x\ny"), (3, "2", "z")]


def test_mixed_line_ends_are_read(rows):
    assert rows("a,b\r\n1,2\n3,4\r5,6\r\n") == [(2, "1", "2"), (3, "3", "4"), (4, "5", "6")]


# --- paths -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Meine Bücher 100 %/orders.csv", "a=b/[1]*?.csv", "x{a,b}/it's.csv", "~/orders.csv", "a%20b/订单 🎁.csv"],
)
def test_paths_are_taken_literally(engine, tmp_path, name):
    if os.name == "nt" and set(name) & set('*?"'):
        pytest.skip("Windows allows no such name")
    path = tmp_path / name
    path.parent.mkdir()
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    (path.parent / "1.csv").write_text("a,b\n8,8\n", encoding="utf-8")
    (path.parent / "1zz.csv").write_text("a,b\n9,9\n", encoding="utf-8")
    staged = stage(engine, open_file(path, engine=engine))
    assert engine.rows(staged.table) == [{"a": "1", "b": "2", "line": 2}]


def test_a_missing_file_names_its_neighbours(engine, tmp_path):
    (tmp_path / "orders_export.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(KeptwordError, match=r'no such file\. Did you mean "orders_export\.csv"\?'):
        open_file(tmp_path / "order_export.csv", engine=engine)
    with pytest.raises(KeptwordError, match=r'In that folder: "orders_export\.csv"\.'):
        open_file(tmp_path / "z.csv", engine=engine)


def test_the_same_name_in_other_letters_is_proposed(engine, tmp_path):
    (tmp_path / "orders.csv").write_text("a\n1\n", encoding="utf-8")
    if (tmp_path / "ORDERS.CSV").exists():
        pytest.skip("this disk takes upper and lower case for the same")
    with pytest.raises(KeptwordError, match=r'Did you mean "orders\.csv"\?'):
        open_file(tmp_path / "ORDERS.CSV", engine=engine)


def test_a_missing_folder_is_named(engine, tmp_path):
    with pytest.raises(KeptwordError, match="there is no folder"):
        open_file(tmp_path / "exports" / "orders.csv", engine=engine)


def test_a_folder_is_no_file(engine, tmp_path):
    (tmp_path / "orders.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(KeptwordError, match=r'this is a folder.*"orders\.csv"'):
        open_file(tmp_path, engine=engine)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to this account")
def test_a_file_that_may_not_be_read_is_said_to_be_forbidden(engine, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(KeptwordError, match="no permission"):
        open_file(path, engine=engine)


def test_what_the_system_refuses_is_said_in_words(tmp_path):
    path = tmp_path / "orders.csv"
    assert "no permission to read this file" in str(unreadable(path, PermissionError(13, "Permission denied")))
    assert "not enough room on the disk" in str(unreadable(path, OSError(28, "No space left on device")))


# --- files that are no tables ------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said_to_be_empty(refusal, content):
    assert "this file is empty" in refusal(content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "an Excel workbook of the older kind"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "a web page"),
        (b"  <table><tr><td>1</td></tr></table>", "a web page"),
        (b"<?xml version='1.0'?><orders/>", "XML"),
        (b"SQLite format 3\x00" + bytes(100), "a database"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture"),
        (b"Rar!\x1a\x07\x00", "an archive"),
        (bytes(range(256)) * 40, "not text"),
        (bytes(5000), "nothing but zero bytes"),
    ],
)
def test_other_kinds_of_files_are_called_by_their_name(refusal, content, kind):
    assert kind in refusal(content)


@pytest.mark.parametrize(
    ("inside", "kind"),
    [
        ("xl/workbook.xml", "Excel workbook"),
        ("Index/Document.iwa", "Numbers document"),
        ("content.xml", "OpenDocument"),
        ("readme.md", "no tables"),
    ],
)
def test_workbooks_are_recognised_inside_their_zip(refusal, inside, kind):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(inside, "x")
    assert kind in refusal(packed.getvalue(), name="orders.xlsx")


def test_a_zip_with_one_table_is_unpacked_and_with_two_refused(rows, refusal):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("orders_export.csv", "a,b\n1,2\n")
        archive.writestr("__MACOSX/._orders_export.csv", "x")
    assert rows(packed.getvalue(), name="orders.zip") == [(2, "1", "2")]
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("orders_export_2.csv", "a,b\n1,2\n")
    assert "holds 2 tables (orders_export.csv, orders_export_2.csv)" in refusal(packed.getvalue(), name="orders.zip")


def test_a_gzip_file_is_unpacked_and_a_damaged_one_refused(rows, refusal):
    packed = gzip.compress(b"a,b\n1,2\n" * 1000)
    assert rows(packed, name="orders.csv.gz")[0] == (2, "1", "2")
    assert "cannot be unpacked" in refusal(packed[:-20], name="orders.csv.gz")


# --- JSON and Parquet --------------------------------------------------------------------------------------------


def test_json_lines_are_read_by_their_keys(rows):
    content = '{"id": 1, "total": "5.00", "billing": {"city": "Köln"}}\n\n{"id": 2, "items": [1, 2], "total": " "}\n'
    assert rows(content, name="orders.jsonl") == [
        (1, "1", "5.00", '{"city":"Köln"}', None),
        (3, "2", None, None, "[1,2]"),
    ]


def test_a_json_array_is_read_by_its_keys(rows):
    content = '[\n {"id": 1, "billing": {"city": "Köln"}},\n {"id": 450789469876543210, "note": null, "ok": true}\n]'
    assert rows(content, name="orders.json", columns=["id", "billing", "ok"]) == [
        (1, "1", '{"city":"Köln"}', None),
        (2, "450789469876543210", None, "true"),
    ]


@pytest.mark.parametrize("indent", [None, 1])
def test_objects_wrapped_in_one_object_are_unwrapped(rows, indent):
    content = json.dumps({"orders": [{"id": 1}, {"id": 2}], "page": 1}, indent=indent)
    assert rows(content, name="orders.json") == [(1, "1"), (2, "2")]


def test_a_json_key_may_hold_any_sign(rows):
    assert rows('{"a/b~c \\"d\\"": 1, "Line": 2}\n', name="o.jsonl") == [(1, "1", "2")]


def test_a_key_that_comes_late_is_read_where_it_is_asked_for(rows):
    content = '{"id": 1}\n' * 100_001 + '{"id": 2, "late": "x"}\n'
    assert rows(content, name="o.jsonl", columns=["late"]) == [(100_002, "x")]


def test_json_in_utf16_is_read(rows):
    assert rows('{"id": "ü"}\n'.encode("utf-16"), name="o.jsonl") == [(1, "ü")]


@pytest.mark.parametrize("content", ['[{"id": 1}, {"id": 2', '{\n"id": 1, "b": [1, 2\n', "[]"])
def test_damaged_or_empty_json_is_named(refusal, content):
    assert re.search("breaks off or is damaged|holds no objects", refusal(content, name="orders.json"))


def test_parquet_of_any_types_becomes_text(engine, tmp_path):
    path = tmp_path / "orders[1].parquet"
    engine.sql(
        f"COPY (SELECT ' x ' AS name, 17850.0 AS customer, 19.95::DOUBLE AS price, 5.10::DECIMAL(9, 2) AS total,"
        f" DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 23:59:58.5' AS at, true AS ok, [1, 2] AS items,"
        f" TIMESTAMPTZ '2024-02-29 12:00:00+02' AS zoned, NULL::INTEGER AS nothing, 7 AS \"Name\") TO '{path}'"
        " (FORMAT parquet)"
    )
    file = open_file(path, engine=engine)
    assert file.form == "parquet"
    (row,) = engine.rows(stage(engine, file).table)
    assert row == {
        "name": "x",
        "customer": "17850",
        "price": "19.95",
        "total": "5.10",
        "day": "2024-02-29",
        "at": "2024-02-29 23:59:58.5",
        "ok": "true",
        "items": "[1,2]",
        "zoned": "2024-02-29 10:00:00+00:00",
        "nothing": None,
        "Name (2)": "7",
        "line": 1,
    }


def test_a_damaged_parquet_file_is_named(refusal):
    assert "Parquet file is damaged" in refusal(b"PAR1" + bytes(100), name="orders.parquet")


# --- progress, and all tables there are --------------------------------------------------------------------------


def test_progress_names_the_file_the_amount_the_rate_and_the_time_left(engine, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(b"a,b\n" + b"1,x,\n\n" * 700_000 + b'"\n')
    told: list[str] = []
    stage(engine, open_file(path, engine=engine), progress=told.append)
    line = re.compile(r"[\w ]*orders\.csv[\w, ]*: \d+\.\d of 4\.2 MB, \d+ MB a second(, \d+ (s|min) left)?")
    assert told
    assert all(line.fullmatch(one) for one in told)


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
tables = st.lists(st.tuples(cells, cells, cells), max_size=12)


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
