"""Full disks, kills, stops and missing files: what was accepted is kept, counts once, and what is wrong is said."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from books.commands import Owner, Ran, ended
from books.tea_shop import line

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and limits of POSIX")

COMMIT = "keptword.journal.snapshot:Snapshot.commit"


def orders(count: int, *, first: int = 1, day: str = "2025-01-10") -> list[str]:
    about = {"amount": "12.5", "currency": "EUR"}
    return [
        line(f"placed:{number}", "order.placed", day=day, user_key=f"u{number}", subject=f"order:{number}", **about)
        for number in range(first, first + count)
    ]


def names(count: int) -> list[str]:
    return sorted(f"tea:placed:{number}" for number in range(1, count + 1))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Owner:
    """Books with a rule, 20 orders of January, closed, and 10 of February that came in two batches."""
    owner = Owner(tmp_path_factory.mktemp("made") / "books")
    owner("init", "--name", "Teehaus", "--currency", "EUR", "--timezone", "Europe/Berlin").done()
    owner("rules", "add", "ships within 2 days", "--since", "2025-01-01").done()
    owner.post(orders(20)).done()
    owner("close", "--as-of", "2025-01-31").done()
    for first in (21, 26):
        owner.post(orders(5, first=first, day="2025-02-10")).done()
    return owner


@pytest.fixture(scope="module")
def closed(made: Owner, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The closing of 28 February by a process that nothing happened to."""
    owner = made.copied(tmp_path_factory.mktemp("closed") / "books")
    owner("close", "--as-of", "2025-02-28").done()
    return owner.content(within="closings/2025-02-28")


@pytest.fixture
def books(made: Owner, tmp_path: Path) -> Owner:
    """A copy of them."""
    return made.copied(tmp_path / "books")


def data_file(owner: Owner) -> Path:
    return min((owner.folder / "journal").glob("month=2025-02/*.parquet"))


def last_entry(owner: Owner) -> Path:
    return max((owner.folder / "journal" / "_delta_log").glob("*.json"))


# Damaged files.


def flipped(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(255 - byte for byte in content[4:-8]) + content[-8:])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda owner: data_file(owner).unlink(), "this file of the journal is missing; it held 5 entries"),
        (lambda owner: data_file(owner).write_bytes(b""), "it has 0 bytes where"),
        (lambda owner: flipped(data_file(owner)), "is damaged ("),
        (lambda owner: shutil.rmtree(owner.folder / "journal"), "there is no journal here"),
        (lambda owner: (owner.folder / "desk.sqlite3").unlink(), "desk.sqlite3 is missing. It holds your rules"),
        (lambda owner: (owner.folder / "desk.sqlite3").write_bytes(b""), "desk.sqlite3 is empty. It holds your rules"),
        (lambda owner: (owner.folder / "desk.sqlite3").write_bytes(b"rubbish" * 999), "It is no database"),
        (lambda owner: shutil.rmtree(owner.folder / "closings" / "2025-01-31" / "promises"), "is missing or damaged"),
        (lambda owner: flipped(owner.folder / "closings" / "2025-01-31" / "accounts.parquet"), "is missing or damaged"),
    ],
    ids=["gone", "empty", "flipped", "journal", "desk", "empty desk", "no desk", "closing", "flipped closing"],
)
def test_a_file_that_is_gone_or_damaged_is_named_and_nothing_is_begun_anew(
    books: Owner, damage: Callable[[Owner], None], said: str
) -> None:
    """Each time the day is not closed, the backup is named, and no file comes into the place of what was lost."""
    damage(books)
    before = {name for name in books.content() if not name.startswith(("desk.sqlite3-", "journal/_last"))}
    books("close", "--as-of", "2025-02-28").refused(said, "estore")
    assert {name for name in books.content() if not name.startswith(("desk.sqlite3-", "journal/_last"))} == before


@pytest.mark.parametrize("older", ["desk.sqlite3", "journal"])
def test_a_database_and_a_journal_of_different_days_are_not_taken_for_one(
    books: Owner, tmp_path: Path, older: str
) -> None:
    """One of the two is put back from a copy made before five entries came."""
    copy = books.copied(tmp_path / "copy")
    books.post(orders(5, first=31)).done()
    place, before = books.folder / older, copy.folder / older
    books.copied(tmp_path / "now")
    if older == "journal":
        shutil.rmtree(place)
        shutil.copytree(before, place)
    else:
        place.write_bytes(before.read_bytes())
    books.post(orders(1, first=99)).refused("is older than", "keptword restore")


