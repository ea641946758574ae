"""The commands as a person types them: what they print, what they write, and how they refuse."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from keptword.core.promises import OUTCOMES
from keptword.core.schema import FACT_SCHEMA

PROMISE = ("--promise", "ships within 2 working days", "--as-of", "2031-06-30")


def keptword(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line as its own process, in a folder, and return what it said."""
    return subprocess.run(
        [sys.executable, "-m", "keptword", *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=_environment(),
    )


def _environment() -> dict[str, str]:
    import os

    return os.environ | {"KEPTWORD_KEY": "only for tests", "PYTHONUTF8": "1", "COLUMNS": "100"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the invented shop has written its exports, up to 30 June 2031."""
    folder = tmp_path_factory.mktemp("Meine Bücher 100 %")
    done = keptword("simulate", "--users", "120", "--until", "2031-06-30", "--out", ".", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_report_says_the_verdict_and_writes_the_page(shop):
    """`keptword report orders_export.csv --promise …` prints a short summary and leaves keptword-report.html."""
    done = keptword("report", "orders_export.csv", *PROMISE, folder=shop)
    assert done.returncode == 0, done.stderr
    page = (shop / "keptword-report.html").read_text("utf-8")
    assert "keptword-report.html" in done.stdout
    assert "in 100" in done.stdout
    assert page.lower().startswith("<!doctype html>")
    assert not re.search(r"<(script|link|img|iframe)\b", page)


def test_the_figures_of_a_report_are_those_of_the_truth(shop):
    """What the shop knows about itself (truth.json) is what the report counts from its export alone."""
    truth = json.loads((shop / "truth.json").read_text("utf-8"))["dispatch"]
    done = keptword("report", "orders_export.csv", *PROMISE, "--format", "json", folder=shop)
    said = json.loads(done.stdout)
    assert {name: said[name] for name in ("orders", "due", "kept", "late", "waiting")} == {
        name: truth[name] for name in ("orders", "due", "kept", "late", "waiting")
    }
    assert said["kept_share_low"] < said["kept_share"] < said["kept_share_high"]
    assert said["due"] == said["kept"] + said["late"] + said["waiting"]


def test_the_promise_book_adds_up(shop):
    """made = open + kept + late + broken + released, and the same orders whether counted or listed."""
    summary = json.loads(
        keptword("promises", "orders_export.csv", *PROMISE, "--summary", "--format", "json", folder=shop).stdout
    )
    listed = json.loads(keptword("promises", "orders_export.csv", *PROMISE, "--format", "json", folder=shop).stdout)
    assert [row["kind"] for row in summary] == ["dispatch"]
    assert summary[0]["made"] == sum(summary[0][outcome] for outcome in OUTCOMES) == len(listed)
    for outcome in OUTCOMES:
        assert summary[0][outcome] == sum(row["outcome"] == outcome for row in listed)


def test_a_table_for_people_uses_their_words(shop):
    """Neither broken nor released stands in the table: not kept, called off."""
    done = keptword("promises", "orders_export.csv", *PROMISE, "--summary", folder=shop)
    assert "not" in done.stdout
    assert "called" in done.stdout
    assert "broken" not in done.stdout
    assert "released" not in done.stdout


def test_a_list_for_spreadsheets_is_csv(shop):
    """One line of headings, one line a month."""
    done = keptword("report", "orders_export.csv", *PROMISE, "--format", "csv", folder=shop)
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert rows
    assert set(rows[0]) >= {"month", "due", "kept", "late", "waiting", "kept_share"}


def test_facts_are_printed_one_json_object_a_line(shop):
    """Every column of the schema, moments with a Z, and no mail address anywhere."""
    done = keptword("facts", "orders_export.csv", folder=shop)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(list(row) == list(FACT_SCHEMA) for row in rows)
    assert all(row["occurred_at"].endswith("Z") for row in rows)
    assert "@" not in done.stdout
    assert len({row["fact_id"] for row in rows}) == len(rows)


def test_facts_are_written_to_parquet_and_a_rehearsal_writes_nothing(shop):
    """--dry-run shows kinds and examples; --out x.parquet writes the table."""
    before = sorted(path.name for path in shop.iterdir())
    rehearsed = keptword("facts", "orders_export.csv", "--dry-run", folder=shop)
    assert "order.placed: " in rehearsed.stdout
    assert sorted(path.name for path in shop.iterdir()) == before
    written = keptword("facts", "orders_export.csv", "--out", "facts.parquet", folder=shop)
    assert written.returncode == 0, written.stderr
    assert (shop / "facts.parquet").read_bytes()[:4] == b"PAR1"


def test_a_promise_in_a_file_of_rules_is_judged_by_the_version_of_its_day(shop):
    """Two versions: within 5 working days, from April on within 1; what came before the first is only compared."""
    (shop / "rules.toml").write_text(
        '[[promise]]\nkind = "dispatch"\nwithin = "5 working days"\nfrom = "order.paid"\nsince = 2031-01-01\n\n'
        '[[promise]]\nkind = "dispatch"\nwithin = "1 working day"\nfrom = "order.paid"\nsince = 2031-04-01\n',
        encoding="utf-8",
    )
    words = ("--rules", "rules.toml", "--as-of", "2031-06-30", "--format", "json")
    rows = json.loads(keptword("promises", "orders_export.csv", *words, folder=shop).stdout)
    assert {row["promise_id"].split("/")[0] for row in rows} == {"dispatch.v1", "dispatch.v2"}
    assert min(row["made_on"] for row in rows) >= "2031-01-01"
    assert all(("v2" in row["promise_id"].split("/")[0]) == (row["made_on"] >= "2031-04-01") for row in rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report", "nowhere.csv"), "nowhere.csv"),
        (("report", "orders_export.csv", "--promise", "soon"), "soon"),
        (("report", "orders_export.csv", "--as-of", "2031-02-30"), "not on the calendar"),
        (("report", "orders_export.csv", "--timezone", "Europe/Berln"), "Europe/Berlin"),
        (("report", "orders_export.csv", "--country", "XX"), "XX"),
        (("report", "orders_export.csv", *PROMISE, "--by", "colour"), "carrier"),
        (("report", "orders_export.csv", "--rules", "none.toml"), "none.toml"),
        (("report", "orders_export.csv", *PROMISE, "--cutoff", "25:00"), "25:00"),
        (("facts", "truth.json"), "keptword mapping guess"),
        (("report", "orders_export.csv", "--mapping", "none.toml"), "none.toml"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(shop, words, said):
    """A status that is not 0, a whole sentence that names what was seen, and never a traceback."""
    done = keptword(*words, folder=shop)
    assert done.returncode not in (0, 70)
    assert said in done.stderr
    assert done.stderr.strip().endswith((".", "…", "?"))
    assert "Traceback" not in done.stderr


def test_the_demo_ends_by_itself_and_says_what_to_try(tmp_path):
    """It leaves the invented shop's exports and a report in keptword-demo, its books in demo-books."""
    done = keptword("demo", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "keptword-demo" / "report.html").exists()
    assert "keptword report" in done.stdout
