"""Books whose database is a PostgreSQL: a real server is started, and the same tests run on it as on a file."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import postgres
from web.processes import fetched, served, wait_for

ROOT = Path(__file__).resolve().parent.parent

INTAKE = ("door", "quarantine", "pump", "lease")
SLOW = ("small_files_are_joined", "clocks_set_back", "however_long", "stopped_pump")
"""Of those, what takes long and does not ask the database for anything the others do not."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of our own for this module; where there can be none, these tests are skipped."""
    why = postgres.why_not()
    if why:
        pytest.skip(why)
    with postgres.server() as address:
        yield address


@pytest.fixture
def fresh(server: str) -> Callable[[str], str]:
    """What makes an empty database on the server and returns its address."""

    def made(name: str) -> str:
        postgres.run(server, f"CREATE DATABASE {name}")
        return f"{server.rpartition('/')[0]}/{name}"

    return made


def run(address: str, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with a database on the server as that of the books."""
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "KEPTWORD_DATABASE_URL": address, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def has_passed(address: str, *words: str) -> None:
    """Run tests on the server, in a process of their own: which database it is is told once a process."""
    done = run(address, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *words)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
    assert " passed" in done.stdout or "[100%]" in done.stdout


def test_the_door_the_pump_and_the_lease_work_on_a_server(fresh):
    files = [f"tests/intake/test_{name}.py" for name in INTAKE]
    has_passed(fresh("intake"), *files, "-k", " and ".join(f"not {name}" for name in SLOW))


def test_every_page_and_every_form_works_on_a_server(fresh):
    has_passed(fresh("web"), "tests/web/test_any_database.py")


def test_several_processes_begin_at_once(fresh):
    """One makes the tables; the others wait for it, and are well."""
    address = fresh("begun")
    script = "from pathlib import Path; from keptword.intake import database; database.connect(Path('x'))"
    environment = {**os.environ, "KEPTWORD_DATABASE_URL": address}
    command = [sys.executable, "-c", script]
    begun = [subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, cwd=ROOT) for _ in range(4)]
    ended = [process.communicate()[1].decode() for process in begun]
    assert [process.returncode for process in begun] == [0] * 4, "\n".join(ended)


BOOKS = """
import json, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from keptword.books.backup import back_up
from keptword.books.closing import close_day
from keptword.books.erasing import erase
from keptword.books.folder import Folder
from keptword.books.opened import begin_books, open_books
from keptword.books.recording import post
from keptword.books.verifying import verify
from keptword.core.problems import KeptwordError

quiet = lambda *_, **__: None
place = Path(sys.argv[1])
books = begin_books(Folder(place / "one"), name="Alder Tea", currency="EUR", timezone="Europe/Berlin", country=None)
day = datetime.now(UTC) - timedelta(days=3)
facts = [
    {"fact_id": f"o{n}", "kind": "order.placed", "user_key": f"somebody-{n % 3}", "occurred_at": day.isoformat(),
     "subject": f"order:{n}", "amount": "12.5", "currency": "EUR", "source": "test"}
    for n in range(9)
]
done = post(books, map(json.dumps, [*facts, facts[0], {"kind": "nonsense"}]), say=quiet)
assert (done.posted.accepted, done.posted.known, done.posted.refused) == (9, 1, 1), done.posted
assert done.settled.recorded == 9
again = post(books, [json.dumps(facts[1]), json.dumps({**facts[2], "amount": "13"})], say=quiet)
assert (again.settled.known, again.settled.refused) == (1, 1), again
close_day(books, None, say=quiet)
erased = erase(books, "somebody-1", say=quiet)
assert erased.taken.journal.entries == 3 and not erased.searched.held, erased
open_books(Folder(place / "one"))
for attempt in (
    lambda: back_up(books, place / "backup.tar.gz", say=quiet),
    lambda: begin_books(Folder(place / "two"), name="Other", currency="EUR", timezone="UTC", country=None),
):
    try:
        attempt()
    except KeptwordError as error:
        print(error)
    else:
        raise SystemExit("not refused")
"""


def test_books_on_a_server_are_kept_as_those_in_a_file(fresh, tmp_path):
    """Posted, recorded, closed, erased. A backup is refused with what to do; so are other books in the same place."""
    address = fresh("kept")
    done = run(address, "-c", textwrap.dedent(BOOKS), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "pg_dump" in done.stdout
    assert 'The database "kept" on 127.0.0.1 holds other books already' in done.stdout
    books = ("-m", "keptword", "verify", "--books", tmp_path / "one")
    assert run(address, *books).returncode == 0
    lost = run(fresh("empty"), *books)
    assert lost.returncode == 1
    assert "holds no books" in lost.stderr
    (tmp_path / "two" / "keptword.toml").write_text((tmp_path / "one" / "keptword.toml").read_text("utf-8"), "utf-8")
    other = run(address, "-m", "keptword", "verify", "--books", tmp_path / "two")
    assert other.returncode == 1
    assert "holds other books than those in" in other.stderr


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgres://keptword:secret@127.0.0.1:1/keptword", "It does not answer"),
        ("postgres://keptword:secret@no-such-host.invalid/keptword", "not known by that name"),
        ("mysql://keptword:secret@127.0.0.1/keptword", "names no PostgreSQL"),
        ("nonsense secret", "names no PostgreSQL"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_without_its_password(address, said, tmp_path):
    init = ("-m", "keptword", "init", "--name", "x", "--currency", "EUR", "--timezone", "UTC")
    done = run(address, *init, "--books", tmp_path / "books")
    assert done.returncode == 1
    assert said in done.stderr
    assert "secret" not in done.stderr


def test_pages_come_back_when_the_server_does(fresh, tmp_path):
    """All connections are cut while the books are open: the next page is there, and so is the background work."""
    address = fresh("cut")
    with served(tmp_path / "books", KEPTWORD_DATABASE_URL=address) as running:
        assert fetched(running.link)[0] == 200
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'cut'"
        postgres.run(address, cut)
        assert fetched(f"{running.address}/sign-in/")[0] == 200
        assert fetched(f"{running.address}/health/ready/")[0] == 200
        time.sleep(3)
        wait_for(lambda: not any("postgres" in line and "error" in line for line in running.log[-1:]))
        assert running.process.poll() is None
