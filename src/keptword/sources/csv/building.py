"""Makes facts of rows: one expression for all facts of a mapping, so that the rows are gone through once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, cast

import ibis
from ibis.expr.types import ArrayValue, BooleanValue, StringValue, Table, Value

from keptword.core.schema import FACT_SCHEMA, KINDS
from keptword.sources.csv.expressions import Cells, any_of
from keptword.sources.csv.fields import currency, lacking, number, reason_of, score, spent, when
from keptword.sources.csv.grammar import Column
from keptword.sources.csv.mapping import FactSpec, Mapping, PromiseSpec, TextSpec
from keptword.sources.csv.shaping import FILE, Fault
from keptword.sources.orders import traits_json

NUMBER: Final = "__fact"
"""The column that says which [[fact]] table of the mapping a fact is made by, from 1."""


@dataclass(frozen=True)
class Built:
    """One [[fact]] table over the rows: whether a row is to give a fact, why it cannot, and the fact's columns."""

    spec: FactSpec
    is_wanted: BooleanValue
    is_gap: BooleanValue
    reason: StringValue
    columns: dict[str, Any] = field(default_factory=dict)

    @property
    def is_given(self) -> BooleanValue:
        """Whether a row gives this fact."""
        return self.is_wanted & self.reason.isnull()


def built(cells: Cells, mapping: Mapping) -> list[Built]:
    """Return what each [[fact]] table of the mapping makes of the rows."""
    return [_built(replace(cells, place=spec.place), spec, mapping.name) for spec in mapping.facts]


def left_out_reason(cells: Cells, mapping: Mapping) -> StringValue:
    """Return why a row is left out by rule, or nothing."""
    rules = [
        (replace(cells, place=f"[[leave_out]] number {number}").holds(rule.condition), ibis.literal(rule.reason))
        for number, rule in enumerate(mapping.leave_out, start=1)
    ]
    return cast(StringValue, ibis.cases(*rules, else_=None) if rules else ibis.null("string"))


def _built(cells: Cells, spec: FactSpec, name: str) -> Built:
    at = when(cells, spec.when)
    is_wanted = at.is_filled if spec.condition is None else at.is_filled & cells.holds(spec.condition)
    own_id = cells.text(spec.id)
    columns: dict[str, Any] = {
        "fact_id": f"{name}/{spec.kind}/" + own_id,
        "kind": spec.kind,
        "occurred_at": at.moment.at,
        "occurred_on": at.moment.on,
        "clock_seconds": at.moment.clock_seconds,
        "stage": KINDS[spec.kind].stage,
        "subject": None if spec.subject is None else cells.text(spec.subject),
        "user_key": _person(cells, spec.user),
        "other_user": _person(cells, spec.other_user),
        "channel": None if spec.channel is None else cells.text(spec.channel),
        "attributes": _attributes(cells, spec),
    }
    faults = [*at.faults, lacking(own_id, f'Its id, "{spec.id.text}", has an empty part.')]
    faults += _numbers(cells, spec, columns)
    if spec.promise is not None:
        faults += _promise(cells, spec, spec.promise, columns=columns, fallback=name, own_id=own_id)
    for column in KINDS[spec.kind].required:
        if isinstance(columns.get(column), Value):
            faults.append(lacking(columns[column], f"Its {_SPOKEN.get(column, column)} is empty."))
    if spec.agreed is not None:
        agreed = ibis.literal(spec.agreed) if isinstance(spec.agreed, bool) else cells.holds(spec.agreed)
        faults.append((~agreed, ibis.literal(_NOT_AGREED)))
    return Built(spec, is_wanted, at.is_gap, reason_of(faults), columns)


_SPOKEN: Final = {"user_key": "user", "other_user": "other user", "promise_id": "promise's id", "due_at": "due moment"}
_NOT_AGREED: Final = (
    "The customer did not agree to it by an act of their own, so it changes nothing: what is late stays late."
)


def _person(cells: Cells, spec: TextSpec | None) -> StringValue | None:
    return None if spec is None else cells.person(spec)


def _numbers(cells: Cells, spec: FactSpec, columns: dict[str, Any]) -> list[Fault]:
    """Fill in money, effort and rating, and return what would make them unreadable."""
    faults: list[Fault] = []

    def put(column: str, read: tuple[Value, list[Fault]]) -> None:
        columns[column] = read[0]
        faults.extend(read[1])

    if spec.amount is not None:
        put("amount", number(cells, spec.amount, shown="amount"))
    if spec.cost is not None:
        put("cost", number(cells, spec.cost, shown="cost"))
    if spec.currency is not None and (spec.amount or spec.cost):
        put("currency", currency(cells, spec.currency))
    if spec.seconds is not None:
        put("seconds", spent(cells, spec.seconds, field="seconds"))
    if spec.steps is not None:
        put("steps", spent(cells, spec.steps, field="steps"))
    if spec.score is not None:
        put("score", score(cells, spec.score))
    return faults


