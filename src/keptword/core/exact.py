"""Numbers made exact before they are summed, so that a sum is the same in any order, on any engine."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from ibis.expr.types import DecimalValue, IntegerValue, NumericValue

PLACES: Final = 6
"""Decimal places to which a fraction (seconds, a score) is rounded before it is summed."""

FRACTION: Final = f"decimal(18, {PLACES})"
MONEY: Final = "decimal(18, 4)"
MONEY_SUM: Final = "decimal(38, 4)"

_WHOLE: Final = "decimal(18, 0)"
_WHOLE_SUM: Final = "decimal(38, 0)"


def exact(value: NumericValue) -> DecimalValue:
    """Return a fraction rounded to `PLACES` places; empty where it is no number, or a million million or more."""
    return cast("DecimalValue", value.try_cast(FRACTION))


def sum_of(values: DecimalValue | IntegerValue) -> DecimalValue | IntegerValue:
    """Return the sum of decimals or whole numbers, 0 where there are none; whole numbers give an int64.

    One engine adds whole numbers up to something wider than an int64, which its Parquet files hold as a fraction.
    """
    import ibis

    if not values.type().is_integer():
        total = cast("DecimalValue", values).sum()
        return cast("DecimalValue", total.coalesce(ibis.literal(Decimal(0), type=total.type())))
    wide = values.cast(_WHOLE).sum()
    return cast("IntegerValue", wide.coalesce(ibis.literal(Decimal(0), type=_WHOLE_SUM)).cast("int64"))
