"""Works out once a row what many facts are made of, and keeps it as columns that the facts then refer to.

Without that, the reading of a date would stand in the query as often as it is used, some hundred times over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from ibis.expr.types import BooleanValue, DecimalValue, IntegerValue, StringValue, TimestampValue

from keptword.sources.csv.mapping import MomentSpec
from keptword.sources.csv.moments import Placed, Seen, may_have_offset

if TYPE_CHECKING:
    from keptword.sources.csv.expressions import Cells


@dataclass
class Layers:
    """What the facts ask for: moments, and columns read as numbers; each with the stem of its columns.

    Whoever asks for something that is no column yet makes it for himself, and it is noted for the next time.
    """

    moments: dict[MomentSpec, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    def number(self, cells: Cells, name: str) -> DecimalValue | None:
        """Return a column read as a number, where that is kept; else note that it is wanted."""
        stem = self.numbers.setdefault(name, f"__number{len(self.numbers)}")
        return cast(DecimalValue, cells.table[stem]) if stem in cells.table.columns else None

    def moment(self, cells: Cells, spec: MomentSpec) -> tuple[StringValue, Seen, Placed] | None:
        """Return the cell of a moment, its reading and its place in time, where they are kept; else note the want."""
        stem = self.moments.setdefault(spec, f"__moment{len(self.moments)}")
        table = cells.table
        if f"{stem}_at" not in table.columns:
            return None
        wall, at, local, back = (
            cast(TimestampValue, table[f"{stem}_{part}"]) for part in ("wall", "at", "local", "back")
        )
        offset, is_day = cast(IntegerValue, table[f"{stem}_offset"]), cast(BooleanValue, table[f"{stem}_is_day"])
        may = may_have_offset(spec.formats or cells.form.dates)
        return cast(StringValue, table[f"{stem}_cell"]), Seen(wall, offset, is_day, may), Placed(at, local, back)
