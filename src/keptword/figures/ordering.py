"""Writes large tables in the order they are read, slice by slice, each small enough to be put in order in memory.

All at once they would be put in order by way of the disk, which takes longer than to read their source several times.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from keptword.engines.duckdb import literal
from keptword.figures.draft import Draft

AT_ONCE: Final = 1_000_000
"""About so many promises are put in order at once."""

_SAMPLE: Final = 10_000


def write_in_order(
    draft: Draft, table: str, *, select: str, by: str, cuts: list[Any], then: str = "", descending: bool = False
) -> None:
    """Write one of the tables from a query, ordered by a column, empty ones last; `cuts` part its values into slices.

    Within the same value rows are in order of `then`, where it names columns.
    """
    way = "DESC NULLS LAST" if descending else "NULLS LAST"
    order = f"{by} {way}{f', {then}' if then else ''}"
    slices = _slices(by, cuts, descending=descending)
    for number, within in enumerate(slices):
        draft.store(table, f"SELECT * FROM ({select}) WHERE {within} ORDER BY {order}", more=number > 0)


def _slices(by: str, cuts: list[Any], *, descending: bool) -> list[str]:
    """Return conditions that part the rows, in the order of the slices; a cut itself belongs to the values below it."""
    ends = [literal(str(cut)) for cut in cuts]
    if not ends:
        return ["true"]
    between = [f"{by} > {low} AND {by} <= {high}" for low, high in pairwise(ends)]
    lowest, highest = f"{by} <= {ends[0]}", f"{by} > {ends[-1]}"
    if descending:
        return [highest, *reversed(between), f"({lowest} OR {by} IS NULL)"]
    return [lowest, *between, f"({highest} OR {by} IS NULL)"]


def cuts_of(draft: Draft, source: str, *, by: str) -> list[Any]:
    """Return values that part the rows of a stored table into slices of about `AT_ONCE`; none where there are fewer.

    They come from a sample: how even the slices are depends on it, and nothing else.
    """
    slices = draft.rows(f"SELECT count(*) // {AT_ONCE} AS count FROM {source}")[0]["count"] + 1
    if slices < 2:
        return []
    sample = f"SELECT {by} AS value FROM {source} USING SAMPLE reservoir({_SAMPLE} ROWS) REPEATABLE (1)"
    values = [
        row["value"] for row in draft.rows(f"SELECT value FROM ({sample}) WHERE value IS NOT NULL ORDER BY value")
    ]
    return sorted({values[len(values) * number // slices] for number in range(1, slices)}) if values else []
