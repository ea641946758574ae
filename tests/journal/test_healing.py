"""What a power cut, a full disk or a careless hand leaves of the journal, and what is said about it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from journal.batches import batch, free, row
from keptword.core.problems import KeptwordError
from keptword.journal.layout import COPY, LAST_CHECKPOINT, LOG, TORN, checkpoints_of, entry_path
from keptword.journal.snapshot import open_snapshot
from keptword.journal.table import Journal


def ids(engine, journal):
    return [one["fact_id"] for one in engine.rows(journal.facts(engine).select("fact_id").order_by("fact_id"))]


def first_lines(content: bytes) -> bytes:
    """The entry cut between two lines: each of those left can be read, and the count of the batch is gone."""
    return b"\n".join(content.splitlines()[:-1])


TEARS = pytest.mark.parametrize(
    "tear",
    [
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: content[: len(content) // 2], id="half"),
        pytest.param(lambda content: content[:-1], id="all-but-one-byte"),
        pytest.param(lambda content: b"\0" * len(content), id="zeros"),
        pytest.param(lambda content: content[: len(content) // 2] + b"\0" * 9, id="half-then-zeros"),
        pytest.param(first_lines, id="between-lines"),
    ],
)


@TEARS
def test_an_entry_torn_before_it_was_synced_is_set_aside_and_its_batch_written_again(engine, journal, tear):
    """Batch 2 was being recorded when the power failed: no copy of its entry is kept, and it still waits in intake."""
    journal.append(engine, batch(engine, [row("a")]), number=1, guard=free)
    journal.append(engine, batch(engine, [row("b")]), number=2, guard=free)
    entry = entry_path(journal.folder, version=2)
    entry.write_bytes(tear(entry.read_bytes()))
    shutil.rmtree(journal.folder / COPY)
    (problem,) = journal.heal(guard=free)
    assert "half written" in problem.seen
    assert len(list((journal.folder / TORN).iterdir())) == 1
    assert Journal.open(journal.folder).last_batch() == 1
    assert journal.append(engine, batch(engine, [row("b")]), number=2, guard=free) == 1
    assert ids(engine, journal) == ["a", "b"]
    assert journal.heal(guard=free) == []


@TEARS
def test_an_entry_torn_after_it_was_synced_is_put_right_from_its_copy(engine, journal, tear):
    """Torn by hand or by a bad disk, when intake had forgotten the batch and the files joined were deleted."""
    for number in range(1, 6):
        journal.append(engine, batch(engine, [row(f"f{number}")]), number=number, guard=free)
    for work in (lambda: None, lambda: journal.compact(engine, guard=free), lambda: journal.vacuum(guard=free)):
        work()
        entry = entry_path(journal.folder, version=journal.version())
        content = entry.read_bytes()
        entry.write_bytes(tear(content))
        (problem,) = journal.heal(guard=free)
        assert "put right from its copy" in problem.seen
        assert entry.read_bytes() == content
        assert ids(engine, journal) == [f"f{number}" for number in range(1, 6)]
        assert journal.heal(guard=free) == []


def test_a_half_written_entry_says_how_it_is_mended(engine, journal):
    """Somebody only reads."""
    journal.append(engine, batch(engine, [row("a")]), number=1, guard=free)
    entry = entry_path(journal.folder, version=1)
    entry.write_bytes(entry.read_bytes()[:40])
    with pytest.raises(KeptwordError, match="mends it by itself"):
        Journal.open(journal.folder)


def test_a_torn_joining_of_files_leaves_the_files_there_were(engine, journal):
    for number in range(1, 6):
        journal.append(engine, batch(engine, [row(f"f{number}")]), number=number, guard=free)
    journal.compact(engine, guard=free)
    entry = entry_path(journal.folder, version=6)
    entry.write_bytes(entry.read_bytes()[:-30])
    shutil.rmtree(journal.folder / COPY)
    assert len(journal.heal(guard=free)) == 1
    assert len(journal.files()) == 5
    journal.vacuum(guard=free)
    assert ids(engine, journal) == [f"f{number}" for number in range(1, 6)]


@pytest.mark.parametrize("pointer", [b"", b'{"vers', None], ids=["empty", "half", "whole"])
@pytest.mark.parametrize("checkpoint", [b"", b"PAR1 half", None], ids=["empty", "half", "whole"])
def test_a_torn_checkpoint_is_not_missed(engine, journal, checkpoint, pointer):
    """The power failed before the checkpoint was synced, so the entries it was to replace are all there."""
    for number in range(1, 4):
        journal.append(engine, batch(engine, [row(f"f{number}")]), number=number, guard=free)
    open_snapshot(journal.folder).table.create_checkpoint()
    if checkpoint is not None:
        checkpoints_of(journal.folder)[0].write_bytes(checkpoint)
    if pointer is not None:
        (journal.folder / LOG / LAST_CHECKPOINT).write_bytes(pointer)
    assert journal.heal(guard=free) == []
    assert ids(engine, journal) == ["f1", "f2", "f3"]
    journal.append(engine, batch(engine, [row("f4")]), number=4, guard=free)
    assert journal.last_batch() == 4


@pytest.mark.parametrize("damage", ["missing", "empty", "short"])
def test_a_damaged_data_file_is_named_with_what_to_do(engine, journal, damage):
    """A copy of the books was interrupted."""
    journal.append(engine, batch(engine, [row("a")]), number=1, guard=free)
    path = journal.files()[0].path
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else path.read_bytes()[:-9])
    (problem,) = journal.heal(guard=free)
    assert problem.where == str(path)
    assert "1 entries" in problem.seen
    assert "Restore the books from a backup" in problem.seen
    for reading in (lambda: journal.facts(engine), lambda: journal.erase(engine, ["rosa"], guard=free)):
        with pytest.raises(KeptwordError, match="Restore the books from a backup") as refused:
            reading()
        assert path.name in str(refused.value)


def test_a_log_that_lost_its_middle_asks_for_a_backup(engine, journal):
    for number in range(1, 4):
        journal.append(engine, batch(engine, [row(f"f{number}")]), number=number, guard=free)
    entry_path(journal.folder, version=2).unlink()
    with pytest.raises(KeptwordError, match="backup"):
        journal.heal(guard=free)


def test_a_journal_whose_making_was_cut_short_can_be_made_again(tmp_path):
    """The power failed during `keptword init`: the first entry is there by name only."""
    folder = tmp_path / "journal"
    Journal.create(folder)
    entry_path(folder, version=0).write_bytes(b"")
    shutil.rmtree(folder / COPY)
    assert Journal.create(folder).last_batch() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is needed")
def test_a_full_disk_is_told_in_a_sentence(engine, journal, monkeypatch):
    """The Parquet file of the batch goes to a device without space."""
    journal.append(engine, batch(engine, [row("a")]), number=1, guard=free)
    month = journal.files()[0].path.parent
    monkeypatch.setattr("keptword.journal.writing.uuid.uuid4", lambda: "full")
    (month / "full.parquet").symlink_to("/dev/full")
    with pytest.raises(KeptwordError, match=r"the disk is full.*Nothing acknowledged is lost"):
        journal.append(engine, batch(engine, [row("b")]), number=2, guard=free)
    assert not (month / "full.parquet").is_symlink()
    monkeypatch.undo()
    assert journal.append(engine, batch(engine, [row("b")]), number=2, guard=free) == 1
    assert ids(engine, journal) == ["a", "b"]


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="everything may be written by the administrator")
def test_a_folder_we_may_not_write_to_is_told_in_a_sentence(engine, journal):
    journal.append(engine, batch(engine, [row("a")]), number=1, guard=free)
    month = journal.files()[0].path.parent
    month.chmod(0o500)
    with pytest.raises(KeptwordError, match="we may not write here"):
        journal.append(engine, batch(engine, [row("b")]), number=2, guard=free)
    month.chmod(0o700)
    assert ids(engine, journal) == ["a"]


def test_entries_of_other_programs_are_whole_if_they_can_be_read(engine, journal):
    """Another program set a property; it does not say how many lines it wrote."""
    journal.append(engine, batch(engine, [row("a")]), number=1, guard=free)
    entry = entry_path(journal.folder, version=2)
    entry.write_text(json.dumps({"commitInfo": {"operation": "SET TBLPROPERTIES"}}), encoding="utf-8")
    assert journal.heal(guard=free) == []
    assert entry.exists()
