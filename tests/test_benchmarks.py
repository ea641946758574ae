"""The benchmarks measure what they say they measure; how fast anything is, no test asks."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest
from benchmarks.__main__ import main
from benchmarks.cases import CASES, Asked, Row
from benchmarks.files import FileKind, make
from benchmarks.limits import count_copied, count_read
from benchmarks.measure import RunFailed, run

README = Path(__file__).resolve().parent.parent / "benchmarks" / "README.md"


def rows_below_header(path: Path) -> int:
    """How many rows Python's own reader finds."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def test_every_figure_asked_for_has_a_case_that_says_so():
    asked = {"report-50k": "10 s", "report-2m": "6 times", "facts": "300,000", "start": "0.3 s", "size": "300 MB"}
    assert set(CASES) == set(asked)
    for name, bound in asked.items():
        assert bound in CASES[name].sentence


def test_the_readme_explains_every_case():
    text = README.read_text(encoding="utf-8")
    assert [name for name in CASES if f"`{name}`" not in text] == []


@pytest.mark.parametrize("kind", ["shopify", "entries"])
def test_the_limit_reads_every_row_of_the_file(kind: FileKind, tmp_path):
    path = tmp_path / "made it's.csv"
    make(kind, count=300, path=path)
    noted = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert rows_below_header(path) == noted["rows"] == count_read(path) == count_copied(path) >= 270


def test_a_figure_is_held_against_what_is_asked_of_it():
    """
    8 s beside 2 s: under 10 s, over 3 times; 250,000 a second is less than 300,000
    """
    assert Row("report", "report", "s", 8, 2, asked=Asked(10)).is_met is True
    assert Row("report", "report", "s", 8, 2, asked=Asked(3, of="ratio")).is_met is False
    assert Row("facts", "facts a second", "facts/s", 250_000, asked=Asked(300_000, at_least=True)).is_met is False
    assert Row("report", "report", "s", 8, 2).is_met is None


def test_a_run_that_ends_badly_is_no_figure():
    with pytest.raises(RunFailed, match="No such command"):
        run([sys.executable, "-m", "keptword", "no-such-thing"])


def test_a_case_runs_and_writes_its_figures(tmp_path, capsys):
    out = tmp_path / "bench.json"
    assert main(["--small", "--only", "start", "--pairs", "1", "--out", str(out)]) == 0
    figures = json.loads(out.read_text(encoding="utf-8"))
    (seconds,) = [row for row in figures["rows"] if row["unit"] == "s"]
    assert seconds["case"] == "start"
    assert seconds["ours"] > seconds["beside"] > 0
    assert figures["machine"]["cores"] >= 1
    assert "keptword --help" in capsys.readouterr().out
