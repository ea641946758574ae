"""What all sources of orders share: which orders are no customer's, and the traits an order is known by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

import ibis
from ibis.expr.types import ArrayValue, BooleanValue, DecimalValue, StringValue

from keptword.core.problems import KeptwordError
from keptword.core.schema import unknown
from keptword.engines.functions import list_to_json, regexp_matches, text_to_json

LEFT_OUT: Final = ("test", "staff", "wholesale", "zero value")
"""Why an order is left out, in the order in which the reasons are tried."""

_TAGS: Final = {
    "test": r"(^|,)\s*(test|test[- ]order|testing)\s*(,|$)",
    "staff": r"\b(staff|employee|employees)\b",
    "wholesale": r"\b(wholesale|b2b)\b",
}


def left_out_reason(
    *,
    total: DecimalValue,
    tags: StringValue,
    payment: StringValue,
    source: StringValue,
    leave_out: Mapping[str, Any] | None = None,
) -> StringValue:
    """Return why an order is no customer's, one of `LEFT_OUT`, or nothing where it is one.

    `leave_out` is what the owner told in their file of rules: a reason is switched off by false, and a list names
    the tags that tell it instead of the usual ones. Raises `KeptwordError` for a reason nobody knows.
    """
    told = _told(leave_out or {})
    tag = tags.lower().coalesce("")
    through = source.lower().coalesce("")
    found: dict[str, BooleanValue] = {
        "test": regexp_matches(payment.lower().coalesce(""), r"bogus|^test\b"),
        "staff": ibis.literal(False),
        "wholesale": regexp_matches(through, _TAGS["wholesale"]),
        "zero value": cast(BooleanValue, (total == 0).coalesce(False)),
    }
    for reason, usual in _TAGS.items():
        found[reason] = found[reason] | regexp_matches(tag, _tagged(told[reason]) or usual)
    wanted = [(found[reason], reason) for reason in LEFT_OUT if told[reason] is not False]
    return cast(StringValue, ibis.cases(*wanted, else_=None) if wanted else ibis.null("string"))


def _told(leave_out: Mapping[str, Any]) -> dict[str, bool | list[str]]:
    """Return for each reason what the owner told of it: True where nothing."""
    told: dict[str, bool | list[str]] = dict.fromkeys(LEFT_OUT, True)
    for written, value in leave_out.items():
        reason = written.strip().lower().replace("_", " ").replace("-", " ")
        if reason not in told:
            raise KeptwordError(
                "[settings.leave_out]: {why}", why=unknown("reason to leave an order out", written, known=LEFT_OUT)
            )
        tags = isinstance(value, list) and all(isinstance(tag, str) and tag.strip() for tag in value)
        if not isinstance(value, bool) and not (tags and value and reason in _TAGS):
            may = ' or a list of tags such as ["team"]' if reason in _TAGS else ""
            raise KeptwordError(
                '[settings.leave_out]: "{written}" cannot be {value}. Write true, false{may}.',
                written=written,
                value=repr(value),
                may=may,
            )
        told[reason] = value
    return told


def _tagged(tags: bool | list[str]) -> str | None:
    if isinstance(tags, bool):
        return None
    return r"(^|,)\s*(" + "|".join(re.escape(tag.strip().lower()) for tag in tags) + r")\s*(,|$)"


def traits_json(single: Mapping[str, StringValue], several: Mapping[str, ArrayValue]) -> StringValue:
    """Return the traits as a JSON object: a text each for `single`, a list of texts each for `several`; none empty."""
    members = [f'"{name}":' + text_to_json(value) for name, value in single.items()] + [
        f'"{name}":' + list_to_json(values) for name, values in several.items()
    ]
    return cast(StringValue, "{" + ibis.literal(",").join(members) + "}")
