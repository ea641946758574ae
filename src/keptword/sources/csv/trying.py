"""Tries a mapping on the first rows of a file: what each of them becomes, and what of it cannot be read."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import ibis

from keptword.core.problems import Problem
from keptword.engines.duckdb import Engine
from keptword.sources.csv.guess import sampled
from keptword.sources.csv.parsing import parse
from keptword.sources.csv.reader import read
from keptword.sources.files import Opened, stage
from keptword.sources.source import Reading

TRIED: Final = 200
"""Rows a mapping is tried on: enough to see what it does, few enough to see it at once."""

_HEADER: Final = 1
_HAPPENS: Final = (
    ("order.placed", "contact.opened"),
    ("promise.made",),
    ("order.paid",),
    ("order.shipped", "contact.replied"),
    ("order.delivered", "contact.resolved"),
    ("promise.kept", "promise.broken"),
    ("review.posted", "survey.answered"),
)
_ENTRY: Final = (
    *("kind", "subject", "occurred_on", "clock_seconds", "promise_kind", "due_on", "due_at"),
    *("amount", "currency", "score", "channel", "user_key", "source"),
)


@dataclass(frozen=True)
class Sample:
    """The first rows of a file: the names of its columns, and the cells of each row as texts."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class RowTried:
    """What one row became: its number (from 1), its cells, its entries, and why something of it cannot be read."""

    number: int
    cells: tuple[str, ...]
    entries: tuple[Mapping[str, Any], ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Tried:
    """What the first rows became: the rows that became something, how many were tried, entries by kind, refusals."""

    rows: tuple[RowTried, ...]
    tried: int
    kinds: Mapping[str, int]
    refused: int
    left_out: Mapping[str, int]
    problems: tuple[Problem, ...]


def write_sample(engine: Engine, file: Opened, *, to: Path, most: int) -> Sample:
    """Keep the first rows of a table as a CSV file, and return them; a mailbox has none."""
    if file.form == "mbox":
        return Sample((), ())
    staged = stage(engine, sampled(engine, file, most=most))
    rows = [tuple(row[name] or "" for name in file.header) for row in engine.rows(staged.table.order_by("line"))]
    with to.open("w", encoding="utf-8", newline="", errors="replace") as stream:
        csv.writer(stream).writerows([file.header, *rows])
    return Sample(file.header, tuple(rows))


def read_sample(path: Path) -> Sample:
    """Return the rows that `write_sample` kept."""
    with path.open(encoding="utf-8", newline="") as stream:
        lines = [tuple(line) for line in csv.reader(stream)]
    return Sample(lines[0], tuple(lines[1:])) if lines else Sample((), ())


def tried(engine: Engine, sample: Sample, *, text: str, name: str, timezone: str | None, shown: int) -> Tried:
    """Return what a mapping, as TOML, makes of a sample: entries of the first rows in which it finds anything.

    `name` is what the mapping is called in sentences, `shown` how many rows are wanted. Raises `KeptwordError` for a
    mapping that cannot be read or does not fit.
    """
    mapping = parse(text, file=name)
    rows = sample.rows[:TRIED]
    reading = Reading(engine=engine, key="tried", recorded_at=datetime.now(UTC), timezone=timezone)
    file = _file(engine, Sample(sample.header, rows))
    made = read(reading, [file], mapping=mapping)
    facts = made.facts.select(*_ENTRY)
    entries: dict[int, list[Mapping[str, Any]]] = {}
    for fact in engine.rows(facts):
        entries.setdefault(_number(int(fact["source"].rpartition(":")[2])), []).append(fact)
    refused = made.refused[file]
    reasons: dict[int, list[str]] = {}
    for row in engine.rows(refused.order_by("line")):
        reasons.setdefault(_number(row["line"]), []).append(row["reason"])
    # What cannot be read is shown before what can: it is what one has to look at.
    numbers = sorted(reasons)[: shown // 2]
    numbers += [number for number in sorted(entries) if number not in numbers][: shown - len(numbers)]
    kinds = engine.rows(made.facts.group_by("kind").agg(count=ibis._.count()).order_by("kind"))
    return Tried(
        rows=tuple(
            RowTried(
                number,
                rows[number - 1] if 0 < number <= len(rows) else (),
                tuple(sorted(entries.get(number, ()), key=_order)),
                tuple(reasons.get(number, ())),
            )
            for number in sorted(numbers)
        ),
        tried=len(rows),
        kinds={row["kind"]: int(row["count"]) for row in kinds},
        refused=len(reasons),
        left_out=made.left_out,
        problems=tuple(made.problems),
    )


def _file(engine: Engine, sample: Sample) -> Opened:
    path = engine.folder / f"{engine.fresh('tried')}.csv"
    with path.open("w", encoding="utf-8", newline="", errors="replace") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([sample.header, *_filled(sample.rows)])
    return Opened(
        path, path.name, form="delimited", header=sample.header, readable=path, delimiter=",", encoding="utf-8",
        header_line=_HEADER,
    )  # fmt: skip


def _filled(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[cell.replace("\0", "") for cell in row] for row in rows]


def _number(line: int) -> int:
    return line - _HEADER


def _order(fact: Mapping[str, Any]) -> tuple[str, int, str]:
    """Sort entries as they happen: by day, within a day what begins something before what ends it."""
    kind = str(fact["kind"])
    rank = next((at for at, kinds in enumerate(_HAPPENS) if kind in kinds), len(_HAPPENS) // 2)
    return str(fact["occurred_on"]), rank, kind
