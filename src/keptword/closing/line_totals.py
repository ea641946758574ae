"""The lines of all accounts together at two closings: what was added, corrected and faded between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from functools import reduce
from typing import Any, Final, cast

import ibis
from ibis.expr.types import Table

from keptword.closing.between import Movements, corrected, end_of
from keptword.closing.compute import ACCOUNT_SCHEMA, Closer, Weighing
from keptword.closing.sealed import Sealed
from keptword.core.accounts import added, negated
from keptword.core.lines import Line, lines
from keptword.core.postings import anchor_of, weight, weight_rows, weight_schema
from keptword.core.promises import AsOf
from keptword.engines.duckdb import Engine

PLACES: Final = Decimal("0.000001")
"""A balance is told to six places; what a statement adds up has been rounded to them before."""

_REACH: Final = Context(prec=200)


@dataclass(frozen=True)
class LineTotal:
    """One line of all accounts together, in its own unit, to six places.

    `before` + `added` + `corrected` + `faded` = `after`, exactly. What was added counts in full; what was corrected
    as much as was left of it on the earlier closing's day; `faded` is the rest.
    """

    line: Line
    before: Decimal
    added: Decimal
    corrected: Decimal
    faded: Decimal
    after: Decimal


def line_totals(closer: Closer, moved: Movements, *, before: Sealed | None, now: Sealed) -> tuple[LineTotal, ...]:
    """Return the lines of all accounts together at two closings, and what made the one of the other.

    Sums stand at 1 January of their closing's year. Before they are compared each is told as what is left of it on
    its closing's day, so that a year's end between them changes nothing.
    """
    starts, ends = (_balances(closer, each) for each in (before, now))
    news, corrections = _posted_between(closer, moved)
    none = Decimal(0)
    found = []
    for line in lines():
        begin, end = starts.get(line.name, none), ends.get(line.name, none)
        plus, mended = news.get(line.name, none), corrections.get(line.name, none)
        found.append(LineTotal(line, begin, plus, mended, faded=end - begin - plus - mended, after=end))
    return tuple(found)


def left_of(posted: Decimal, *, line: Line, anchor: date, as_of: date) -> Decimal:
    """Return what is left on a day of what was posted at an anchor: exact, so that parts add up to the whole."""
    return _REACH.multiply(posted, Decimal(weight((anchor - as_of).days, half_life=line.half_life_days)))


def added_up(values: Iterable[Decimal]) -> Decimal:
    """Return the exact sum of what `left_of` gave."""
    return reduce(_REACH.add, values, Decimal(0))


def rounded(value: Decimal) -> Decimal:
    """Return a number to six places."""
    return value.quantize(PLACES, context=_REACH)


def _balances(closer: Closer, sealed: Sealed | None) -> dict[str, Decimal]:
    if sealed is None:
        return {}
    accounts = sealed.table(closer.engine, "accounts")
    totals = _totalled(closer.engine, accounts)
    anchor, day = anchor_of(sealed.input.day), sealed.input.day
    return {
        line.name: rounded(left_of(totals[line.name], line=line, anchor=anchor, as_of=day))
        for line in lines()
        if line.name in totals
    }


def _totalled(engine: Engine, sums: Table) -> dict[str, Decimal]:
    names = [name for name in sums.columns if name in ACCOUNT_SCHEMA and name != "user_key"]
    row = engine.rows(sums.agg(**{name: cast(Any, sums[name]).sum() for name in names}))[0]
    return {name: Decimal(value or 0) for name, value in row.items()}


def _posted_between(closer: Closer, moved: Movements) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Return what was added and what was corrected, by line; what was corrected by what was left."""
    engine, day = closer.engine, moved.from_day
    fresh, gone = moved.fresh, moved.gone
    ends, starts = closer.as_of, end_of(closer, day)
    if day is None:
        news = added(_face(closer, fresh, day), _promise_face(closer, moved.now, day, as_of=ends))
        return _rounded(_totalled(engine, news)), {}
    late = engine.create("corrected", corrected(moved))
    pair = ["promise_id", "promise_kind"]
    in_time = fresh.occurred_on > ibis.literal(day)
    news = added(
        _face(closer, fresh.filter(in_time), day),
        _promise_face(closer, moved.now.anti_join(late, pair), day, as_of=ends),
        negated(_promise_face(closer, moved.before.anti_join(late, pair), day, as_of=starts)),
    )
    mended = added(
        _face(closer, fresh.filter(~in_time), day),
        negated(_face(closer, gone, day)),
        _promise_face(closer, moved.now.semi_join(late, pair), day, as_of=ends),
        negated(_promise_face(closer, moved.before.semi_join(late, pair), day, as_of=starts)),
    )
    return _rounded(_totalled(engine, news)), _rounded(_totalled(engine, mended))


def _rounded(values: dict[str, Decimal]) -> dict[str, Decimal]:
    return {name: rounded(value) for name, value in values.items()}


def _face(closer: Closer, facts: Table, day: date | None) -> Table:
    """Sum what facts post: in full, or where they are of `day` or before, what was left of it then."""
    theirs = facts.filter(facts.user_key.notnull())
    return closer.posted(_as_one(theirs), weights=_faces(closer, day))


def _promise_face(closer: Closer, book: Table, day: date | None, *, as_of: AsOf) -> Table:
    theirs = book.filter(book.user_key.notnull())
    return closer.posted_by(_as_one(theirs), as_of=as_of, weights=_faces(closer, day))


def _as_one(rows: Table) -> Table:
    """The rows as of one account for everybody, where only the total is wanted."""
    return rows.mutate(user_key=ibis.literal("all"))


def _faces(closer: Closer, day: date | None) -> Weighing:
    """Return what puts weights into the engine that are 1 after a day, and up to it what was left then."""

    def weights(first: date, last: date) -> Table:
        until = day or first - timedelta(days=1)
        begin = min(first, until)
        known = weight_rows(lines(), anchor=until, first=begin, last=until)
        rows = [row for row in known if cast(date, row[0]) <= until]
        whole = rows[-1][1:]
        rows += [(until + timedelta(days=number), *whole) for number in range(1, (last - until).days + 2)]
        return closer.engine.put("faces", weight_schema(lines()), rows=rows)

    return weights
