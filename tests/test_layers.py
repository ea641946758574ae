"""Who may import whom, and what must not even be loaded: the drawing in `design.md`, held."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "src" / "keptword" / "core"

HEAVY = {"ibis", "duckdb", "numpy", "sqlglot", "jinja2", "holidays"}

# The loaded modules are the last line, after whatever the command itself writes.
LOADED = "\nimport sys, json\nprint()\nprint(json.dumps(sorted(sys.modules)))"

# What says how relations are made, and the libraries it says it with; with each module all that is in it.
DESCRIBING = ("ibis", "sqlglot", "keptword.closing", "keptword.sources", "keptword.report.build")

# What of these rooms is light: what a closing is computed by, its manifest, the names of the sources.
LIGHT = {"closing", "closing.configuration", "closing.sealed", "sources", "sources.rooms"}

# Begins books, imports every page, then shows the first one to the owner.
FIRST_PAGE = """
from datetime import UTC, datetime
from pathlib import Path
from keptword.web.application import make
from keptword.books.folder import Folder
from keptword.books.opened import begin_books
begin_books(Folder(Path(place)), name="Alder Tea", currency="EUR", timezone="Europe/Berlin", country="DE")
make(Path(place))
from django.test import Client
from keptword.office.models import Member
client = Client(SERVER_NAME="localhost")
ada = Member.objects.create(mail="ada@example.org", name="Ada", role="owner", joined_at=datetime.now(UTC))
client.force_login(ada, backend="keptword.web.signing_in.backend.MembersOnly")
assert client.get("/").status_code == 200
"""


def modules_after(code: str) -> set[str]:
    """Return the modules a fresh Python has loaded once it has run `code`."""
    done = subprocess.run([sys.executable, "-c", code + LOADED], capture_output=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return set(json.loads(done.stdout.decode().splitlines()[-1]))


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules a fresh Python has loaded once it has run `code`."""
    return {name.split(".")[0] for name in modules_after(code)}


def test_rooms_import_only_what_stands_below_them():
    """The contracts are in pyproject.toml: cli > report > sources | simulate > engines > core."""
    program = Path(sys.executable).with_name("lint-imports.exe" if sys.platform == "win32" else "lint-imports")
    done = subprocess.run([program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")


def test_the_command_line_starts_without_the_engine():
    """Loading them costs more than half a second; `keptword --help` needs none of them."""
    assert not loaded_after("import keptword.cli.commands") & HEAVY


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["report", "--help"]], ids=" ".join)
def test_asking_for_help_starts_no_engine(arguments):
    code = f"""
import sys
from keptword.cli import run
sys.argv = ["keptword", *{arguments!r}]
try:
    run()
except SystemExit as end:
    assert not end.code, end.code
"""
    assert not loaded_after(code) & HEAVY


def test_the_pages_start_without_what_describes_relations(tmp_path):
    """Loading it costs most of a second; no page is shown by it, and who asks for work that needs it waits for it."""
    loaded = modules_after(f"place = {str(tmp_path / 'books')!r}\n{FIRST_PAGE}")
    assert "keptword.web.desk.months" in loaded
    describing = {name for name in loaded if f"{name}.".startswith(tuple(f"{each}." for each in DESCRIBING))}
    assert not describing - {f"keptword.{name}" for name in LIGHT}


def test_the_core_loads_no_engine_and_no_page():
    """What an import of an import brings in counts too, which the contracts do not see."""
    names = [path.relative_to(CORE.parent.parent).with_suffix("") for path in sorted(CORE.rglob("*.py"))]
    code = "\n".join(f"import {'.'.join(name.parts).removesuffix('.__init__')}" for name in names)
    assert not loaded_after(code) & {"duckdb", "typer", "jinja2", "pandas", "pyarrow"}


@pytest.mark.parametrize(
    ("calls", "rule"),
    [
        ({"now", "today", "utcnow"}, "The core never reads a clock: the day it speaks of comes in as `as_of`."),
        ({"execute", "to_pandas", "to_pyarrow", "memtable"}, "The core describes relations and never runs one."),
    ],
    ids=["clock", "query"],
)
def test_the_core_calls_none_of(calls, rule):
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}: .{node.func.attr}()"
        for path in sorted(CORE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in calls
    ]
    assert not found, "\n".join([rule, *found])
