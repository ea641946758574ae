"""The registry of sources: recognises files by their header and has each read by its source."""

from __future__ import annotations

from collections.abc import Mapping as Mappings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Final

import ibis
from ibis.expr.types import Table

from keptword.core.problems import KeptwordError, Problem
from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.sources.contacts import together
from keptword.sources.facts import union
from keptword.sources.files import Opened, open_file, write_rejected
from keptword.sources.rooms import ROOMS
from keptword.sources.source import Read, Reading, Source

TELLS_COSTS: Final = ("shopify_products",)
"""The sources that tell what things on sale cost the business."""

SHOWN_REASONS: Final = 20
"""How many reasons for refusing lines are told one by one; those that differ only in the cell they quote are one."""

_READS: Final = 'reads "[^"]*"'


@dataclass(frozen=True)
class FileRead:
    """One file given: what it was recognised as, its lines, where the lines nobody could read now lie, and why."""

    name: str
    source: str
    title: str
    rows: int
    refused: int = 0
    rejected_to: Path | None = None
    reasons: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Gathered:
    """What all files together became: the facts, and what was said on the way.

    `contacts` says who the people are, a row a person; it is there only where the reading asked for it.
    """

    facts: Table
    files: tuple[FileRead, ...]
    left_out: Mappings[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    offsets: Mappings[int, int] = field(default_factory=dict)
    undated: frozenset[str] = frozenset()
    timezone: str | None = None
    contacts: Table | None = None

    @property
    def sources(self) -> frozenset[str]:
        """The names of the sources that were read."""
        return frozenset(file.source for file in self.files)


def sources() -> tuple[Source, ...]:
    """Return all sources, in the order in which they are tried."""
    return tuple(import_module(f"keptword.sources.{room}").SOURCE for room in ROOMS)


def recognised(file: Opened) -> Source:
    """Return the source whose file this is; refuse one nobody knows, naming what comes nearest."""
    known = sources()
    for source in known:
        if source.recognises(file):
            return source
    raise KeptwordError(_unrecognised(file, known))


def _unrecognised(file: Opened, known: Sequence[Source]) -> str:
    header = {column.lower() for column in file.header}
    nearest = max(known, key=lambda source: len(source.required & header) / max(len(source.required), 1))
    shared = nearest.required & header
    shown = ", ".join(f'"{column}"' for column in file.header[:6]) + (", …" if len(file.header) > 6 else "")
    said = f"{file.name}: its columns ({shown}) are those of no export Keptword knows."
    if len(shared) * 2 >= len(nearest.required):
        missing = ", ".join(f'"{column}"' for column in sorted(nearest.required - header))
        said += f" It comes nearest to a {nearest.title}, but {missing or 'what tells it apart'} is missing."
    return said + (
        " If your shop's admin speaks another language, export once with it set to English; for any other file run"
        f' "keptword mapping guess {file.name}", look the proposal over, and give it with --mapping.'
    )


def gather(
    reading: Reading,
    paths: Sequence[Path],
    *,
    mapping: Path | Mappings[Path, Path] | None = None,
    rehearsal: bool = False,
) -> Gathered:
    """Read all files, each by the source that recognises it, or all by a mapping where one is given.

    `mapping` may also name one for some of the files; the others are read by their source. Lines that became nothing
    are written to FILE.rejected.csv beside each file, with the reason. Raises `KeptwordError` for a file that cannot be
    read at all; nothing is written then, nor in a rehearsal.
    """
    opened = [open_file(path, engine=reading.engine, progress=reading.progress) for path in paths]
    told = mapping if isinstance(mapping, Mappings) else dict.fromkeys(paths, mapping) if mapping else {}
    mapped = {place: import_module("keptword.sources.csv").mapped(place) for place in dict.fromkeys(told.values())}
    grouped: dict[tuple[str, Path | None], tuple[Source, list[Opened]]] = {}
    for path, file in zip(paths, opened, strict=True):
        place = told.get(path) if file.form != "mbox" else None
        source = recognised(file) if place is None else mapped[place]
        grouped.setdefault((source.name, place), (source, []))[1].append(file)
    # What things cost comes first, so that orders can carry it.
    reads: list[tuple[Source, Sequence[Opened], Read]] = []
    for source, files in sorted(grouped.values(), key=lambda each: each[0].name not in TELLS_COSTS):
        reads.append((source, files, source.read(reading, files)))
        reading = replace(reading, costs=reading.costs if reads[-1][2].costs is None else reads[-1][2].costs)
    return _together(reading.engine, reads, rehearsal=rehearsal)


def _together(engine: Engine, reads: Sequence[tuple[Source, Sequence[Opened], Read]], *, rehearsal: bool) -> Gathered:
    left_out: dict[str, int] = {}
    offsets: dict[int, int] = {}
    files: list[FileRead] = []
    for source, opened, read in reads:
        for reason, count in read.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + count
        for offset, count in read.offsets.items():
            offsets[offset] = offsets.get(offset, 0) + count
        files.extend(_file_read(engine, source, file=file, read=read, rehearsal=rehearsal) for file in opened)
    facts = union([read.facts.select(*FACT_SCHEMA) for _, _, read in reads])
    problems = tuple(problem for _, files_of, _ in reads for file in files_of for problem in file.problems)
    problems += tuple(problem for _, _, read in reads for problem in read.problems)
    undated = frozenset[str]().union(*(read.undated for _, _, read in reads))
    timezone = next((read.timezone for _, _, read in reads if read.timezone), None)
    contacts = together([read.contacts for _, _, read in reads if read.contacts is not None])
    return Gathered(facts, tuple(files), left_out, problems, offsets, undated, timezone, contacts)


def _file_read(engine: Engine, source: Source, *, file: Opened, read: Read, rehearsal: bool) -> FileRead:
    refused = read.refused.get(file)
    count = engine.rows(refused.agg(lines=refused.count()))[0]["lines"] if refused is not None else 0
    if not count or refused is None:
        return FileRead(file.name, source.name, source.title, read.rows[file])
    # A reason quotes the cell it is about: told once for every cell, the reasons would hide each other.
    alike = refused.mutate(alike=refused.reason.re_replace(_READS, "reads"))
    reasons = engine.rows(
        alike.group_by("alike")
        .agg(lines=alike.count(), first=alike.line.min(), reason=alike.reason.argmin(alike.line))
        .order_by([ibis.desc("lines"), "first"])
        .limit(SHOWN_REASONS)
    )
    written = None if rehearsal else write_rejected(engine, file, refusals=refused)
    why = tuple(Problem(f"{file.name}, line {row['first']}", row["reason"], row["lines"]) for row in reasons)
    return FileRead(file.name, source.name, source.title, read.rows[file], count, written, why)
