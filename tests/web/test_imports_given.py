"""What may be dropped: hostile names, files that are none, too many bytes, a full disk, and who may not drop at all."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keptword.books.uploads import begin, remove_all, safe_name
from web.dropped import dropped, file, jobs_done, orders

SHOPIFY = (
    "Name,Created at,Fulfilled at,Paid at,Email,Currency,Total,Lineitem name,Lineitem quantity\n"
    "#1,2026-03-01 10:00:00 +0100,,2026-03-01 10:00:00 +0100,a@b.example,EUR,5.00,Tea,1\n"
)
LONG = "ü" * 300 + ".csv"

HOSTILE = {
    "../../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "a\x00b.csv": "ab.csv",
    ".hidden.csv": "hidden.csv",
    "con.csv": "file-con.csv",
    "x<script>alert(1).csv": "x-script-alert(1).csv",
    "orders\u202evsc.exe": "ordersvsc.exe",
    "....": "file",
    "  ": "file",
    "a:b|c?.csv": "a-b-c-.csv",
    "订单 2031.csv": "订单 2031.csv",
}


@pytest.mark.parametrize(("told", "kept"), HOSTILE.items())
def test_a_name_leads_nowhere_and_hides_nothing(told, kept):
    assert safe_name(told) == kept


def test_a_long_name_keeps_its_ending():
    assert safe_name(LONG).endswith("ü.csv")
    assert len(safe_name(LONG).encode()) <= 120


def test_files_of_hostile_names_lie_where_they_belong(desk):
    """Every name people or programs come up with, at once: each file within the folder of its lot."""
    names = [*HOSTILE, LONG]
    found = dropped(desk, *(file(orders(2, first=at), name) for at, name in enumerate(names)), work=False)
    folder = desk.books.folder.uploads / found.token
    lying = [path for path in desk.books.folder.path.rglob("*") if path.is_file() and "Order No" in _start(path)]
    # Names of nothing but dots or spaces are no files to a browser, nor to Django.
    assert len(lying) >= len(names) - 2
    assert all(path.parent.parent == folder for path in lying)
    assert "<script>" not in found.page()


def _start(path: Path) -> str:
    with path.open("rb") as content:
        return content.read(40).decode("utf-8", "ignore")


def packed(**files: bytes) -> bytes:
    """A ZIP file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


def test_what_is_no_table_is_said_in_a_sentence_and_the_rest_goes_on(desk):
    """Beside an export of orders: a picture, a page, a workbook, a ZIP file of two, a backup, noise."""
    found = dropped(
        desk,
        file(SHOPIFY.encode(), "o.csv"),
        file(b"\x89PNG\r\n\x1a\n" + b"\x01" * 50, "picture.csv"),
        file(b"<!doctype html><html><body>Please log in</body></html>", "page.csv"),
        file(packed(xl_workbook=b"<x/>", **{"xl/workbook_xml": b"<x/>"}), "book.xlsx"),
        file(packed(a_csv=b"a,b\n1,2\n", b_csv=b"a,b\n1,2\n"), "two.zip"),
        file(os.urandom(5000), "noise.csv"),
    )
    page = found.page()
    for said in (
        "picture.csv: this is a picture",
        "this is a web page (HTML)",
        "an Excel workbook (.xlsx)",
        "this archive holds 2 tables",
        "noise.csv: this",
    ):
        assert said in page, said
    assert str(desk.books.folder.path) not in page
    assert "Shopify, order export" in page
    assert found.brought().state == "done"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param([], "No file came with this", id="none"),
        pytest.param([file(b"", "empty.csv")], "This file is empty", id="empty"),
    ],
)
def test_a_drop_of_nothing_is_said(desk, files, said):
    answer = desk.client("mia").post("/add-data/drop/", {"files": files})
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not list(desk.books.folder.uploads.glob("*"))


