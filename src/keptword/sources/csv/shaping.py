"""Which rows of a file count, and how several of them become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, StringValue, Table, Value

from keptword.core.problems import KeptwordError
from keptword.sources.csv.expressions import Cells, any_of, quoted_cell
from keptword.sources.csv.grammar import Column, columns_of
from keptword.sources.csv.mapping import Mapping, Take
from keptword.sources.csv.moments import example, read_moment

FILE: Final = "__file"
"""The column that says which of the files given, from 0, a row comes from."""

_RANK: Final = "__rank"
_REASON: Final = "__reason"
_LINES_OF_A_FILE: Final = 10**12

Fault = tuple[BooleanValue, StringValue]
"""Whether a row cannot be used, and the sentence that says why."""


@dataclass(frozen=True)
class Shaped:
    """The rows facts are made of, and those that can be no part of one: with `FILE`, `line` and `reason`."""

    cells: Cells
    refused: Table | None = None


def shaped(cells: Cells, mapping: Mapping) -> Shaped:
    """Return the rows that count, with the columns the mapping works out, grouped where it says so.

    One row per row of the files, or per group; the `line` of a group is that of its first row.
    """
    cells = _without_empty(cells, mapping.cells.empty)
    cells = _filled_down(cells, mapping.rows.fill_down)
    for name, tree in mapping.computed:
        value = replace(cells, place=f'[columns], "{name}"').formula(tree)
        cells = replace(cells, table=cells.table.mutate(**{name: value}))
    if mapping.rows.where is not None:
        counts = replace(cells, place='[rows], "where"').holds(mapping.rows.where)
        cells = replace(cells, table=cells.table.filter(counts))
    cells = replace(cells, place="[rows]")
    faults = [*_computed_faults(cells, mapping), *_group_faults(cells, mapping)]
    if not faults:
        return Shaped(cells)
    table = cells.table.mutate(**{_REASON: ibis.cases(*faults, else_=None)})
    refused = table.filter(table[_REASON].notnull()).select(FILE, "line", reason=table[_REASON])
    sound = replace(cells, table=table.filter(table[_REASON].isnull()).drop(_REASON))
    return Shaped(_grouped(sound, mapping), refused)


def _without_empty(cells: Cells, empty: Sequence[str]) -> Cells:
    if not empty:
        return cells
    table, words = cells.table, [word.strip() for word in empty]
    texts = [name for name in table.columns if name in cells.names.header]
    emptied = {name: table[name].isin(words).ifelse(None, table[name]) for name in texts}
    return replace(cells, table=table.mutate(**emptied))


def _filled_down(cells: Cells, columns: Sequence[str]) -> Cells:
    """Give an empty cell what stands above it."""
    if not columns:
        return cells
    names = [cells.names.used_column(written, place='[rows], "fill_down"').name for written in columns]
    table = cells.table
    above = ibis.window(group_by=FILE, order_by=table.line, preceding=None, following=0)
    # The number of filled cells so far tells which rows share the cell above them.
    blocks = {f"__block_{name}": table[name].notnull().cast("int64").sum().over(above) for name in names}
    table = table.mutate(**blocks)
    values = {name: table[name].max().over(ibis.window(group_by=[FILE, f"__block_{name}"])) for name in names}
    return replace(cells, table=table.mutate(**values).drop(*blocks))


def _computed_faults(cells: Cells, mapping: Mapping) -> list[Fault]:
    """Rows of which a column cannot be worked out, although all it is made of is filled."""
    faults = []
    for name, tree in mapping.computed:
        parts = [cells.names.find(column.name, place="[columns]") for column in columns_of(tree)]
        filled = ~any_of([cells.own(part).isnull() for part in parts]) if parts else ibis.literal(True)
        said = f'"{name}" cannot be worked out'
        shown = [ibis.literal(f'"{part.name}" reads ') + quoted_cell(cells.cell(part)) for part in parts]
        sentence = ibis.literal(f"{said}: ") + ibis.literal(", ").join(shown) + "." if parts else ibis.literal(said)
        faults.append((filled & cells.own(Column(name)).isnull(), cast(StringValue, sentence)))
    return faults


def _group_faults(cells: Cells, mapping: Mapping) -> list[Fault]:
    """Rows that belong to no group, or would spoil what is taken of theirs."""
    keys = _keys(cells, mapping)
    faults = [
        (cells.own(Column(key)).isnull(), ibis.literal(f'"{key}" is empty, so nobody can tell what belongs together.'))
        for key in keys
    ]
    for written, take in mapping.rows.take:
        column = cells.names.used_column(written, place='[rows], "take"')
        own, cell = cells.own(column), cells.cell(column)
        reads = ibis.literal(f'"{column.name}" reads ') + quoted_cell(cell)
        if take in ("sum", "min", "max") and own.type().is_string():
            faults.append((own.notnull() & cells.number(column).isnull(), reads + ", which is no number."))
        if take in ("earliest", "latest"):
            wall = read_moment(cell, formats=cells.form.dates).wall
            wanted = f", which is no date like {example(cells.form.dates)}, or not on the calendar."
            faults.append((own.notnull() & wall.isnull(), reads + wanted))
    return faults


def _keys(cells: Cells, mapping: Mapping) -> list[str]:
    return [cells.names.used_column(name, place='[rows], "group_by"').name for name in mapping.rows.group_by]


def _grouped(cells: Cells, mapping: Mapping) -> Cells:
    keys = _keys(cells, mapping)
    if not keys:
        return cells
    taken = {cells.names.used_column(name, place='[rows], "take"').name: take for name, take in mapping.rows.take}
    twice = next((key for key in keys if key in taken), None)
    if twice:
        raise KeptwordError(
            '[rows]: "{twice}" is one of the columns to group by, so there is nothing to take of it.', twice=twice
        )
    across = mapping.rows.across_files
    by = keys if across else [*keys, FILE]
    table = cells.table.mutate(**{_RANK: _rank(cells, by, mapping.rows.order_by)})
    whole = replace(cells, table=table)
    others = [name for name in table.columns if name not in (*keys, FILE, _RANK, "line")]
    first = _place(table).min()
    grouped = table.group_by(by).agg(
        **{name: _taken(whole, name, taken.get(name, "first")) for name in others},
        **({"__first": first} if across else {"line": table.line.min()}),
    )
    if across:
        begun = grouped["__first"]
        told = {FILE: (begun // _LINES_OF_A_FILE).cast("int32"), "line": begun % _LINES_OF_A_FILE}
        grouped = grouped.mutate(**told).drop("__first")
    return replace(cells, table=grouped)


def _place(table: Table) -> IntegerValue:
    return cast(IntegerValue, table[FILE].cast("int64") * _LINES_OF_A_FILE + table.line)


def _rank(cells: Cells, by: Sequence[str], order_by: Sequence[str]) -> IntegerValue:
    """Return the place of a row among those of its group: by the columns to order by, else as in the files."""
    place = _place(cells.table)
    if not order_by:
        return place
    order: list[Value] = []
    for written in order_by:
        column = cells.names.used_column(written, place='[rows], "order_by"')
        seen = read_moment(cells.cell(column), formats=cells.form.dates)
        order += [cells.number(column), seen.wall, cells.cell(column)]
    return cast(IntegerValue, ibis.row_number().over(group_by=list(by), order_by=[*order, place]))


def _taken(cells: Cells, name: str, take: Take) -> Value:
    """Return the one value that the cells of a group become."""
    column, rank = Column(name), cells.table[_RANK]
    own = cells.own(column)
    match take:
        case "first":
            return own.argmin(rank, where=own.notnull())
        case "last":
            return own.argmax(rank, where=own.notnull())
        case "sum" | "min" | "max":
            number = cells.number(column)
            found = {"sum": number.sum, "min": number.min, "max": number.max}[take]()
            return cast(Value, found.cast("decimal(38, 4)"))
        case "count":
            return cast(Value, own.count().cast("decimal(18, 4)"))
        case "list":
            return cast(Value, cells.shown(column).collect(distinct=True).sort())
        case _:
            wall = read_moment(cells.cell(column), formats=cells.form.dates).wall
            dated = wall.notnull()
            return own.argmin(wall, where=dated) if take == "earliest" else own.argmax(wall, where=dated)
