"""Delimiters, headers, encodings and line ends: recognised from the file itself, or named in one clear sentence."""

from __future__ import annotations

import codecs
import re

import pytest

from keptword.core.problems import KeptwordError
from keptword.sources.files import stage


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
