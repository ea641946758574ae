"""`keptword simulate --format`: the invented shop's story as entries, and how the command refuses."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from keptword.cli.commands import app
from keptword.core.problems import KeptwordError


def run(*words: str) -> list[str]:
    """What the command printed, line by line; its complaints are raised."""
    done = CliRunner().invoke(app, ["simulate", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


@pytest.mark.parametrize(("form", "file"), [("jsonl", "facts.jsonl"), ("parquet", "facts-0001.parquet")])
def test_the_story_is_written_with_its_truth(form, file, tmp_path):
    """`keptword simulate --format jsonl --users 30 --months 2 --until 2031-06-30 --out …`"""
    words = ("--users", "30", "--months", "2", "--until", "2031-06-30", "--out", str(tmp_path / "Bücher 100 %"))
    written = run("--format", form, *words)
    assert written == [str(tmp_path / "Bücher 100 %" / name) for name in (file, "truth.json")]
    truth = json.loads((tmp_path / "Bücher 100 %" / "truth.json").read_text("utf-8"))
    assert (truth["users"], truth["months"], truth["until"]) == (30, 2, "2031-06-30")
    if form == "jsonl":
        lines = (tmp_path / "Bücher 100 %" / file).read_text("utf-8").splitlines()
        assert len(lines) == truth["facts_total"] > 50


def test_exports_and_entries_are_not_written_at_once(tmp_path):
    """--as woocommerce and --format parquet: one of the two."""
    with pytest.raises(KeptwordError, match="Give one of the two"):
        run("--as", "woocommerce", "--format", "parquet", "--out", str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_to_is_said(tmp_path):
    """--out names a file, not a folder."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(KeptwordError, match="could not be written to"):
        run("--format", "jsonl", "--users", "1", "--months", "1", "--out", str(tmp_path / "taken"))
