"""Processes killed anywhere, several at once: nothing acknowledged is lost, nothing counts twice."""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
from pathlib import Path

import pytest

from intake import workers
from intake.desk import line, until

PROCESSES = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
ROUNDS = 15


@pytest.fixture(scope="module", autouse=True)
def prepared():
    """Let new processes begin with everything imported, so that what is killed is the work and not the start."""
    if sys.platform != "win32":
        PROCESSES.set_forkserver_preload(["keptword.intake.pump", "deltalake"])


def acknowledged(told: Path) -> int:
    """Return how many lines were acknowledged; a last number cut off does not count."""
    if not told.exists():
        return 0
    return sum(int(each) for each in told.read_text(encoding="ascii").splitlines(keepends=True) if each.endswith("\n"))


def test_killed_at_random_while_posting_and_pumping(desk, engine, tmp_path):
    """Each round one process posts and one pumps, both are killed at a random moment; then all is pumped."""
    dice = random.Random(4)
    sure, sent = set(), set()
    for turn in range(ROUNDS):
        told = tmp_path / f"told-{turn}"
        first = turn * 1_000_000
        both = [
            PROCESSES.Process(target=workers.pump_on, args=(str(desk.folder), 300)),
            PROCESSES.Process(target=workers.post, args=(str(desk.folder), str(told), first, 100_000)),
        ]
        for process in both:
            process.start()
        until(lambda told=told: acknowledged(told) > 0)
        time.sleep(dice.uniform(0, 0.7))
        dice.shuffle(both)
        for process in both:
            process.kill()
            time.sleep(dice.uniform(0, 0.1))
        for process in both:
            process.join()
        count = acknowledged(told)
        sure |= set(range(first, first + count))
        # One more hundred may have been accepted without anybody being told.
        sent |= set(range(first, first + count + 100))
        if turn % 5 == 4:
            desk.pump(engine)
    desk.post(line(number) for number in list(sure)[::50])
    desk.pump(engine)
    recorded = [int(name.rpartition(":")[2]) for name in desk.ids(engine)]
    assert len(sure) >= ROUNDS * 100
    assert desk.journal.last_batch() > ROUNDS / 2
    assert len(recorded) == len(set(recorded))
    assert sure <= set(recorded) <= sent
    assert not desk.waiting()
    assert not desk.reasons()


def test_four_processes_post_at_once(desk, engine, tmp_path):
    """They overlap by half: what two of them send counts once."""
    those = [
        PROCESSES.Process(target=workers.post, args=(str(desk.folder), str(tmp_path / f"{n}"), n * 500, 1000))
        for n in range(4)
    ]
    for process in those:
        process.start()
    for process in those:
        process.join()
        assert process.exitcode == 0
    assert len(desk.waiting()) == 2500
    assert desk.pump(engine).recorded == 2500


def test_two_pumps_at_once_record_each_fact_once(desk, engine, tmp_path):
    """Both go on beside somebody who posts; they take turns as one of them is killed."""
    pumps = [PROCESSES.Process(target=workers.pump_on, args=(str(desk.folder), 100)) for _ in range(2)]
    poster = PROCESSES.Process(target=workers.post, args=(str(desk.folder), str(tmp_path / "told"), 0, 1500))
    for process in (*pumps, poster):
        process.start()
    poster.join()
    for process in pumps:
        time.sleep(0.3)
        process.kill()
        process.join()
    desk.pump(engine)
    ids = desk.ids(engine)
    assert len(ids) == len(set(ids)) == 1500