@pytest.mark.parametrize(
    "tear",
    [
        lambda entry: entry.write_bytes(entry.read_bytes()[:150]),
        lambda entry: entry.write_bytes(b""),
        lambda entry: entry.unlink(),
    ],
    ids=["half", "zero bytes", "gone"],
)
def test_a_torn_end_of_the_journal_is_mended_by_the_next_command_and_said(
    books: Owner, tear: Callable[[Path], None]
) -> None:
    """The last entry of its log is torn by hand; then somebody looks at the rules."""
    tear(last_entry(books))
    done = books("rules", "list")
    assert (done.status, "from its copy, and nothing is lost." in done.err) == (0, True), done
    assert books.ids() == names(30)


# Full disks.


@POSIX
@pytest.mark.parametrize(
    ("words", "moment", "limit"),
    [
        (("post", "MANY"), "now", 400_000),
        (("post", "FEW"), "keptword.journal.writing:write_months", 2_000),
        (("post", "FEW"), "keptword.journal.upkeep:compact", 2_000),
        (("close", "--as-of", "2025-02-28"), "keptword.closing.sealed:Drafting.write", 300),
    ],
    ids=["posting", "pumping", "compacting", "closing"],
)
def test_a_disk_that_fills_is_said_and_the_same_command_goes_on_once_there_is_room(
    books: Owner, tmp_path: Path, closed: dict[str, bytes], words: tuple[str, ...], moment: str, limit: int
) -> None:
    """No file may grow beyond a size from some moment on; afterwards there is room."""
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    few.write_text("\n".join(orders(3, first=31, day="2025-03-01")), "utf-8")
    many.write_text("\n".join(orders(3_000, first=31, day="2025-03-01")), "utf-8")
    told = [str({"FEW": few, "MANY": many}.get(word, word)) for word in words]
    full = books.process(*told, moment=moment, what=f"full={limit}")
    full.refused("disk")
    again = books(*told)
    assert again.status == 0, again
    if words[0] == "close":
        assert books.content(within="closings/2025-02-28") == closed
    ids = books.ids()
    assert len(ids) == len(set(ids)) == 30 + {"MANY": 3_000, "FEW": 3}.get(words[1], 0)


# Kills and stops.


@POSIX
def test_a_closing_killed_half_way_is_closed_again_as_if_it_had_not_been(
    books: Owner, closed: dict[str, bytes]
) -> None:
    """Killed before it is sealed, and at a moment nobody chose."""
    draft = "keptword.closing.sealed:Drafting"
    for moment, what in ((f"{draft}.seal", "kill"), (f"{draft}.write", f"kill={random.uniform(0, 0.3)}")):
        killed = books.process("close", "--as-of", "2025-02-28", moment=moment, what=what)
        assert killed.status in (-signal.SIGKILL, 0), killed
    books("close", "--as-of", "2025-02-28").done("2025-02-28")
    assert books.content(within="closings/2025-02-28") == closed
    assert sorted(path.name for path in (books.folder / "closings").iterdir()) == ["2025-01-31", "2025-02-28"]


@POSIX
def test_a_process_stopped_while_it_writes_the_journal_writes_nothing_once_another_has_taken_over(
    books: Owner, tmp_path: Path
) -> None:
    """Stopped before its commit, past its lease; another waits, takes over and records; then the first goes on."""
    lines = tmp_path / "lines.jsonl"
    lines.write_text("\n".join(orders(5, first=31)), "utf-8")
    first = books.begin("post", lines, moment=COMMIT, what="stop")
    try:
        assert stopped(first)
        other = books.process("import", "--undo", "7")
        other.refused("There is no import 7")
        assert books.ids() == names(35)
    finally:
        first.send_signal(signal.SIGCONT)
    late: Ran = ended(first)
    late.refused("Another process has taken over")
    assert books.ids() == names(35)


def stopped(process: object) -> bool:
    """Wait until a process is stopped, without taking its end away from whoever waits for that."""
    pid = process.pid  # type: ignore[attr-defined]
    told = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return told is not None and told.si_code == os.CLD_STOPPED
