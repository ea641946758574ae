"""Compares a sealed table with the same one computed anew, row by row and to the last digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis
from ibis.expr.types import Table

from keptword.engines.duckdb import Engine

LISTED: Final = 20
"""How many disagreements are told one by one; the rest are counted."""


@dataclass(frozen=True)
class Difference:
    """One row that is not the same: what tells it apart, and for each column that differs what either side says.

    `sealed` or `again` is None where that side has no such row.
    """

    key: Mapping[str, Any]
    sealed: Mapping[str, Any] | None
    again: Mapping[str, Any] | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that differ; none where one side has no such row."""
        if self.sealed is None or self.again is None:
            return ()
        return tuple(name for name in self.sealed if self.sealed[name] != self.again.get(name))


@dataclass(frozen=True)
class Compared:
    """A table compared: how many rows were sealed, the first differences, how many rows differ in all."""

    rows: int
    differences: tuple[Difference, ...]
    differing: int
    columns: tuple[str, ...] = ()
    """Columns that only one of the two has."""


def compared(engine: Engine, sealed: Table, *, again: Table, by: Sequence[str]) -> Compared:
    """Compare two tables of which `by` tells the rows apart; columns that only one has are named and left out."""
    shared = [name for name in sealed.columns if name in again.columns]
    odd = tuple(sorted(set(sealed.columns) ^ set(again.columns)))
    sealed, again = sealed.select(*shared), again.select(*shared)
    lost = engine.create("lost", sealed.difference(again, distinct=False))
    found = engine.create("found", again.difference(sealed, distinct=False))
    keys = engine.create("keys", ibis.union(lost.select(*by), found.select(*by), distinct=True))
    differing = int(engine.rows(keys.agg(count=keys.count()))[0]["count"])
    rows = int(engine.rows(sealed.agg(count=sealed.count()))[0]["count"])
    if not differing:
        return Compared(rows, (), 0, odd)
    first = engine.create("first", keys.order_by(list(by)).limit(LISTED))
    sides = [_by_key(engine, side, first, by=by) for side in (lost, found)]
    differences = [
        Difference(dict(zip(by, key, strict=True)), sealed=sides[0].get(key), again=sides[1].get(key))
        for key in sorted({*sides[0], *sides[1]}, key=lambda key: [(value is not None, value) for value in key])
    ]
    return Compared(rows, tuple(differences), differing, odd)


def _by_key(engine: Engine, side: Table, first: Table, *, by: Sequence[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    asked = first.rename({f"asked_{name}": name for name in by})
    # Two rows without a channel are of one key, so emptiness is compared too.
    same = [side[name].identical_to(asked[f"asked_{name}"]) for name in by]
    rows = engine.rows(side.inner_join(asked, same).select(*side.columns))
    return {tuple(row[name] for name in by): row for row in rows}
