"""Opens a file somebody named: what it is, what it is written in, and the names of its columns."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import duckdb

from keptword.core.problems import KeptwordError, Problem
from keptword.engines.duckdb import Engine
from keptword.sources.files import encodings, kinds, objects
from keptword.sources.files.layout import laid_out, unique
from keptword.sources.files.opened import SAMPLE, Opened, Pace, Progress
from keptword.sources.files.paths import refuse_no_file, unreadable
from keptword.sources.files.scanning import parquet_of
from keptword.sources.files.unpacking import unpacked


@dataclass(frozen=True)
class _Work:
    """What is needed while one file is opened: the path somebody gave, the engine, and whom to tell."""

    path: Path
    engine: Engine
    progress: Progress | None

    @property
    def name(self) -> str:
        return self.path.name

    def scratch(self, ending: str) -> Callable[[], Path]:
        return lambda: self.engine.folder / f"{self.engine.fresh('copy')}{ending}"

    def pace(self, doing: str, path: Path) -> Pace:
        return Pace(self.progress, doing=f"{doing} {self.name}", size=path.stat().st_size)


def open_file(path: Path, *, engine: Engine, progress: Progress | None = None) -> Opened:
    """Say what a file is and make it readable for the engine.

    Delimited text (comma, semicolon, tab, bar, …), JSON Lines, a JSON array and Parquet are opened, each also
    from a `.gz` or alone in a `.zip`; a mailbox (mbox) is recognised. Only the file's start is judged, so this
    takes no time for a large file; text in another encoding than UTF-8 is copied into the scratch folder. Raises
    `KeptwordError` with what was seen and what to do where the file cannot be read as a table.
    """
    path = Path(path)
    refuse_no_file(path)
    try:
        return _opened(_Work(path, engine, progress), path)
    except OSError as error:
        raise unreadable(path, error) from error


def _opened(work: _Work, readable: Path) -> Opened:
    start = _start(readable)
    kinds.refuse_other_kinds(start, name=work.name)
    if start.startswith(kinds.PARQUET):
        return _parquet(work, _nameable(work, readable))
    if kinds.is_mailbox(start):
        return Opened(work.path, work.name, form="mbox", header=(), readable=readable, delimiter="", encoding="")
    inner = unpacked(readable, start, into=work.scratch(".unpacked")) if readable is work.path else None
    if inner is not None:
        return _opened(work, inner)
    return _text(work, readable, start)


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(SAMPLE)


def _nameable(work: _Work, path: Path) -> Path:
    """Return the path, or a link or copy of the file where the engine could not be told its name."""
    try:
        os.path.abspath(path).encode("utf-8")  # noqa: PTH100
    except UnicodeEncodeError:  # a name in an encoding of long ago, which Linux allows
        return _linked(path, work.scratch(path.suffix.encode("ascii", "ignore").decode())())
    return path


def _linked(path: Path, to: Path) -> Path:
    """Make a file known under another name: by a link where the system allows it, else by a copy."""
    try:
        to.symlink_to(path.absolute())
    except OSError:
        to.write_bytes(path.read_bytes())
    return to


def _text(work: _Work, readable: Path, start: bytes) -> Opened:
    readable, start, encoding, problems = _as_utf8(work, readable, start)
    text = codecs.getincrementaldecoder("utf-8-sig")(encodings.STRAY_BYTES).decode(start)
    whole = len(start) < SAMPLE
    if whole and not text.strip("\ufeff \t\r\n\x1a"):
        raise KeptwordError(
            "{name}: this file is empty. Export it again and look at its size before giving it.", name=work.name
        )
    form = objects.json_form(text)
    if form is not None:
        return replace(_json(work, readable, form), encoding=encoding, problems=problems)
    kinds.refuse_markup(text, name=work.name)
    found = laid_out(text, name=work.name, whole=whole)
    if start.startswith(codecs.BOM_UTF8 + b'"') and readable is work.path:
        # DuckDB would take this first quote for a part of the name, and a line break in the name for a row.
        readable = _copied(work, readable, "utf-8-sig")
    return Opened(
        work.path,
        work.name,
        form="delimited",
        header=found.header,
        readable=_nameable(work, readable),
        delimiter=found.delimiter,
        encoding=encoding,
        lead=found.lead,
        header_line=found.header_line,
        problems=problems,
    )


def _as_utf8(work: _Work, readable: Path, start: bytes) -> tuple[Path, bytes, str, tuple[Problem, ...]]:
    """Return a path to the text in UTF-8, its start, the encoding it was in, and what was guessed."""
    encoding = encodings.marked(start)
    if encoding is None or encoding == "utf-8-sig":
        kinds.refuse_binary(start, name=work.name)
        if encodings.is_utf8(start):
            return readable, start, encoding or "utf-8", ()
        settled = settle(work.path, readable, engine=work.engine, progress=work.progress)
        return settled.readable, _start(settled.readable), settled.encoding, settled.problems
    copy = _copied(work, readable, encoding)
    return copy, _start(copy), encoding, ()


def _copied(work: _Work, readable: Path, encoding: str) -> Path:
    copy = work.scratch(".utf8")()
    encodings.transcode(readable, copy, encoding=encoding, pace=work.pace("copying", readable))
    return copy


@dataclass(frozen=True)
class Settled:
    """What a whole file's bytes came to: where it lies in good UTF-8, what it was in, what was guessed."""

    readable: Path
    encoding: str
    problems: tuple[Problem, ...]


