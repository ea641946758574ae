"""A backup is the books at one moment; brought back anywhere it is those books, and nobody erased is in them."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import sys
import tarfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from books.erasing_process import post_on
from books.tea_shop import FEBRUARY, LI, MIA, ROSA, begun, closed_books, contents, copied, holders, ids, line, quiet
from intake.desk import until
from keptword.books import restoring
from keptword.books.backup import back_up
from keptword.books.closing import close_day, closings
from keptword.books.erasing import erase
from keptword.books.folder import Folder
from keptword.books.opened import Books, open_books
from keptword.books.recording import post
from keptword.books.restoring import restore
from keptword.cli.commands import app
from keptword.core.problems import KeptwordError
from keptword.office import acts, letters
from keptword.office.letters import Drafted
from keptword.office.models import Act, Member

PROCESSES = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tea shop's books, made once."""
    return closed_books(tmp_path_factory.mktemp("made") / "books")


@pytest.fixture
def books(made: Path, tmp_path: Path) -> Books:
    """The tea shop's books, a copy for each test."""
    return copied(made, tmp_path / "books")


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the database's own."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("desk.sqlite3")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("name", ["backup.tar.gz", "a folder"])
def test_restored_books_are_the_books_wherever_they_are(books, tmp_path, name):
    """On a path with spaces, umlauts and a per cent sign: the same files, and work goes on."""
    (books.folder.path / "rates.csv").write_text("Date,USD\n2025-01-02,1.03\n", encoding="utf-8")
    there = content(books.folder.path)
    entries = ids(books)
    backup = back_up(books, tmp_path / name, say=quiet)
    assert backup.closed == (closings(books)[0].input.day,)
    done = restore(tmp_path / name, Folder(tmp_path / "Neue Bücher 100 %" / "hier"), say=quiet)
    assert content(done.books.folder.path) == there
    assert (done.replaced, done.erased) == (None, 0)
    assert ids(done.books) == entries
    assert done.books.business == books.business
    post(done.books, [line("new", "page.viewed", day="2025-02-27", subject="page:1")], say=quiet)
    assert ids(done.books) == sorted([*entries, "tea:new"])
    assert contents(close_day(done.books, FEBRUARY, say=quiet).before or closings(books)[0])
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_backup_under_load_holds_every_acknowledged_entry_once(tmp_path):
    """Another process posts while the backup is taken; what was acknowledged before it began is in it, once."""
    books = begun(tmp_path / "books")
    told = tmp_path / "told"
    poster = PROCESSES.Process(target=post_on, args=(str(books.folder.path), str(told)))
    poster.start()

    def acknowledged() -> int:
        return int(told.read_text("ascii").rpartition("\n")[0].rpartition("\n")[2] or 0) if told.exists() else 0

    try:
        until(lambda: acknowledged() >= 1_000)
        post(books, [line("mine", "page.viewed", day="2025-03-02", subject="page:1")], say=quiet)
        until(lambda: acknowledged() >= 3_000)
        before = acknowledged()
        back_up(books, tmp_path / "backup.tar.gz", say=quiet)
    finally:
        poster.kill()
        poster.join()
    after = acknowledged() + 100
    restored = restore(tmp_path / "backup.tar.gz", Folder(tmp_path / "elsewhere"), say=quiet).books
    post(restored, [], say=quiet)
    there = ids(restored)
    assert len(there) == len(set(there))
    numbers = sorted(int(name.split(":")[-1]) for name in there if name.startswith("tea:load:"))
    assert numbers == list(range(len(numbers)))
    assert before <= len(numbers) <= after
    assert "tea:mine" in there


def test_whoever_was_erased_after_the_backup_stays_erased(books, tmp_path):
    """Rosa is erased after the backup and Mia before it. The books replaced know of both and lie beside."""
    erase(books, MIA, say=quiet)
    back_up(books, tmp_path / "backup.tar.gz", say=quiet)
    erase(books, ROSA, say=quiet)
    done = restore(tmp_path / "backup.tar.gz", books.folder, replacing=True, say=quiet)
    assert done.erased == 1
    assert holders(books.folder.path, ROSA) == []
    assert holders(books.folder.path, MIA) == []
    assert holders(books.folder.path, LI)
    assert done.replaced is not None
    assert done.replaced.name.startswith("books-before-restore-")
    post(done.books, [line("again", "list.subscribed", day="2025-02-01", user_key=ROSA)], say=quiet)
    assert "tea:again" not in ids(done.books)


def test_what_waited_to_be_mailed_is_not_mailed_by_the_restored_books(books, tmp_path):
    """A note with an apology waits as the backup is made, last week; the restored books mail and record neither."""
    now = datetime.now(UTC)
    ben = Member.objects.create(mail="ben@example.org", name="Ben", role="agent", password="!", joined_at=now)
    group = letters.keep([Drafted(ROSA, (), "Your order", "We are sorry.")], by=ben, now=now)
    ids = [letter.pk for letter in letters.in_group(group)]
    letters.send_off(ids, apologies=ids, by=ben, now=now - timedelta(days=7), timezone=None)
    back_up(books, tmp_path / "backup.tar.gz", say=quiet)
    done = restore(tmp_path / "backup.tar.gz", Folder(tmp_path / "here"), say=quiet)
    assert done.letters == 1
    later = datetime.now(UTC) + timedelta(days=1)
    assert letters.send_due(later) == acts.post_due(later) == 0
    (letter,) = letters.failed(since=now)
    assert (letter.pk, letter.error) == (ids[0], letters.BROUGHT_BACK)
    assert Act.objects.get().undone_at is not None


