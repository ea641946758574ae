"""The fields of a fact as expressions, each with what would make it unreadable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from typing import cast

import ibis
from ibis.expr.types import BooleanValue, DateValue, DecimalValue, StringValue, TimestampValue, Value

from keptword.core.schema import DECIMAL
from keptword.sources.cells import Moment
from keptword.sources.csv.expressions import Cells, any_of, quoted_cell
from keptword.sources.csv.grammar import Column, columns_of
from keptword.sources.csv.mapping import MomentSpec, NumberSpec, TextSpec
from keptword.sources.csv.moments import Placed, Seen, Zones, counted, end_of, example, moment, placed, read_moment
from keptword.sources.csv.shaping import Fault


def says(shown: str, cell: StringValue, *, what: str) -> StringValue:
    """Return the sentence that a cell cannot be read."""
    return cast(StringValue, ibis.literal(f'"{shown}" reads ') + quoted_cell(cell) + what)


@dataclass(frozen=True)
class When:
    """A moment of a fact: the cell it is read from, whether that is filled, and what would make it unreadable."""

    is_filled: BooleanValue
    moment: Moment
    is_day: BooleanValue
    is_gap: BooleanValue
    faults: tuple[Fault, ...]

    def due(self, cells: Cells, *, day: bool) -> tuple[TimestampValue, DateValue]:
        """Return when a promise falls due: the instant, and the day where it names a day."""
        by_day = ibis.literal(True) if day else self.is_day
        end = end_of(self.moment.on, zones=cells.zones)
        at = by_day.ifelse(end, self.moment.at)
        return cast(TimestampValue, at), cast(DateValue, by_day.ifelse(self.moment.on, None))


def when(cells: Cells, spec: MomentSpec) -> When:
    """Return a moment: of several cells the one the mapping takes, in its formats, with what is added to it."""
    cell, seen, where = cells.layers.moment(cells, spec) or _inline(cells, spec)
    formats = spec.formats or cells.form.dates
    shown = " or ".join(spec.texts)
    wanted = f", which is no date like {example(formats)}, or not on the calendar."
    faults: list[Fault] = []
    is_filled = cell.notnull()
    if spec.plus is not None:
        span, faults = number(cells, spec.plus, shown="plus")
        is_filled = is_filled & (span.notnull() | any_of([bad for bad, _ in faults]))
    faults.append((is_filled & seen.wall.isnull(), says(shown, cell, what=wanted)))
    found, is_gap = moment(seen, where, zones=zones_of(cells, spec), only_day=spec.day)
    day = ibis.literal(True) if spec.day else seen.is_day
    return When(is_filled, found, day, is_gap, tuple(faults))


def zones_of(cells: Cells, spec: MomentSpec) -> Zones:
    """Return the time zones of a moment: the column's own comes before that of the file."""
    return replace(cells.zones, stamps=spec.timezone) if spec.timezone else cells.zones


def cell_of(cells: Cells, spec: MomentSpec) -> StringValue:
    """Return the cell that a moment is read from: of several the one the mapping takes."""
    formats = spec.formats or cells.form.dates
    texts = [cells.template(text) for text in spec.texts]
    if spec.take == "first":
        return cast(StringValue, ibis.coalesce(*texts))

    def chosen(one: StringValue, other: StringValue) -> StringValue:
        """Return the cell with the earlier or later moment; one that cannot be read is chosen, to be refused."""
        one_at, other_at = read_moment(one, formats=formats).wall, read_moment(other, formats=formats).wall
        before = (other_at < one_at) if spec.take == "earliest" else (other_at > one_at)
        takes_other = one.isnull() | (other.notnull() & other_at.isnull()) | before.coalesce(False)
        return cast(StringValue, takes_other.ifelse(other, one))

    return reduce(chosen, texts)


def with_plus(cells: Cells, seen: Seen, *, spec: MomentSpec) -> Seen:
    """Return a reading with the span added that the mapping adds; a day stays one where whole days are added."""
    if spec.plus is None:
        return seen
    span, _ = number(cells, spec.plus, shown="plus")
    seconds = (span.cast("float64") * spec.plus_seconds).round().cast("int64")
    wall = cast(TimestampValue, seen.wall + seconds.as_interval("s"))
    return counted(replace(seen, wall=wall, is_day=seen.is_day & (seconds % 86_400 == 0)))


