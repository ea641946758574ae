"""The operational database: on any path, several in one process, of this version or older, said in a sentence."""

from __future__ import annotations

import io
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from intake.desk import Desk, line
from keptword.core.problems import KeptwordError
from keptword.intake import database

LOADS_NOTHING = """
import sys
import keptword.cli, keptword.journal.table, keptword.engines.duckdb, keptword.intake
assert not [name for name in sys.modules if name.partition(".")[0] == "django"]
"""

CONNECTS = """
import sys
from pathlib import Path
from keptword.intake import database
database.connect(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("name", ["plain", "Meine Bücher 100 %", "what? #1 & [more]", "file:x", "丙"])
@pytest.mark.skipif(sys.platform == "win32", reason="some of these are no names there")
def test_it_lies_where_it_was_asked_for(tmp_path, engine, name):
    desk = Desk.made(tmp_path / name)
    desk.post([line(1)])
    assert desk.database.is_file()
    assert {path.name for path in tmp_path.iterdir()} == {name}
    assert desk.pump(engine).recorded == 1


def test_one_process_opens_several_books(tmp_path):
    one, two = Desk.made(tmp_path / "one"), Desk.made(tmp_path / "two")
    one.open()
    one.post([line(1)])
    two.open()
    assert two.waiting() == []
    two.post([line(2)])
    one.open()
    assert one.waiting() == ["shop:order.placed:1"]


def test_a_name_without_a_folder_is_taken_from_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    database.connect(Path("desk.sqlite3"))
    monkeypatch.chdir("/")
    assert database.path() == tmp_path / "desk.sqlite3"


def test_an_accepted_fact_is_on_the_disk(desk):
    """Write-ahead log, synced at each commit."""
    from django.db import connection

    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_newer_database_is_refused_and_left_alone(desk):
    with sqlite3.connect(desk.database) as raw:
        raw.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('intake', '0999_later', '2041-01-01')")
    raw.close()
    with pytest.raises(KeptwordError, match="newer version of Keptword"):
        desk.open()


@pytest.mark.parametrize(
    ("content", "said"), [(b"this is no database, it is a text" * 100, "It is no database"), (None, "cannot be opened")]
)
def test_what_is_no_database_is_said(tmp_path, content, said):
    file = tmp_path / "desk.sqlite3"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(KeptwordError, match=said):
        database.connect(file)


def test_a_full_disk_is_said_and_what_was_accepted_stays(desk):
    """The database may not grow past a few pages more, as if the disk were full."""
    from django.db import connection

    desk.post([line(1)])
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(KeptwordError, match="The disk is full"):
        desk.post(line(number) for number in range(5000))
    kept = len(desk.waiting())
    assert kept % 100 == 0 or kept == 1
    connection.close()
    assert desk.post(line(number) for number in range(200)).refused == 0
    assert len(desk.waiting()) >= 200


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="this account may write anywhere")
def test_a_database_that_may_only_be_read_is_said(desk):
    from django.db import connection

    connection.close()
    desk.database.chmod(0o400)
    desk.folder.chmod(0o500)
    try:
        with pytest.raises(KeptwordError, match=r"only be read|cannot be opened"):
            desk.post([line(1)])
    finally:
        desk.folder.chmod(0o700)


def test_several_processes_begin_at_once(tmp_path):
    """One of them makes the tables; all are well."""
    command = [sys.executable, "-c", CONNECTS, str(tmp_path / "desk.sqlite3")]
    begun = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    ended = [process.communicate()[1].decode() for process in begun]
    assert [process.returncode for process in begun] == [0] * 4, "\n".join(ended)


def test_the_models_are_what_the_migrations_make(desk):
    from django.core.management import call_command

    told = io.StringIO()
    call_command("makemigrations", "intake", check=True, dry_run=True, stdout=told)
    assert "No changes detected" in told.getvalue()


def test_reading_books_loads_no_django():
    subprocess.run([sys.executable, "-c", LOADS_NOTHING], check=True)
