"""Unpacks a table that comes compressed: `.gz`, or a `.zip` with one table inside."""

from __future__ import annotations

import gzip
import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from keptword.core.problems import KeptwordError, Sentence
from keptword.sources.files.encodings import CHUNK
from keptword.sources.files.kinds import GZIP, ZIP, refuse_archives_of_programs

_TABLES: Final = {".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".mbox"}


def unpacked(path: Path, start: bytes, *, into: Callable[[], Path]) -> Path | None:
    """Unpack a `.gz` or `.zip` file, recognised by its first bytes; None where it is neither.

    `into` names a new file in the scratch folder. Raises `KeptwordError` for a workbook, for an archive without
    exactly one table in it, and for one that is damaged.
    """
    if not start.startswith((GZIP, ZIP)):
        return None
    try:
        if start.startswith(GZIP):
            with gzip.open(path) as packed:
                return _copied(packed, into())
        with zipfile.ZipFile(path) as archive, archive.open(_only_table(archive, name=path.name)) as packed:
            return _copied(packed, into())
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise KeptwordError(
            "{file}: this compressed file cannot be unpacked: it is damaged, cut off or locked with a"
            " password. Unpack it yourself and give the table inside, or download it again.",
            file=path.name,
        ) from error


def _copied(packed: IO[bytes] | gzip.GzipFile, to: Path) -> Path:
    with to.open("wb") as copy:
        shutil.copyfileobj(packed, copy, CHUNK)
    return to


def _only_table(archive: zipfile.ZipFile, *, name: str) -> zipfile.ZipInfo:
    refuse_archives_of_programs(archive.namelist(), name=name)
    files = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")]
    tables = [info for info in files if Path(info.filename).suffix.lower() in _TABLES]
    if len(tables) == 1:
        return tables[0]
    inside = ", ".join(info.filename for info in (tables or files)[:5]) or "nothing"
    raise KeptwordError(
        "{name}: this archive holds {count} tables ({inside}), and one would be read."
        " Unpack it and give the tables you mean.",
        name=name,
        count=len(tables) or Sentence("no"),
        inside=inside,
    )
