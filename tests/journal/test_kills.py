"""Real processes killed at random moments while they record, join and erase; then healed and finished."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from journal import writer
from journal.test_erasing import ROSA, holders
from keptword.journal.layout import entries_of

BATCHES = 10
ROUNDS = 4
KILLS = 3


def work() -> list[list[object]]:
    """Batches over two months, each with one fact of Rosa's and one sent twice by number; upkeep and an erasure."""
    steps: list[list[object]] = []
    for number in range(1, BATCHES + 1):
        facts = [[f"{number:02}-{n}", f"u{n}", n * 6] for n in range(8)] + [[f"{number:02}-r", ROSA, number]]
        steps.append(["append", number, facts])
        if number % 5 == 0:
            steps += [["compact"], ["vacuum"]]
    return [*steps, ["erase", ROSA]]


def killed(folder: Path, *, after: float) -> None:
    """Start the writer and kill it so many seconds after it began to work."""
    tests = str(Path(__file__).resolve().parent.parent)
    command = [sys.executable, str(Path(writer.__file__)), str(folder), json.dumps(work())]
    paths = os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths})
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == b"ready"
        time.sleep(after)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_anywhere_every_fact_is_there_once(engine, journal, seed):
    """Three kills in a row, the last entry torn after some; then the work is finished and Rosa is in no byte."""
    chance = random.Random(seed)
    if seed % 2:
        # All batches are there, so that the kills fall on joining, deleting and erasing.
        writer.run(journal, engine, work=[step for step in work() if step[0] == "append"])
    for _ in range(KILLS):
        killed(journal.folder, after=chance.uniform(0.02, 0.9))
        last = entries_of(journal.folder)[-1]
        if len(entries_of(journal.folder)) > 1 and chance.random() < 0.4:
            # As after a power cut, or worse: where there is a copy already, what the entry replaced may be gone.
            last.write_bytes(last.read_bytes()[: chance.choice([0, 30, -1])])
    writer.run(journal, engine, work=work())
    found = [one["fact_id"] for one in engine.rows(journal.facts(engine).select("fact_id").order_by("fact_id"))]
    assert found == [f"{number:02}-{n}" for number in range(1, BATCHES + 1) for n in range(8)]
    assert journal.last_batch() == BATCHES
    assert holders(engine, journal.folder) == []
    live = {file.path for file in journal.files()}
    assert set(journal.folder.rglob("month=*/*")) == live