def _inline(cells: Cells, spec: MomentSpec) -> tuple[StringValue, Seen, Placed]:
    cell = cell_of(cells, spec)
    seen = with_plus(cells, read_moment(cell, formats=spec.formats or cells.form.dates), spec=spec)
    return cell, seen, placed(seen, zones=zones_of(cells, spec))


def number(cells: Cells, spec: NumberSpec, *, shown: str) -> tuple[DecimalValue, list[Fault]]:
    """Return a number as the mapping reads it: NULL where its cell is empty; and what would make it unreadable."""
    if spec.text is None:
        return ibis.literal((spec.constant or Decimal(0)) * spec.factor, DECIMAL), []
    tree = cells.names.formula(spec.text, place=cells.place)
    columns = [cells.names.find(column.name, place=cells.place) for column in columns_of(tree)]
    if spec.words:
        value, faults = _worded(cells, columns[0], spec)
    else:
        value = cells.formula(tree)
        faults = [
            (cells.cell(column).notnull() & cells.number(column).isnull(), _no_number(cells, column))
            for column in columns
        ]
        if not isinstance(tree, Column):
            filled = ~any_of([cells.cell(column).isnull() for column in columns])
            faults.append((filled & value.isnull(), ibis.literal(f'"{shown}", {spec.text}, has no result.')))
    if spec.factor != 1:
        value = cast(DecimalValue, (value.cast("float64") * spec.factor).try_cast(DECIMAL))
    return value, faults


def _no_number(cells: Cells, column: Column) -> StringValue:
    sign = "1,234.50" if cells.form.decimal == "." else "1.234,50"
    return says(column.name, cells.cell(column), what=f", which is no number written like {sign}.")


def _worded(cells: Cells, column: Column, spec: NumberSpec) -> tuple[DecimalValue, list[Fault]]:
    cell = cells.cell(column)
    known = [(cell.lower() == word.lower(), ibis.literal(said, DECIMAL)) for word, said in spec.words]
    value = cast(DecimalValue, ibis.cases(*known, else_=cells.number(column)))
    words = ", ".join(word for word, _ in spec.words)
    sentence = says(column.name, cell, what=f", which is neither a number nor one of: {words}.")
    return value, [(cell.notnull() & value.isnull(), sentence)]


def spent(cells: Cells, spec: NumberSpec, *, field: str) -> tuple[DecimalValue, list[Fault]]:
    """Return seconds or steps somebody spent: never negative, and steps are whole."""
    value, faults = number(cells, spec, shown=field)
    told = ibis.literal(f'"{field}" comes to ') + value.cast("string")
    faults.append(((value < 0).coalesce(False), told + ", and nobody spends less than nothing."))
    if field == "steps":
        whole = (value == value.floor()) & (value < 2**31)
        faults.append(((~whole).coalesce(False), told + ", which is no whole number of steps."))
    return value, faults


def score(cells: Cells, spec: NumberSpec) -> tuple[Value, list[Fault]]:
    """Return a rating rescaled to 0..1, refusing one outside its scale."""
    value, faults = number(cells, spec, shown="score")
    worst, best = spec.scale or (Decimal(0), Decimal(1))
    inside = value.between(ibis.literal(min(worst, best), DECIMAL), ibis.literal(max(worst, best), DECIMAL))
    remedy = "" if spec.scale else ' Say its scale, as in scale = "1..5".'
    sentence = ibis.literal('"score" comes to ') + value.cast("string").re_replace(r"\.?0+$", "")
    said = sentence + f", which is outside the scale {worst}..{best}.{remedy}"
    faults.append(((~inside).coalesce(False), cast(StringValue, said)))
    share = (value.cast("float64") - float(worst)) / float(best - worst)
    return share, faults


def currency(cells: Cells, spec: TextSpec) -> tuple[StringValue, list[Fault]]:
    """Return the code of a currency in capitals, refusing what is no code of three letters."""
    found = cells.text(spec).upper()
    if spec.text is None:
        return cast(StringValue, found), []
    bad = found.notnull() & ~found.re_search("^[A-Z]{3}$")
    wanted = ', which is no currency\'s code of three letters. A "map" can translate it, as in map = { "€" = "EUR" }.'
    return cast(StringValue, found), [(bad, says(spec.text, cells.template(spec.text), what=wanted))]


def lacking(value: Value, sentence: str) -> Fault:
    """Return the fault that something needed is empty."""
    return value.isnull(), ibis.literal(sentence)


def reason_of(faults: Sequence[Fault]) -> StringValue:
    """Return the first sentence that applies, or nothing."""
    return cast(StringValue, ibis.cases(*faults, else_=None))
