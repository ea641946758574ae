"""`keptword serve` and the end of `keptword demo`: real processes, begun, killed, and begun beside each other."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from web.processes import Served, alive, fetched, served, wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and ps are not what they are elsewhere")


@pytest.fixture
def books(shop_books: Path, tmp_path: Path) -> Path:
    """A copy of the shop's books, not open in this process."""
    from keptword.intake import database

    database.disconnect()
    shutil.copytree(shop_books, tmp_path / "books")
    return tmp_path / "books"


def in_charge(running: Served) -> bool:
    """Whether this one does the background work."""
    return any("in charge" in line for line in running.log)


def test_an_empty_folder_becomes_books_with_an_owners_link(tmp_path):
    """A newcomer types one command: books are begun, the link is printed, and leads to a page; Ctrl-C ends it all."""
    began = time.monotonic()
    with served(tmp_path / "new", TZ="Asia/Shanghai") as running:
        status, _ = fetched(running.link)
        tell(f"start to first page, with new books: {time.monotonic() - began:.1f} s")
        assert status == 200
        assert running.link.startswith(f"{running.address}/sign-in/")
        assert fetched(f"{running.address}/health/ready/")[0] == 200
        assert 'timezone = "Asia/Shanghai"' in (tmp_path / "new" / "keptword.toml").read_text("utf-8")
        children = running.children()
        assert len(children) >= 2
        tell(f"ended in {running.end():.1f} s")
        assert running.process.returncode == 0
        assert running.lines[-1] == "Stopped.\n"
        wait_for(lambda: not any(map(alive, children)), seconds=10)


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "photo.jpg").write_text("x", encoding="ascii")
    with served(tmp_path) as running:
        running.process.wait(60)
        assert running.process.returncode == 1
        wait_for(lambda: running.log)
        assert "holds no books" in "".join(running.log)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def test_all_end_with_the_one_that_is_killed(books):
    """kill -9 to `keptword serve`: neither its pages nor its background work go on without it."""
    began = time.monotonic()
    with served(books) as running:
        fetched(f"{running.address}/")
        tell(f"start to first page: {time.monotonic() - began:.1f} s; {memory(running)}")
        children = running.children()
        os.kill(running.process.pid, signal.SIGKILL)
        wait_for(lambda: not any(map(alive, children)), seconds=10)


def test_one_of_two_works_and_the_other_takes_over(books):
    """Both show pages; the background work is one's, started anew when killed, and the other's when that one is."""
    with served(books) as one:
        wait_for(lambda: in_charge(one))
        with served(books) as two:
            assert fetched(f"{two.address}/")[0] == 200
            assert one.address != two.address
            assert not in_charge(two)
            work = next(number for number in one.children() if "keptword.web.work" in command(number))
            os.kill(work, signal.SIGKILL)
            wait_for(lambda: in_charge(two))
            os.kill(two.process.pid, signal.SIGKILL)
            wait_for(lambda: sum("in charge" in line for line in one.log) == 2)
        link = subprocess.run(
            [sys.executable, "-m", "keptword", "serve", "--books", books, "--link"],
            capture_output=True, text=True, check=True, timeout=90,
        )  # fmt: skip
        assert link.stdout.startswith(f"{one.address}/sign-in/")


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "keptword", "serve", "--books", str(tmp_path / "b"), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} of 127.0.0.1 cannot be listened on")
    assert done.stderr.strip().endswith(f"keptword serve --port {port + 1}")
    assert not (tmp_path / "b").exists()


def test_books_that_cannot_be_opened_end_it_with_the_reason(books):
    (books / "desk.sqlite3").write_bytes(b"this is no database" * 500)
    for name in ("desk.sqlite3-wal", "desk.sqlite3-shm"):
        (books / name).unlink(missing_ok=True)
    with served(books) as running:
        running.process.wait(60)
        assert running.process.returncode == 1
        wait_for(lambda: any("It is no database" in line and not line.startswith("{") for line in running.log))


def test_the_log_is_json_without_anybodys_key(books):
    with served(books, "--workers", "2", KEPTWORD_METRICS_TOKEN="tell me") as running:
        for _ in range(6):
            fetched(f"{running.address}/customers/somebodys-key/?q=their-name")
        wait_for(lambda: sum('"request"' in line for line in running.log) >= 6)
        entries = [json.loads(line) for line in running.log]
        asked = next(entry for entry in entries if entry["event"] == "request")
        assert asked.keys() >= {"page", "status", "ms", "member", "timestamp", "level"}
        assert not [line for line in running.log if "somebodys-key" in line or "their-name" in line]
        status, said = fetched(f"{running.address}/metrics/", Authorization="Bearer tell me")
        assert status == 200
        counted = [line for line in said.splitlines() if line.startswith("keptword_request_seconds_count")]
        assert sum(float(line.rsplit(" ", 1)[1]) for line in counted) >= 6
        assert "keptword_entries_waiting 0.0" in said
        assert 'page="none"' not in said or "somebodys-key" not in said


def test_the_demo_is_not_made_anew_under_somebodys_eyes(books):
    from keptword.cli.demo import DEMO

    (books / DEMO).write_text("", encoding="ascii")
    with served(books) as running:
        wait_for(lambda: in_charge(running))
        command = [sys.executable, "-m", "keptword", "demo", "--books", str(books), "--out", str(books.parent / "out")]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 1
    assert "are open" in done.stderr
    assert (books / "keptword.toml").exists()


def command(number: int) -> str:
    """What a process was started with."""
    return subprocess.run(["ps", "-o", "args=", "-p", str(number)], capture_output=True, text=True, check=False).stdout


def memory(running: Served) -> str:
    """What all its processes hold: all pages of memory, and those shared counted once."""
    held = {"Rss": 0, "Pss": 0}
    for number in (running.process.pid, *running.children()):
        try:
            told = Path(f"/proc/{number}/smaps_rollup").read_text("ascii")
        except OSError:
            continue
        for line in told.splitlines():
            name = line.partition(":")[0]
            if name in held:
                held[name] += int(line.split()[1])
    return f"{held['Rss'] // 1024} MB held, {held['Pss'] // 1024} MB with what is shared counted once"


def tell(measured: str) -> None:
    """Say what was measured, for whoever runs the tests with -s."""
    sys.stdout.write(f"\n{measured}\n")