def test_the_same_file_twice_in_one_drop_is_taken_once(desk):
    found = dropped(desk, file(orders(3), "a.csv"), file(orders(3), "b.csv"), file(b"", "c.csv"), work=False)
    page = found.page()
    assert "b.csv is the same as another of these files" in page
    assert "c.csv is empty" in page


def test_more_than_is_allowed_is_refused_and_nothing_stays(desk, monkeypatch):
    monkeypatch.setenv("KEPTWORD_UPLOAD_MB", "1")
    answer = desk.client("mia").post("/add-data/drop/", {"files": [file(b"x" * 2_000_000, "large.csv")]})
    assert (answer.status_code, "more than 1 MB at once" in answer.content.decode()) == (422, True)
    assert not list(desk.books.folder.uploads.glob("*"))


@pytest.mark.parametrize("name", ["ben", "cleo"])
def test_a_colleague_and_a_reader_bring_nothing_in(desk, name):
    """They see what was brought in, and neither the box nor what was dropped; nothing of what they send is kept."""
    found = dropped(desk, file(orders(3), "orders.csv"))
    client = desk.client(name)
    assert 'type="file"' not in client.get("/add-data/").content.decode()
    assert client.get(found.address).status_code == 403
    before = sorted(desk.books.folder.uploads.rglob("*"))
    for address in ("/add-data/drop/", f"{found.address}bring/", f"{found.address}leave/", "/add-data/1/back/"):
        assert client.post(address, {"files": [file(orders(1), "x.csv")]}).status_code == 403, address
    assert sorted(desk.books.folder.uploads.rglob("*")) == before


def test_files_sent_to_other_addresses_are_passed_over(desk):
    """A form of settings with a file in it: the file lies nowhere."""
    desk.client("ada").post("/settings/costs/", {"minutes_per_message": "4", "files": [file(orders(2), "x.csv")]})
    assert not desk.books.folder.uploads.exists()


def test_two_who_drop_at_once_have_a_lot_each(desk):
    from django.db import connections

    def drop(name: str) -> str:
        try:
            return dropped(desk, file(orders(400, first=len(name) * 1000), f"{name}.csv"), name=name, work=False).token
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as both:
        tokens = list(both.map(drop, ["ada", "mia"]))
    assert len(set(tokens)) == 2
    assert jobs_done(desk) == 2
    for name, token in zip(["ada", "mia"], tokens, strict=True):
        page = desk.client("ada").get(f"/add-data/files/{token}/").content.decode()
        assert f"{name}.csv" in page
        assert "Say what its columns are" in page


@pytest.fixture
def small_disk(tmp_path):
    """A disk of one megabyte."""
    if getattr(os, "geteuid", lambda: 1)() != 0:
        pytest.skip("only root may make a small disk")
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be made here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_disk_that_fills_up_is_said_and_nothing_stays(desk, small_disk):
    """Room enough by the look of the books' disk, and none where the files go."""
    desk.books.folder.uploads.symlink_to(small_disk)
    answer = desk.client("mia").post("/add-data/drop/", {"files": [file(orders(30_000), "orders.csv")]})
    assert (answer.status_code, "The disk has no room" in answer.content.decode()) == (422, True)
    assert not list(small_disk.glob("*"))


def test_a_disk_that_is_too_small_is_seen_before_anything_is_read(desk, small_disk, tmp_path):
    from keptword.web import shop

    (small_disk / "books").mkdir()
    for path in desk.books.folder.path.iterdir():
        (small_disk / "books" / path.name).symlink_to(path)
    shop.take(type(desk.books.folder)(small_disk / "books"))
    answer = desk.client("mia").post("/add-data/drop/", {"files": [file(orders(3), "orders.csv")]})
    assert (answer.status_code, "The disk has no room" in answer.content.decode()) == (422, True)