def _promise(
    cells: Cells, spec: FactSpec, promise: PromiseSpec, *, columns: dict[str, Any], fallback: str, own_id: StringValue
) -> list[Fault]:
    """Fill in which promise it is and when it falls due, and return what would make that unreadable."""
    if promise.id is not None:
        columns["promise_id"] = cells.text(promise.id)
    else:
        columns["promise_id"] = f"{fallback}/{promise.kind}/" + own_id
    if spec.kind == "promise.made":
        columns["promise_kind"] = promise.kind
    if promise.due is None:
        return []
    due = when(cells, promise.due)
    columns["due_at"], columns["due_on"] = due.due(cells, day=promise.due_is_day)
    faults = list(due.faults)
    if not promise.vague:
        shown = " or ".join(promise.due.texts)
        faults.append((~due.is_filled, ibis.literal(f'"{shown}" is empty, and it says when the promise falls due.')))
    return faults


def _attributes(cells: Cells, spec: FactSpec) -> StringValue | None:
    """Return the traits as JSON, and the raw answer of a rating."""
    single: dict[str, StringValue] = {}
    several: dict[str, ArrayValue] = {}
    for name, trait in spec.traits:
        parts = cells.names.text(trait.text, place=cells.place).parts if trait.text is not None else ()
        column = parts[0] if len(parts) == 1 and not isinstance(parts[0], str) else None
        if column is not None and cells.own(column).type().is_array():
            several[name] = cast(ArrayValue, cells.own(column))
        else:
            single[name] = cells.text(trait)
    if spec.score is not None and spec.score.text is not None:
        tree = cells.names.formula(spec.score.text, place=cells.place)
        if isinstance(tree, Column):
            single["rating"] = cells.shown(cells.names.find(tree.name, place=cells.place))
    return traits_json(single, several) if single or several else None


def facts_of(
    cells: Cells, made: Sequence[Built], *, recorded_at: datetime, files: Sequence[str], left_out: StringValue
) -> Table:
    """Return all facts, with the schema's columns in their order, and `FILE`, `line` and `NUMBER`.

    The rows are gone through once: each gives a list of facts, which is then spread out. What is the same for all
    facts of a row stands beside that list.
    """
    table = cells.table
    shared: dict[str, Value] = {
        "recorded_at": ibis.literal(recorded_at.replace(tzinfo=None)),
        "source": file_name(table, files) + ":" + table.line.cast("string"),
    }
    own: dict[str, list[Value]] = {}
    for column, kind in FACT_SCHEMA.items():
        if column in shared:
            continue
        values = [_typed(one.columns.get(column), kind) for one in made]
        if all(value.equals(values[0]) for value in values):
            shared[column] = values[0]
        else:
            own[column] = values
    entries = [
        ibis.struct({NUMBER: ibis.literal(one.spec.number, "int32"), **{column: own[column][place] for column in own}})
        for place, one in enumerate(made)
    ]
    given = [one.is_given.ifelse(entry, None) for one, entry in zip(made, entries, strict=True)]
    # What is worked out beside an unnested list is worked out for each of its items, so it comes a step before.
    gathered = table.filter(left_out.isnull()).select(
        FILE,
        "line",
        **{name: value.cast(FACT_SCHEMA[name]) for name, value in shared.items()},
        __facts=ibis.array(given),
    )
    spread = gathered.select(FILE, "line", *shared, __one=gathered["__facts"].unnest())
    spread = spread.filter(spread["__one"].notnull())
    one = spread["__one"]
    return spread.select(
        **{column: spread[column] if column in shared else one[column] for column in FACT_SCHEMA},
        **{FILE: spread[FILE], "line": spread.line, NUMBER: one[NUMBER]},
    )


def _typed(value: Any, kind: str) -> Value:
    if value is None:
        return ibis.null(kind)
    return cast(Value, value if isinstance(value, Value) else ibis.literal(value)).cast(kind)


def file_name(table: Table, files: Sequence[str]) -> StringValue:
    """Return the name of the file a row comes from."""
    if len(files) == 1:
        return ibis.literal(files[0])
    return cast(StringValue, ibis.cases(*((table[FILE] == place, name) for place, name in enumerate(files)), else_=""))


def checks_of(cells: Cells, made: Sequence[Built], *, left_out: StringValue) -> Table:
    """Return the rows of which something is to be told.

    One row each: `FILE`, `line`, `reason` (what is refused of it, and why), `left_out` (by which rule), `is_gap` (an
    hour that clocks skipped), `is_nothing` (it gives no fact, and nothing of it is refused).
    """
    table = cells.table
    reasons = [one.is_wanted.ifelse(one.reason, None) for one in made]
    is_out = left_out.notnull()
    told = table.select(
        FILE,
        "line",
        left_out=left_out,
        is_gap=any_of([one.is_given & one.is_gap for one in made]) & ~is_out,
        is_nothing=~any_of([one.is_wanted for one in made]) & ~is_out,
        reasons=ibis.array([is_out.ifelse(None, reason) for reason in reasons]),
    )
    reason = told.reasons.filter(lambda one: one.notnull()).unique().sort()
    told = told.mutate(reason=(reason.length() > 0).ifelse(reason.join(" "), None)).drop("reasons")
    return told.filter(told.reason.notnull() | told.left_out.notnull() | told.is_gap | told.is_nothing)
