"""Adds to the rows the columns that their facts are made of, layer by layer."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from ibis.expr.types import BooleanValue, IntegerValue, StringValue, TimestampValue, Value

from keptword.sources.csv.expressions import Cells
from keptword.sources.csv.fields import cell_of, with_plus, zones_of
from keptword.sources.csv.grammar import Column
from keptword.sources.csv.mapping import MomentSpec
from keptword.sources.csv.moments import Seen, counted, first_reading, may_have_offset, placed


def layered(cells: Cells) -> Cells:
    """Return the rows with all that was noted as wanted (`Layers`) as columns of their own."""
    layers = cells.layers
    numbers = {stem: cells.number(Column(name)) for name, stem in layers.numbers.items()}
    cells = _with(cells, numbers)
    cells = _with(cells, {f"{stem}_cell": cell_of(cells, spec) for spec, stem in layers.moments.items()})
    read: dict[str, Value] = {}
    for spec, stem in layers.moments.items():
        seen = first_reading(cast(StringValue, cells.table[f"{stem}_cell"]), formats=spec.formats or cells.form.dates)
        read |= {f"{stem}_wall": seen.wall, f"{stem}_offset": seen.offset, f"{stem}_is_day": seen.is_day}
    cells = _with(cells, read)
    sound: dict[str, Value] = {}
    for spec, stem in layers.moments.items():
        seen = with_plus(cells, counted(_kept(cells, stem, spec=spec)), spec=spec)
        sound |= {f"{stem}_wall": seen.wall, f"{stem}_is_day": seen.is_day}
    cells = _with(cells, sound)
    in_time: dict[str, Value] = {}
    for spec, stem in layers.moments.items():
        where = placed(_kept(cells, stem, spec=spec), zones=zones_of(cells, spec))
        in_time |= {f"{stem}_at": where.at, f"{stem}_local": where.local, f"{stem}_back": where.back}
    return _with(cells, in_time)


def _with(cells: Cells, columns: dict[str, Value]) -> Cells:
    return replace(cells, table=cells.table.mutate(**columns)) if columns else cells


def _kept(cells: Cells, stem: str, *, spec: MomentSpec) -> Seen:
    table = cells.table
    return Seen(
        cast(TimestampValue, table[f"{stem}_wall"]),
        cast(IntegerValue, table[f"{stem}_offset"]),
        cast(BooleanValue, table[f"{stem}_is_day"]),
        may_have_offset(spec.formats or cells.form.dates),
    )
