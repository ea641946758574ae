"""What `make` stands on: the targets it lists, the Python it finds, the outcomes it tells."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from browser import find_browser
from check import counts, skips
from progress import Line, Outcome, run

ROOT = Path(__file__).resolve().parent.parent

with_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
with_sh = pytest.mark.skipif(sys.platform == "win32", reason="scripts/python.sh is for systems with a shell")

OLD_PYTHON = """\
#!/bin/sh
if [ "$1" = --version ]; then echo "Python 3.9.2"; exit 0; fi
exit 1
"""


@with_make
def test_make_alone_lists_every_target():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets
    assert re.findall(r"^  make (\w+) +\S", listed, re.MULTILINE) == targets.group(1).split()


@with_sh
def test_a_python_that_is_too_old_is_named_with_the_remedy(tmp_path):
    old = tmp_path / "python3.9"
    old.write_text(OLD_PYTHON, encoding="utf-8")
    old.chmod(0o755)
    said = subprocess.run(
        ["sh", "scripts/python.sh", "-c", "print('ran')"],
        cwd=ROOT,
        env={"PYTHON": str(old), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert said.stdout == ""
    assert f"Keptword needs Python 3.11 or newer; {old} is Python 3.9.2." in said.stderr
    assert "apt install python3 python3-venv" in said.stderr


@with_sh
def test_a_python_that_is_new_enough_runs_the_script():
    said = subprocess.run(
        ["sh", "scripts/python.sh", "-c", "print('ran')"],
        cwd=ROOT,
        env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "ran\n"


def test_a_command_tells_its_status_and_all_it_wrote(tmp_path, capsys):
    code = "import sys; print('seen'); print('wrong', file=sys.stderr); sys.exit(3)"
    with Line("trying") as line:
        outcome = run([sys.executable, "-u", "-c", code], line=line, folder=tmp_path)
        line.end("tried")
    assert (outcome.status, outcome.well) == (3, False)
    assert outcome.output.splitlines() == ["seen", "wrong"]
    assert re.fullmatch(r"trying +tried +\d+\.\d s\n", capsys.readouterr().out)


def test_a_command_that_is_not_there_is_no_traceback(tmp_path):
    with Line("trying") as line:
        outcome = run([tmp_path / "nothing"], line=line, folder=tmp_path)
    assert outcome.status == 127
    assert "nothing is not there" in outcome.output


def test_skipped_tests_are_counted_by_reason():
    output = (
        "SKIPPED [2] tests/test_a.py:10: KEPTWORD_TEST_DATA is not set: it names the folder\n"
        "SKIPPED [1] tests/test_b.py:20: KEPTWORD_TEST_DATA is not set: it names the folder\n"
        "SKIPPED [1] tests/test_c.py:30: no Chromium that works here\n"
        "412 passed, 4 skipped in 41.20s\n"
    )
    assert dict(skips(output)) == {
        "KEPTWORD_TEST_DATA is not set: it names the folder": 3,
        "no Chromium that works here": 1,
    }
    assert counts(Outcome(0, output, 41.2)) == "412 passed, 4 skipped"


def test_no_browser_is_found_where_none_is_wanted(monkeypatch):
    monkeypatch.setenv("KEPTWORD_BROWSER", "none")
    assert find_browser() is None
