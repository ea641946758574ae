"""What an expression may not hold if a second engine is to give the same answer."""

from __future__ import annotations

from typing import Any, Final

import ibis
import ibis.expr.operations as ops

_REFUSED: Final[tuple[tuple[type, str], ...]] = (
    (ops.First, "an ordered aggregate; use row_number"),
    (ops.Last, "an ordered aggregate; use row_number"),
    (ops.ArrayCollect, "an ordered aggregate; use row_number"),
    (ops.GroupConcat, "an ordered aggregate; use row_number"),
    (ops.ExtractEpochSeconds, "seconds since 1970, with their fraction on one engine and without on another"),
    (ops.JSONGetItem, "a look into JSON; make it a column on the way in"),
    (ops.ToJSONArray, "a look into JSON; make it a column on the way in"),
    (ops.ToJSONMap, "a look into JSON; make it a column on the way in"),
    (ops.UnwrapJSONString, "a look into JSON; make it a column on the way in"),
    (ops.Hash, "a hash, which every engine computes its own way"),
    (ops.HashBytes, "a hash, which every engine computes its own way"),
    (ops.ApproxCountDistinct, "an approximation, which every engine makes its own way"),
    (ops.ApproxMedian, "an approximation, which every engine makes its own way"),
    (ops.ApproxQuantile, "an approximation, which every engine makes its own way"),
    (ops.TimestampDelta, "a difference of moments; join whole days, or seconds of the day"),
    (ops.TimestampDiff, "a difference of moments; join whole days, or seconds of the day"),
    (ops.ScalarUDF, "a function of one engine's own; use it only where files are read"),
    (ops.AggUDF, "a function of one engine's own; use it only where files are read"),
)
"""Operations tried on DuckDB and Spark and found missing on one, or answered otherwise (design: measured before)."""


def refused(expression: ibis.Expr) -> list[str]:
    """Return why an expression cannot be carried to a second engine, one sentence a cause; none where it can."""
    found: list[str] = []
    for node in expression.op().find(ops.Node):
        reasons = [reason for kind, reason in _REFUSED if isinstance(node, kind)]
        reasons += _refused_cast(node) + _refused_join(node)
        found.extend(f"{type(node).__name__} is {reason}." for reason in reasons)
    return sorted(set(found))


def _refused_cast(node: Any) -> list[str]:
    if not isinstance(node, ops.Cast):
        return []
    into, out_of = node.to, node.arg.dtype
    if into.is_timestamp() and into.timezone is not None:
        return ["a cast to a named time zone; decide the local day on the way in"]
    if into.is_integer() and out_of.is_floating():
        return ["a cast of a fraction to a whole number, rounded here and cut off there"]
    return []


def _refused_join(node: Any) -> list[str]:
    if isinstance(node, ops.JoinLink) and node.how == "asof":
        return ["an as-of join; join on a range and keep the last with row_number"]
    return []