def test_an_import_on_a_full_disk_fails_in_a_sentence_and_can_be_tried_again(desk, small_disk):
    """The entries find no room; nothing of them is recorded, and the files are still here."""
    import shutil

    found = dropped(desk, file(orders(900), "orders.csv"))
    found.told()
    staged = desk.books.folder.staged
    shutil.rmtree(staged)
    staged.symlink_to(small_disk)
    (small_disk / "other").write_bytes(b"x" * 1_044_000)
    job = found.brought()
    assert job.state == "failed"
    assert "nothing of them was recorded" in job.error
    page = desk.client("mia").get(f"/add-data/work/{job.pk}/").content.decode()
    assert "These files were not brought in." in page
    (small_disk / "other").unlink()
    again = found.brought()
    assert (again.state, again.pk > job.pk) == ("done", True)


def test_an_erasure_takes_every_file_that_was_dropped_along(desk):
    """Whose data is in raw files nobody can tell."""
    from keptword.books.erasing import erase
    from keptword.figures.reading import current

    found = dropped(desk, file(orders(5), "orders.csv"))
    user = current(desk.books.folder).row("SELECT user_key FROM people LIMIT 1")["user_key"]
    done = erase(desk.books, user, say=lambda _: None)
    assert done.taken.leftovers >= 1
    assert not list(desk.books.folder.uploads.glob("*"))
    assert found.client.get(found.address).status_code == 404


class Interrupted(io.BytesIO):
    """A form on its way in, during which something happens."""

    def __init__(self, content: bytes, *, meanwhile) -> None:
        super().__init__(content)
        self.meanwhile = meanwhile

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes; before the second time, something happens."""
        if self.tell() and self.meanwhile is not None:
            self.meanwhile()
            self.meanwhile = None
        return super().read(size)


def test_files_that_arrive_during_an_erasure_go_with_it_and_that_is_said(desk):
    """The first of two files has half arrived when every lot is removed; the second finds no folder any more."""
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    large = file(b"Order No,Name\n" + b"1,x\n" * 500_000, "large.csv")
    form = encode_multipart(BOUNDARY, {"files": [large, file(orders(5), "small.csv")]})
    removed = []
    arriving = Interrupted(form, meanwhile=lambda: removed.append(remove_all(desk.books.folder)))
    told = {"wsgi.input": arriving, "CONTENT_LENGTH": str(len(form)), "CONTENT_TYPE": MULTIPART_CONTENT}
    answer = desk.client("ada").generic("POST", "/add-data/drop/", **told)
    assert removed == [(1, ())]
    assert answer.status_code == 422
    assert "A customer was erased just as these files arrived." in answer.content.decode()
    assert not list(desk.books.folder.uploads.rglob("*"))


def test_a_lot_is_removed_whole_while_files_are_added_to_it(desk):
    """Somebody adds one file after the other, as fast as it goes, until the lot is gone."""
    for _ in range(20):
        lot = begin(desk.books.folder)
        with ThreadPoolExecutor(1) as beside:
            adding = beside.submit(_added, lot)
            while not any(lot.iterdir()):
                pass
            files, being_read = remove_all(desk.books.folder)
            assert adding.result(timeout=60) >= files > 0
        assert (being_read, list(desk.books.folder.uploads.iterdir())) == ((), [])


def _added(lot: Path) -> int:
    """Add files to a lot until there is no such lot, and return how many."""
    for number in range(1_000_000):
        try:
            (lot / f"{number}.csv").write_bytes(b"x")
        except FileNotFoundError:
            return number
    raise AssertionError("the lot is still there")


def test_files_nobody_came_back_to_are_gone_after_a_day(desk):
    from datetime import timedelta

    from keptword.books.uploads import clear
    from keptword.web import shop

    found, awaited = dropped(desk, file(orders(5), "a.csv")), dropped(desk, file(orders(6), "b.csv"))
    assert clear(desk.books.folder, now=shop.now() + timedelta(hours=23)) == 0
    assert clear(desk.books.folder, now=shop.now() + timedelta(hours=25), spare={awaited.token}) == 1
    assert [path.name for path in desk.books.folder.uploads.iterdir()] == [awaited.token]
    assert found.client.get(found.address).status_code == 404
