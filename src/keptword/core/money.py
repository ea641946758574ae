"""Money of other currencies told in the business's own: by dated rates, never by a guess."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from keptword.core.exact import MONEY, sum_of

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, DecimalValue, Table

OLDEST_RATE_DAYS: Final = 7
"""How old a rate may be: banks publish none on weekends and holidays."""

EURO: Final = "EUR"

RATE_SCHEMA: Final = {
    "currency": "string",
    "day": "date",
    "factor": "decimal(19, 8)",
    "factor_rest": "decimal(19, 19)",
}
"""The table of `rate_rows`: units of the own currency for one of `currency` on `day` are `factor` + `factor_rest`.

A decimal of 19 digits is the widest that an amount can be multiplied with exactly on every engine. Two of them carry
19 places and still hold a currency of which a million go to a euro.
"""

# Twelve places are kept until both parts are added; then it is rounded, half away from zero, to the four of an amount.
_PART: Final = "decimal(30, 12)"

_REACH: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
_FINEST: Final = Decimal("1e-19")
_COARSE: Final = Decimal("1e-8")
_LARGEST_FACTOR: Final = Decimal("1e11")


class Rate(NamedTuple):
    """What one euro was worth on a day, in units of a currency, and who says so."""

    day: date
    per_eur: Decimal
    source: str


@dataclass(frozen=True)
class Rates:
    """A dated table of rates: for each currency its rates, one a day, in the order of days."""

    by_currency: Mapping[str, tuple[Rate, ...]]

    def on(self, currency: str, *, day: date) -> Rate | None:
        """Return the rate of a day, or of the last day before it, at most `OLDEST_RATE_DAYS` earlier; else None."""
        if currency == EURO:
            return Rate(day, Decimal(1), "a euro is a euro")
        rates = self.by_currency.get(currency, ())
        place = bisect_right(rates, day, key=lambda rate: rate.day)
        last = rates[place - 1] if place else None
        return last if last and day - last.day <= timedelta(days=OLDEST_RATE_DAYS) else None

    def factor(self, currency: str, *, into: str, day: date) -> Decimal | None:
        """Return how many units of `into` one unit of `currency` is worth on a day, rounded to 19 places.

        By way of the euro; each of the two rates is the last one known on that day. None where one is missing.
        """
        if currency == into:
            return Decimal(1)
        own, other = self.on(into, day=day), self.on(currency, day=day)
        if own is None or other is None:
            return None
        return _REACH.quantize(_REACH.divide(own.per_eur, other.per_eur), _FINEST)

    def digest(self, *, until: date) -> str:
        """Return the SHA-256 of the rates up to the end of a day, in hexadecimal: equal rates, equal digest."""
        seen = hashlib.sha256()
        for currency, rates in sorted(self.by_currency.items()):
            for rate in rates[: bisect_right(rates, until, key=lambda rate: rate.day)]:
                seen.update(f"{currency} {rate.day} {rate.per_eur.normalize(_REACH):f}\n".encode())
        return seen.hexdigest()


NO_RATES: Final = Rates({})


def rate_rows(
    rates: Rates, *, currency: str, first: date, last: date, of: Iterable[str] | None = None
) -> list[tuple[str, date, Decimal, Decimal]]:
    """Return the rates into `currency` for each day from `first` to `last`: rows of `RATE_SCHEMA`, in order.

    One row per currency and day; none where no rate is known that is recent enough, none for `currency` itself.
    `of` names the currencies wanted, all known ones where it is not given.
    """
    known = {*rates.by_currency, EURO}
    wanted = sorted((known if of is None else known & set(of)) - {currency})
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = ((each, day, rates.factor(each, into=currency, day=day)) for each in wanted for day in days)
    return [(each, day, *_parts(factor)) for each, day, factor in found if factor and factor < _LARGEST_FACTOR]


def _parts(factor: Decimal) -> tuple[Decimal, Decimal]:
    coarse = factor.quantize(_COARSE, ROUND_DOWN, _REACH)
    return coarse, _REACH.subtract(factor, coarse)


def in_own_currency(facts: Table, rates: Table, *, currency: str) -> Table:
    """Add `own_amount` and `own_cost`, decimal(18, 4), to the facts: their money in the business's currency.

    One row per fact, in and out. `rates` has the columns of `RATE_SCHEMA`, into `currency`, for the days of the facts.
    Money whose currency is not named counts as the business's own. Empty where there is no money, where no rate is
    known for it, and where it comes to more than an amount can hold.
    """
    has_money = facts.amount.notnull() | facts.cost.notnull()
    is_named = has_money & facts.currency.notnull() & ~facts.currency.isin(["", currency])
    # Most facts have no money, or the business's own: they look for no rate.
    told = facts.mutate(money_in=is_named.ifelse(facts.currency.upper(), None))
    day = rates.select(money_in="currency", rate_on="day", factor="factor", factor_rest="factor_rest")
    joined = told.left_join(day, ["money_in", told.occurred_on == day.rate_on])
    is_own = cast("BooleanValue", joined.money_in.isnull() | (joined.money_in == currency))
    converted = {
        own: is_own.ifelse(joined[column], _converted(joined, column))
        for own, column in (("own_amount", "amount"), ("own_cost", "cost"))
    }
    return joined.mutate(**converted).select(*facts.columns, *converted)


def _converted(joined: Table, column: str) -> DecimalValue:
    money = joined[column].cast(MONEY)
    parts = [(money * factor).try_cast(_PART) for factor in (joined.factor, joined.factor_rest)]
    return cast("DecimalValue", (parts[0] + parts[1]).try_cast(MONEY))


def missing_rates(booked: Table) -> Table:
    """Return the money that could not be told in the business's currency: one row per currency, in its order.

    `booked` is what `in_own_currency` returned. Columns: `currency`, `entries`, `first_on`, `last_on`, and `amount`,
    decimal(38, 4): what the amounts left out come to, in that currency.
    """
    no_amount = booked.amount.notnull() & booked.own_amount.isnull()
    no_cost = booked.cost.notnull() & booked.own_cost.isnull()
    without = booked.filter(no_amount | no_cost)
    without = without.mutate(left_out=without.own_amount.isnull().ifelse(without.amount, None))
    counted = without.group_by(currency=without.currency.upper()).agg(
        entries=without.count(),
        first_on=without.occurred_on.min(),
        last_on=without.occurred_on.max(),
        amount=sum_of(without.left_out),
    )
    return counted.order_by("currency")