def settle(path: Path, readable: Path, *, engine: Engine, progress: Progress | None = None) -> Settled:
    """Read the whole of a text whose start did not say all, and copy it where it is not good UTF-8.

    Bytes that are no UTF-8, and zero bytes, may come late in a file; only then is this needed.
    """
    work = _Work(path, engine, progress)
    judged = encodings.judged(readable, work.pace("looking at", readable))
    if judged.is_plain:
        return Settled(readable, judged.encoding, ())
    # Named after the original, so that a second need of it finds it made.
    digest = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16]
    copy = engine.folder / f"settled_{digest}.utf8"
    if not copy.exists():
        encodings.transcode(readable, copy, encoding=judged.encoding, pace=work.pace("copying", readable))
    return Settled(copy, judged.encoding, _guessed(work.name, judged))


def _guessed(name: str, judged: encodings.Judged) -> tuple[Problem, ...]:
    problems = []
    if judged.encoding != "utf-8":
        spoken = {"gb18030": "GB18030 (Chinese)", "windows-1252": "Windows-1252 (Latin-1)"}[judged.encoding]
        seen = f'It is not in UTF-8 and was read as {spoken}. If letters look wrong, save it as "CSV UTF-8" first.'
        problems.append(Problem(name, seen))
    if judged.strays:
        seen = "It is in UTF-8 but for some bytes, which were read as Windows-1252. Single letters may look wrong."
        problems.append(Problem(name, seen, judged.strays))
    if judged.zeros:
        problems.append(Problem(name, "It holds zero bytes, which no text has; they were left out.", judged.zeros))
    return tuple(problems)


def _json(work: _Work, readable: Path, form: str) -> Opened:
    if form == "whole":
        readable = objects.as_lines(readable, name=work.name, to=work.scratch(".jsonl"))
    readable = _nameable(work, readable)
    kind: Literal["json", "jsonl"] = "json" if form == "array" else "jsonl"
    keys = objects.keys(work.engine, readable, form=kind, name=work.name)
    return Opened(
        work.path,
        work.name,
        form=kind,
        header=unique(keys),
        readable=readable,
        delimiter="",
        encoding="utf-8",
        keys=keys,
    )


def _parquet(work: _Work, readable: Path) -> Opened:
    try:
        described = work.engine.sql(f"DESCRIBE SELECT * FROM {parquet_of(readable)}").fetchall()
    except duckdb.Error as error:
        raise KeptwordError(
            "{name}: this Parquet file is damaged or was not written to its end. Write or download it again.",
            name=work.name,
        ) from error
    return Opened(
        work.path,
        work.name,
        form="parquet",
        header=unique([str(row[0]) for row in described]),
        readable=readable,
        delimiter="",
        encoding="",
    )
