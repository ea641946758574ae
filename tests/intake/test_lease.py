"""The lease: one holder at a time, taken over from the dead and the stopped, whatever any clock says."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from intake import workers
from intake.desk import line, until
from keptword.intake import lease
from keptword.intake.models import Lease

PROCESSES = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX's")


def is_stopped(process) -> bool:
    """Whether the system holds a process still."""
    told = Path(f"/proc/{process.pid}/stat")
    return told.exists() and told.read_text().rpartition(")")[2].split()[0] == "T"


@pytest.fixture
def started():
    """Start other processes, all of them killed in the end."""
    made = []

    def start(target, *arguments):
        made.append(PROCESSES.Process(target=target, args=arguments))
        made[-1].start()
        return made[-1]

    yield start
    for process in made:
        process.kill()
        process.join()


def test_the_fence_counts_up_at_each_taking(desk):
    fences = []
    for _ in range(3):
        with lease.held() as held:
            fences.append(held.fence)
            held.check()
    assert fences == [1, 2, 3]
    assert Lease.objects.get().holder == ""


def test_who_holds_it_is_told_when_waiting_is_given_up(desk):
    said = []

    def wait():
        desk.open()
        try:
            with lease.held(wait=0.3):
                pass
        except lease.LeaseBusy as error:
            said.append(str(error))

    with lease.held():
        other = threading.Thread(target=wait)
        other.start()
        other.join()
    assert said == [
        f"The books are being written by this very process ({os.getpid()}), and were not free within 0.3 seconds."
        " Wait until it is done, or stop it, and start again."
    ]


def test_a_holder_shows_signs_of_life_and_no_time_of_day(desk):
    """A clock set back a day changes nothing, because the row knows no clock: only a fence and a count of beats."""
    assert {field.name for field in Lease._meta.get_fields()} == {"name", "holder", "fence", "beat"}
    with lease.held(seconds=0.5) as held:
        first = Lease.objects.get()
        until(lambda: Lease.objects.get().beat >= first.beat + 2)
        assert Lease.objects.get().fence == held.fence
        assert 0 <= first.beat < 10
        assert 0 < first.fence < 10


def test_a_live_holder_keeps_it_however_long_it_works(desk):
    """Three lengths of the lease, with somebody waiting for it all the time."""
    busy = []

    def wait():
        desk.open()
        try:
            with lease.held(wait=3, seconds=1):
                busy.append("taken")
        except lease.LeaseBusy:
            busy.append("busy")

    with lease.held(seconds=1) as held:
        other = threading.Thread(target=wait)
        other.start()
        other.join()
        held.check()
    assert busy == ["busy"]


def test_clocks_set_back_and_forward_change_nothing(desk, monkeypatch):
    """Neither in the holder nor in who waits is the time of day ever asked for."""

    def asked(*_):
        raise AssertionError("the time of day was asked for")

    monkeypatch.setattr(time, "time", asked)
    monkeypatch.setattr(time, "time_ns", asked)
    with lease.held(seconds=0.3) as held:
        time.sleep(0.2)
        held.check()


@posix
def test_a_dead_holder_is_followed_at_once(desk, started, tmp_path):
    """Killed with nothing given back; nobody waits the ten seconds."""
    told = tmp_path / "told"
    process = started(workers.hold, str(desk.folder), str(told), 10.0)
    until(told.exists)
    process.kill()
    process.join()
    begun = time.monotonic()
    with lease.held(wait=8) as held:
        assert held.fence == 2
    assert time.monotonic() - begun < 8


@posix
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="who is stopped is read from /proc")
@pytest.mark.parametrize("after", [False, True], ids=["before it looked at the lease", "after it looked at the lease"])
def test_a_stopped_pump_writes_nothing_when_it_goes_on(desk, engine, started, tmp_path, after):
    """Stopped near its commit for longer than its lease; another pump has recorded the batch; then continued."""
    told = tmp_path / "told"
    desk.post(line(number) for number in range(10))
    process = started(workers.pump_stopped, str(desk.folder), str(told), 1.0, after)
    until(lambda: is_stopped(process))
    with lease.held(wait=30, seconds=1.0) as held:
        assert held.fence == 2
        from keptword.intake import pump

        assert pump.pump(desk.journal, engine, staged=desk.staged, held=held).recorded == 10
        desk.post([line(10)])
        os.kill(process.pid, signal.SIGCONT)
        until(told.exists)
        held.check()
        assert pump.pump(desk.journal, engine, staged=desk.staged, held=held).recorded == 1
    assert "LeaseLost" in told.read_text()
    assert "Another process has taken over" in told.read_text()
    assert len(desk.ids(engine)) == len(set(desk.ids(engine))) == 11
