"""What all sources of orders share: which orders are no customer's, and the traits an order is known by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import ibis
from ibis.expr.types import DecimalValue, StringValue

from keptword.engines.functions import list_to_json, regexp_matches, text_to_json

LEFT_OUT: Final = ("test", "staff", "wholesale", "zero value")
"""Why an order is left out, in the order in which the reasons are tried."""


def left_out_reason(*, total: DecimalValue, tags: StringValue, payment: StringValue, source: StringValue) -> StringValue:
    """Return why an order is no customer's, one of `LEFT_OUT`, or nothing where it is one."""
    tag = tags.lower().coalesce("")
    paid_by = payment.lower().coalesce("")
    through = source.lower().coalesce("")
    is_test = regexp_matches(tag, r"(^|,)\s*(test|test[- ]order|testing)\s*(,|$)") | regexp_matches(
        paid_by, r"bogus|^test\b"
    )
    is_staff = regexp_matches(tag, r"\b(staff|employee|employees)\b")
    is_wholesale = regexp_matches(tag, r"\b(wholesale|b2b)\b") | regexp_matches(through, r"\b(wholesale|b2b)\b")
    return cast(
        StringValue,
        ibis.cases(
            (is_test, "test"), (is_staff, "staff"), (is_wholesale, "wholesale"), (total == 0, "zero value"), else_=None
        ),
    )


def traits_json(single: Mapping[str, StringValue], several: Mapping[str, ibis.expr.types.ArrayValue]) -> StringValue:
    """Return the traits as a JSON object: a text each for `single`, a list of texts each for `several`; none empty."""
    members = [f'"{name}":' + text_to_json(value) for name, value in single.items()] + [
        f'"{name}":' + list_to_json(values) for name, values in several.items()
    ]
    return cast(StringValue, "{" + ibis.literal(",").join(members) + "}")
