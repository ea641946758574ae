"""Turns what disks, DuckDB and Delta Lake complain about into a sentence for the person at the keyboard."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from deltalake.exceptions import CommitFailedError, DeltaError

from keptword.core.problems import KeptwordError, Sentence
from keptword.engines.duckdb import SCRATCH

_FULL = ("no space left", "disk full", "not enough space", "disk quota", "out of disk", "file too large")
_FORBIDDEN = ("permission denied", "read-only file system", "access is denied", "operation not permitted")
_GONE = ("no such file", "no files found", "does not exist", "cannot find the file")

_FULL_NUMBERS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN_NUMBERS = {errno.EACCES, errno.EPERM, errno.EROFS}

RESTORE = Sentence("Restore the books from a backup made before that (`keptword restore`), then run the command again.")


class JournalMoved(KeptwordError):
    """Somebody else wrote the journal between our look at it and our commit: nothing was written; look again."""


@contextmanager
def told(folder: Path, *, doing: str) -> Iterator[None]:
    """Raise KeptwordError in place of a failure of the disk or of the table; `doing` says what was tried."""
    try:
        yield
    except CommitFailedError as failure:
        raise JournalMoved(
            "{folder}: somebody else wrote the journal while we were {doing}, so nothing of ours was written and "
            "nothing is lost. Run the command again.",
            folder=folder,
            doing=Sentence(doing),
        ) from failure
    except (OSError, duckdb.IOException, DeltaError) as failure:
        raise KeptwordError(sentence(failure, folder=folder, doing=doing)) from failure
    except (duckdb.InvalidInputException, duckdb.OutOfMemoryException) as failure:
        # DuckDB reports a spill to a full disk as being out of memory, and a torn Parquet file as invalid input.
        raise KeptwordError(sentence(failure, folder=folder, doing=doing)) from failure


def is_short(failure: Exception) -> bool:
    """Whether a disk that is full or may not be written, or too little memory, is what stopped us."""
    said = str(failure).lower()
    return (
        getattr(failure, "errno", None) in _FULL_NUMBERS | _FORBIDDEN_NUMBERS
        or any(words in said for words in (*_FULL, *_FORBIDDEN))
        or isinstance(failure, duckdb.OutOfMemoryException)
    )


def sentence(failure: Exception, *, folder: Path, doing: str) -> str:
    """Return what the failure of a disk, of DuckDB or of the table means, and what to do next."""
    doing = Sentence(doing)
    seen = str(failure).split("\n")[0]
    said, number = seen.lower(), getattr(failure, "errno", None)
    scratch = str(Path(tempfile.gettempdir()) / SCRATCH)
    if "offload data block" in said or (scratch in seen and any(words in said for words in _FULL)):
        return Sentence(
            "{folder}: the disk for temporary files, {scratch}, is full; it filled while we were "
            "{doing}. Nothing acknowledged is lost. Free some space there, or name a folder on another disk with "
            "TMPDIR, or allow more memory with KEPTWORD_MEMORY (for example 6GB), then run the command again.",
            folder=folder,
            scratch=tempfile.gettempdir(),
            doing=doing,
        )
    if number in _FULL_NUMBERS or any(words in said for words in _FULL):
        return Sentence(
            "{folder}: the disk is full; it filled while we were {doing}. Nothing acknowledged is lost: what was not "
            "recorded still waits. Free some space there and in {scratch}, where temporary files go, "
            "then run the command again.",
            folder=folder,
            doing=doing,
            scratch=tempfile.gettempdir(),
        )
    if number in _FORBIDDEN_NUMBERS or any(words in said for words in _FORBIDDEN):
        return Sentence(
            "{folder}: we may not write here ({seen}), which stopped us {doing}. Nothing acknowledged is lost. "
            "Allow this account to write to the folder, or copy the books to where it may, then run the command again.",
            folder=folder,
            seen=seen,
            doing=doing,
        )
    if any(words in said for words in _GONE):
        return Sentence(
            "{folder}: a file of the journal is missing ({seen}), which stopped us {doing}. {restore}",
            folder=folder,
            seen=seen,
            doing=doing,
            restore=RESTORE,
        )
    if isinstance(failure, duckdb.OutOfMemoryException):
        return Sentence(
            "{folder}: there was not enough memory while we were {doing} ({seen}). Nothing acknowledged is lost. "
            "Close other programs, or allow more with KEPTWORD_MEMORY (for example 6GB), then run the command again.",
            folder=folder,
            doing=doing,
            seen=seen,
        )
    return Sentence(
        "{folder}: something stopped us {doing} ({seen}). Nothing acknowledged is lost. Run the command again; "
        "if it happens again, restore the books from a backup (`keptword restore`).",
        folder=folder,
        doing=doing,
        seen=seen,
    )
