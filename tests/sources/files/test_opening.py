"""Paths and kinds of files: what is no table is called by its name, with what to do next."""

from __future__ import annotations

import gzip
import io
import os
import zipfile

import pytest

from keptword.core.problems import KeptwordError
from keptword.sources.files import open_file, stage
from keptword.sources.files.paths import unreadable


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