def test_elsewhere_other_books_or_a_newer_backup_tell_who_was_erased(books, tmp_path):
    """On a new computer an old backup has Rosa again; named beside it, the newer one takes her out."""
    back_up(books, tmp_path / "old.tar.gz", say=quiet)
    erase(books, ROSA, say=quiet)
    back_up(books, tmp_path / "newer.tar.gz", say=quiet)
    alone = restore(tmp_path / "old.tar.gz", Folder(tmp_path / "alone"), say=quiet)
    assert alone.erased == 0
    assert holders(tmp_path / "alone", ROSA)
    told = restore(tmp_path / "old.tar.gz", Folder(tmp_path / "told"), erased=[tmp_path / "newer.tar.gz"], say=quiet)
    assert told.erased == 1
    assert holders(tmp_path / "told", ROSA) == []
    other = restore(tmp_path / "old.tar.gz", Folder(tmp_path / "other"), erased=[books.folder.path], say=quiet)
    assert other.erased == 1
    assert holders(tmp_path / "other", ROSA) == []


def test_books_of_another_salt_tell_who_was_erased_too(books, tmp_path):
    """The same customers in books begun anew: their tombstones are of another salt, and lead to the same people."""
    back_up(books, tmp_path / "backup", say=quiet)
    anew = begun(tmp_path / "anew")
    post(
        anew, [line(key, "list.subscribed", day="2025-02-01", user_key=key) for key in (ROSA, "stranger99")], say=quiet
    )
    for key in (ROSA, "stranger99"):
        erase(anew, key, say=quiet)
    done = restore(tmp_path / "backup", Folder(tmp_path / "told"), erased=[tmp_path / "anew"], say=quiet)
    assert (done.erased, done.unknown) == (1, 1)
    assert holders(tmp_path / "told", ROSA) == []


def test_a_damaged_backup_changes_nothing(books, tmp_path):
    """A byte changed, a file missing, one too many, half an archive, something else altogether."""
    back_up(books, tmp_path / "whole", say=quiet)
    back_up(books, tmp_path / "whole.tar.gz", say=quiet)

    def spoiled(name: str, spoil: Callable[[Path], object]) -> Path:
        shutil.copytree(tmp_path / "whole", tmp_path / name)
        spoil(tmp_path / name)
        return tmp_path / name

    def flip(folder: Path) -> None:
        path = next(folder.glob("journal/month=*/*.parquet"))
        path.write_bytes(path.read_bytes()[:-1] + b"X")

    def raised(folder: Path) -> None:
        told = json.loads((folder / "backup.json").read_text("utf-8"))
        (folder / "backup.json").write_text(json.dumps(told | {"format": 99}), encoding="utf-8")

    half = tmp_path / "half.tar.gz"
    half.write_bytes((tmp_path / "whole.tar.gz").read_bytes()[:5_000])
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(evil, "w:gz") as archive:
        archive.add(tmp_path / "whole" / "keptword.toml", arcname="../escaped.toml")
    there = content(books.folder.path)
    for source, said in (
        (spoiled("flipped", flip), r"parquet is not what was backed up"),
        (spoiled("missing", lambda folder: (folder / "keptword.toml").unlink()), "keptword.toml is not what"),
        (spoiled("more", lambda folder: (folder / "more.txt").touch()), "more.txt is not what"),
        (spoiled("newer", raised), "newer Keptword"),
        (spoiled("endless", lambda folder: (folder / "backup.json").unlink()), "is no backup"),
        (half, "is no backup, or is damaged"),
        (evil, "would be written elsewhere"),
        (tmp_path / "nothing.tar.gz", "There is no backup"),
    ):
        with pytest.raises(KeptwordError, match=said):
            restore(source, books.folder, replacing=True, say=quiet)
        assert content(books.folder.path) == there
    left = {path.name for path in tmp_path.iterdir()}
    assert not [name for name in left if name.startswith(".") or "before" in name or "escaped" in name]
    assert len(ids(open_books(books.folder))) > 20


def test_restoring_stopped_before_it_is_in_place_leaves_the_books_as_they_were(books, tmp_path, monkeypatch):
    back_up(books, tmp_path / "backup.tar.gz", say=quiet)
    post(books, [line("later", "page.viewed", day="2025-02-27", subject="page:1")], say=quiet)

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(restoring, "_in_place", stopped)
        restore(tmp_path / "backup.tar.gz", books.folder, replacing=True, say=quiet)
    assert "tea:later" in ids(open_books(books.folder))
    assert {path.name for path in tmp_path.iterdir()} == {"books", "backup.tar.gz"}


def test_the_commands_refuse_what_would_harm(books, tmp_path):
    """Into the books themselves, over a backup, over books, over other things."""
    run = CliRunner().invoke
    where = ["--books", str(books.folder.path)]
    backup = str(tmp_path / "backup.tar.gz")
    done = run(app, ["backup", backup, *where])
    assert done.exit_code == 0
    assert "1 closed day." in done.output
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").touch()
    for words, said in (
        (["backup", str(books.folder.path / "b.tar.gz"), *where], "within the books themselves"),
        (["backup", backup, *where], "is there already"),
        (["backup", str(tmp_path / "no" / "b.tar.gz"), *where], "There is no folder"),
        (["restore", backup, *where], "There are books in"),
        (["restore", backup, "--books", str(tmp_path / "other")], "is not empty and holds no books"),
    ):
        assert said in str(run(app, words).exception), words
    back = run(app, ["restore", backup, "--replace", *where])
    assert back.exit_code == 0
    assert "The books that were there are in" in back.output
