"""Making facts: fills the columns of the schema from whatever a source knows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis
from ibis.expr.types import Table, Value

from keptword.core.schema import FACT_SCHEMA, KINDS
from keptword.sources.cells import Moment


def fact(rows: Table, *, kind: str, fact_id: Value, moment: Moment, recorded_at: datetime, **columns: Any) -> Table:
    """Return one fact for each row whose moment is known, with every column of the schema in its order.

    `columns` gives further columns by name, as expressions over `rows` or constants; the rest stay empty.
    """
    given: dict[str, Any] = {
        "fact_id": fact_id,
        "kind": kind,
        "occurred_at": moment.at,
        "occurred_on": moment.on,
        "clock_seconds": moment.clock_seconds,
        "recorded_at": ibis.literal(recorded_at.replace(tzinfo=None)),
        "stage": KINDS[kind].stage,
        **columns,
    }
    selected = {
        name: ibis.null(column_type)
        if given.get(name) is None
        else ibis.literal(given[name]).cast(column_type)
        if not isinstance(given[name], Value)
        else given[name].cast(column_type)
        for name, column_type in FACT_SCHEMA.items()
    }
    return rows.filter(moment.at.notnull()).select(**selected)


def union(parts: list[Table]) -> Table:
    """Return all facts of several tables, one after the other."""
    return parts[0] if len(parts) == 1 else ibis.union(*parts, distinct=False)


def as_lines(facts: Table) -> Table:
    """Return facts as they are written to JSON Lines: moments in ISO form with Z, attributes as an object."""
    moments = {
        name: facts[name].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for name, column_type in FACT_SCHEMA.items()
        if column_type.startswith("timestamp")
    }
    return facts.mutate(**moments, attributes=facts.attributes.cast("json"))
