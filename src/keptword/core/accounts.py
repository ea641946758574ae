"""The accounts: what was posted to each line of each user, summed exactly, and what is left of it on a day."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, cast

import ibis
from ibis.expr.types import BooleanValue, Column, DateValue, FloatingValue, IntegerValue, Table, TimestampValue, Value

from keptword.core.lines import Line, Threshold
from keptword.core.postings import (
    LONGEST_OVERDUE,
    NEVER_DONE,
    POSTED,
    WORST_LATE,
    posted_one,
    weight,
    weight_column,
)
from keptword.core.promises import AsOf

_SIGNS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_MEASURED: Final = {"amount": "amount", "minutes": "seconds", "steps": "steps"}
"""The column of a fact that holds each magnitude."""


def fact_sums(facts: Table, *, lines: Iterable[Line], weights: Table) -> Table:
    """Sum what facts post to the accounts: one row per `user_key` with any fact, one `POSTED` column per line.

    `weights` is `postings.weight_rows` and has a row for every `occurred_on`. A posting is its magnitude times the
    weight of its day, rounded to twelve decimals before it is summed, so that the sums are exact in any order. A
    line without postings is 0; a fact without the magnitude (no amount, no seconds) posts nothing. `amount` is
    taken as it stands: it is in the business's currency when it comes here. Facts without a `user_key` are nobody's.
    """
    posting = [line for line in lines if line.outcome is None]
    read = {"kind", *(_MEASURED[line.magnitude] for line in posting if line.magnitude in _MEASURED)}
    read |= {line.where.column for line in posting if line.where}
    known = facts.filter(facts.user_key.notnull()).select("user_key", "occurred_on", *sorted(read))
    used = sorted({_weight(line) for line in posting})
    rows = known.inner_join(weights.select("day", *used), known.occurred_on == weights.day)
    return _summed(rows, {line.name: _applies(rows, line).ifelse(_posting(rows, line), None) for line in posting})


def promise_sums(promises: Table, *, lines: Iterable[Line], weights: Table, severities: Table, as_of: AsOf) -> Table:
    """Sum what promises post to the accounts: one row per `user_key` with any such posting, as `fact_sums`.

    `promises` is `promises.outcomes` as of the same day, `severities` is `postings.severity_rows`.

    A promise kept posts one on the day it was kept: as kept early where that was a day or more before it was due,
    else as kept. A promise that failed posts its severity on the day it was due, or on the day it was said to be
    broken, where that was before or where it had no due day. Severity goes by the days it came late, or is
    overdue by the end of the day; it is `NEVER_DONE` where the promise was said to be broken and not done, or is
    overdue for more than `LONGEST_OVERDUE` days. Where a promise names an hour its days are of 24 hours, each counted
    once begun, and its day is that of UTC. Open and released promises post nothing.
    """
    posting = [line for line in lines if line.outcome is not None]
    judged = _posted_promises(promises, severities=severities, as_of=as_of)
    used = sorted({_weight(line) for line in posting})
    rows = judged.inner_join(weights.select("day", *used), judged.posted_on == weights.day)
    posted = {line.name: (rows.posts == line.outcome).ifelse(_posting(rows, line), None) for line in posting}
    return _summed(rows, posted)


def added(*sums: Table) -> Table:
    """Add sums of the same anchor exactly: one row per `user_key` of any of them, one column per line of any of them.

    Sums of old facts and of new ones, of facts and of promises: a user or line that one of them lacks is 0 there.
    """
    names = list(dict.fromkeys(name for each in sums for name in _line_names(each)))
    parts = [each.select("user_key", **{name: _sum_of(each, name) for name in names}) for each in sums]
    rows = ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
    return _summed(rows, {name: rows[name] for name in names})


def negated(sums: Table) -> Table:
    """Return the sums with the other sign: added to books that hold the same postings, it takes them back exactly."""
    return sums.select("user_key", **{name: (-cast(Any, sums[name])).cast(POSTED) for name in _line_names(sums)})


def balances(sums: Table, *, lines: Iterable[Line], anchor: date, as_of: date) -> Table:
    """Return what is left of each line on a day: one row per `user_key`, one double column per line of the sums.

    The sum times 2^((anchor - as_of) / half-life) (model 3.1), in the line's own unit: nothing is scaled.
    """
    days = (anchor - as_of).days
    left = {
        line.name: cast(FloatingValue, sums[line.name].cast("float64")) * weight(days, half_life=line.half_life_days)
        for line in lines
        if line.name in sums.columns
    }
    return sums.select("user_key", **left)


def _summed(rows: Table, postings: dict[str, Value]) -> Table:
    sums = {name: cast(Any, each).sum().coalesce(_zero()).cast(POSTED) for name, each in postings.items()}
    return rows.group_by("user_key").agg(**sums)


def _line_names(sums: Table) -> list[str]:
    return [name for name in sums.columns if name != "user_key"]


def _sum_of(sums: Table, name: str) -> Value:
    return cast(Value, sums[name].cast(POSTED)) if name in sums.columns else _zero()


def _zero() -> Value:
    return ibis.literal(Decimal(0), type=POSTED)


def _weight(line: Line) -> str:
    return (posted_one if line.magnitude == "one" else weight_column)(line.half_life_days)


def _applies(rows: Table, line: Line) -> BooleanValue:
    kinds: Sequence[str] = line.kinds
    of_kind = rows.kind == kinds[0] if len(kinds) == 1 else rows.kind.isin(kinds)
    return of_kind & _meets(rows, line.where) if line.where else of_kind


def _meets(rows: Table, where: Threshold) -> BooleanValue:
    return cast(BooleanValue, _SIGNS[where.sign](rows[where.column], where.bound))


def _posting(rows: Table, line: Line) -> Value:
    """Return what a row posts to a line: its magnitude times the weight of its day, rounded."""
    of_day = cast(Any, rows[_weight(line)])
    if line.magnitude == "one":
        return cast(Value, of_day)
    measured = cast(Any, rows[_MEASURED.get(line.magnitude, "severity")]).cast("float64")
    if line.magnitude == "minutes":
        measured = measured / 60.0
    return cast(Value, (measured * of_day).round(12).cast(POSTED))


def _posted_promises(promises: Table, *, severities: Table, as_of: AsOf) -> Table:
    """Return one row per promise that posts: `user_key`, `posts` (an outcome of `lines`), `posted_on`, `severity`."""
    rows = promises.filter(promises.user_key.notnull() & promises.outcome.isin(["kept", "late", "broken"]))
    rows = rows.mutate(due_day=ibis.coalesce(rows.due_on, rows.due_at.date(), rows.broken_on))
    never = (rows.outcome == "broken") & rows.broken_on.notnull()
    days = _days_late(rows, as_of=as_of)
    rows = rows.mutate(
        posts=ibis.cases(
            ((rows.outcome == "kept") & _early(rows), "promise:early"),
            (rows.outcome == "kept", "promise:kept"),
            else_="promise:failed",
        ),
        posted_on=_posted_on(rows),
        never=never | ((rows.outcome == "broken") & (days > LONGEST_OVERDUE)).coalesce(False),
        days_late=ibis.cases((days < 0, 0), (days > WORST_LATE, WORST_LATE), else_=days).cast("int64"),
    )
    joined = rows.left_join(severities, "days_late")
    return joined.select(
        "user_key", "posts", "posted_on", severity=joined.never.ifelse(NEVER_DONE, joined.severity).cast("float64")
    )


def _early(rows: Table) -> BooleanValue:
    """Return whether a promise was kept a day or more before it was due; never for one without a due moment."""
    by_day = rows.kept_on < rows.due_on
    by_hour = rows.kept_at <= rows.due_at - ibis.interval(days=1)
    return cast(BooleanValue, rows.due_on.notnull().ifelse(by_day, by_hour).coalesce(False))


def _posted_on(rows: Table) -> DateValue:
    said = rows.broken_on.notnull() & (rows.outcome == "broken") & (rows.broken_on < rows.due_day)
    failed = said.ifelse(rows.broken_on, rows.due_day)
    # A due day before the promise was made is a slip of whoever wrote it: nothing fails before it is promised.
    failed = (failed < rows.made_on).ifelse(rows.made_on, failed)
    return cast(DateValue, (rows.outcome == "kept").ifelse(rows.kept_on, failed))


def _days_late(rows: Table, *, as_of: AsOf) -> IntegerValue:
    """Return the days between due and done, or the end of the day: whole ones, or begun ones where an hour is named."""
    by_day = ibis.coalesce(rows.kept_on, ibis.literal(as_of.day)).delta(rows.due_day, unit="day")
    until = ibis.coalesce(rows.kept_at, ibis.literal(as_of.at, type="timestamp(6)"))
    begun = (_second_of_day(until) > _second_of_day(rows.due_at)).ifelse(1, 0)
    by_hour = until.date().delta(rows.due_at.date(), unit="day") + begun
    named = rows.due_on.isnull() & rows.due_at.notnull()
    return cast(IntegerValue, named.ifelse(by_hour, by_day))


def _second_of_day(at: TimestampValue) -> Column:
    # Cut to the second first: the second of a moment comes with its fraction on one engine and without on another.
    whole = at.truncate("s")
    return cast(Column, whole.hour() * 3600 + whole.minute() * 60 + whole.second())
