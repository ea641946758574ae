"""Shows what a mapping would make of files before anything is written: a dry run."""

from __future__ import annotations

from collections.abc import Mapping as Mappings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import ibis
from ibis.expr.types import StringValue, Table

from keptword.core.problems import Problem
from keptword.core.schema import FACT_SCHEMA
from keptword.sources.csv.building import NUMBER
from keptword.sources.csv.mapping import FactSpec, Mapping
from keptword.sources.csv.reader import Checked, Work
from keptword.sources.csv.shaping import FILE
from keptword.sources.facts import union
from keptword.sources.files import Opened
from keptword.sources.source import Reading

EXAMPLES: Final = 3
"""How many facts of each [[fact]] table are shown."""

LINES: Final = 5
"""How many lines are named of those refused for one reason."""

_MOST_REASONS: Final = 50


@dataclass(frozen=True)
class Made:
    """One [[fact]] table of the mapping: how many facts it would make, and the first of them without empty columns."""

    spec: FactSpec
    count: int
    examples: tuple[Mappings[str, Any], ...]


@dataclass(frozen=True)
class Refusal:
    """Lines refused for one reason: the sentence for the first of them, how many, and where the first stand."""

    reason: str
    count: int
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class DryRun:
    """What a mapping would make of files. `rows` counts the rows read of each file, `refused` all lines refused."""

    rows: Mappings[str, int]
    made: tuple[Made, ...]
    refused: int
    refusals: tuple[Refusal, ...]
    left_out: Mappings[str, int]
    problems: tuple[Problem, ...]


def dry_run(reading: Reading, files: Sequence[Opened], *, mapping: Mapping) -> DryRun:
    """Say what a mapping would make of files, in the order of its [[fact]] tables; nothing is written anywhere.

    Raises `KeptwordError` where the mapping does not fit the files.
    """
    checked = Checked(Work(reading, tuple(files), mapping=mapping))
    refusals = _refusals(checked, [file.name for file in files])
    return DryRun(
        rows={file.name: staged.rows for file, staged in zip(files, checked.work.staged, strict=True)},
        made=tuple(_made(checked, mapping)),
        refused=sum(one.count for one in refusals),
        refusals=tuple(refusals[:_MOST_REASONS]),
        left_out=checked.left_out(),
        problems=tuple(checked.problems()),
    )


def _made(checked: Checked, mapping: Mapping) -> list[Made]:
    facts = checked.placed()
    counted = checked.engine.load("mapped_counts", facts.group_by(NUMBER).agg(facts=facts.count()))
    counts = {row[NUMBER]: row["facts"] for row in checked.engine.rows(counted)}
    found = []
    for spec in mapping.facts:
        some = facts.filter(facts[NUMBER] == spec.number).order_by(FILE, "line").limit(EXAMPLES).select(*FACT_SCHEMA)
        shown = checked.engine.rows(checked.engine.load("mapped_examples", some))
        examples = tuple({name: value for name, value in row.items() if value is not None} for row in shown)
        found.append(Made(spec, counts.get(spec.number, 0), examples))
    return found


def _refusals(checked: Checked, names: Sequence[str]) -> list[Refusal]:
    """Return the refusals of all files, those alike but for what the cells hold together, the most frequent first."""
    parts = [checked.refused(place).mutate(file=ibis.literal(place, "int32")) for place in range(len(names))]
    told: Table = union(parts)
    told = told.mutate(shape=_shape(told.reason))
    place = ibis.row_number().over(group_by="shape", order_by=[told.file, told.line])
    ranked = told.mutate(place=place, count=told.count().over(ibis.window(group_by="shape")))
    first = checked.engine.load("mapped_first", ranked.filter(ranked.place < LINES))
    rows = checked.engine.rows(first.order_by(first["count"].desc(), first.shape, first.place))
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["shape"], []).append(row)
    return [
        Refusal(rows[0]["reason"], rows[0]["count"], tuple((names[row["file"]], row["line"]) for row in rows))
        for rows in grouped.values()
    ]


def _shape(reason: StringValue) -> StringValue:
    """Return a sentence without what it quotes of the cells."""
    bare = reason.re_replace('reads "(?:[^"]|"[^,.])*"', "reads …").re_replace("comes to [-0-9.]+", "comes to …")
    return cast(StringValue, bare)
