"""Commands on books as the tests give them: in this process for what they say, as processes for what happens."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from keptword.books.engine import engine_for
from keptword.books.folder import Folder
from keptword.books.opened import open_books
from keptword.cli import run
from keptword.intake import database

TESTS = Path(__file__).parent.parent
DRIVEN = TESTS / "books" / "bad_input_process.py"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str

    def refused(self, *said: str) -> None:
        """Check that it refused in whole sentences that say all of `said`, and that it was no defect."""
        assert self.status in (1, 2), self
        assert not any(word in self.err for word in ("Traceback", "did not foresee", "Errno")), self.err
        for part in said:
            assert part in self.err, self.err

    def done(self, *said: str) -> None:
        """Check that it was done, and that it said all of `said`."""
        assert self.status == 0, self
        for part in said:
            assert part in self.out, self.out


@dataclass(frozen=True)
class Owner:
    """Gives commands on the books in a folder."""

    folder: Path

    def __call__(self, *words: str | Path, given: str | None = None) -> Ran:
        """Run a command in this process, as the installed one does, with `given` as its input."""
        out, err = io.StringIO(), io.StringIO()
        told = ["keptword", *map(str, words), "--books", str(self.folder)]
        before = sys.argv, sys.stdin
        sys.argv = told
        if given is not None:
            sys.stdin = io.TextIOWrapper(io.BytesIO(given.encode()))
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                run()
            status: object = 0
        except SystemExit as ended:
            status = ended.code
        finally:
            sys.argv, sys.stdin = before
        return Ran(status if isinstance(status, int) else 0 if status is None else 1, out.getvalue(), err.getvalue())

    def begin(self, *words: str | Path, moment: str = "now", what: str = "") -> subprocess.Popen[str]:
        """Begin a command as a process to which something may happen at a moment."""
        return subprocess.Popen(
            [sys.executable, DRIVEN, moment, what, *map(str, words), "--books", str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [TESTS])), "PYTHONUTF8": "1", "COLUMNS": "200"},
        )

    def process(self, *words: str | Path, moment: str = "now", what: str = "") -> Ran:
        """Run a command as a process to which something may happen at a moment."""
        return ended(self.begin(*words, moment=moment, what=what))

    def post(self, lines: Iterable[str]) -> Ran:
        """Post entries."""
        return self("post", given="\n".join(lines) + "\n")

    def ids(self) -> list[str]:
        """The ids of all entries in the journal, in order and as often as they are there."""
        books = open_books(Folder(self.folder))
        with engine_for(books) as engine:
            return sorted(row["fact_id"] for row in engine.rows(books.journal.facts(engine).select("fact_id")))

    def copied(self, folder: Path) -> Owner:
        """The owner of a copy."""
        database.disconnect()
        shutil.copytree(self.folder, folder)
        return Owner(folder)

    def content(self, *, within: str = "") -> dict[str, bytes]:
        """Every file and what is in it."""
        top = self.folder / within
        return {path.relative_to(top).as_posix(): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def ended(process: subprocess.Popen[str]) -> Ran:
    """Wait for a process."""
    out, err = process.communicate(timeout=120)
    return Ran(process.returncode, out, err)
