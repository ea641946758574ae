"""Money of other currencies in the business's own: the rate of the day, or of the last day before, never a guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.expr.types import Table

from fact_rows import DAY, day, only_portable, put_facts
from keptword.core.money import RATE_SCHEMA, Rate, Rates, in_own_currency, missing_rates, rate_rows
from keptword.engines.duckdb import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(watch=only_portable) as opened:
        yield opened


def rates_of(**given: dict[int, str]) -> Rates:
    """Rates by currency, day number and value."""
    return Rates(
        {
            currency: tuple(Rate(day(number), Decimal(value), "the bank") for number, value in sorted(rates.items()))
            for currency, rates in given.items()
        }
    )


def booked(engine: Engine, rows: list[dict[str, Any]], *, rates: Rates, currency: str) -> Table:
    days = [row["occurred_on"] for row in rows] or [DAY]
    table = rate_rows(rates, currency=currency, first=min(days), last=max(days))
    return in_own_currency(put_facts(engine, rows), engine.put("rates", RATE_SCHEMA, rows=table), currency=currency)


def own_amounts(engine: Engine, table: Table) -> list[Any]:
    return [row["own_amount"] for row in engine.rows(table.order_by("fact_id"))]


def paid(amount: str | None, currency: str | None, *, on: int = 0, cost: str | None = None) -> dict[str, Any]:
    return {"kind": "order.paid", "occurred_on": day(on), "amount": amount, "cost": cost, "currency": currency}


def test_the_rate_of_the_day_counts_else_the_last_of_seven_days_before(engine):
    """
    Friday 1 EUR = 2 USD, Monday 1 EUR = 4 USD; 8 USD on Thursday, Friday, Sunday, Monday, 7 days later and 8.
    """
    rates = rates_of(USD={1: "2", 4: "4"})
    rows = [paid("8", "USD", on=number) for number in (0, 1, 3, 4, 11, 12)]
    seen = own_amounts(engine, booked(engine, rows, rates=rates, currency="EUR"))
    assert seen == [None, Decimal(4), Decimal(4), Decimal(2), Decimal(2), None]


def test_the_own_currency_and_one_not_named_need_no_rate(engine):
    rows = [paid("8.1234", "EUR"), paid("7", None), paid("6", ""), paid("5", "eur"), paid(None, "EUR", cost="3")]
    rows_back = engine.rows(booked(engine, rows, rates=Rates({}), currency="EUR").order_by("fact_id"))
    assert [row["own_amount"] for row in rows_back] == [Decimal("8.1234"), Decimal(7), Decimal(6), Decimal(5), None]
    assert [row["own_cost"] for row in rows_back] == [None, None, None, None, Decimal(3)]


def test_two_currencies_meet_by_way_of_the_euro(engine):
    """
    1 EUR = 1.1 USD = 0.9 CHF: 11 USD are 9 CHF, 10 EUR are 9 CHF.
    """
    rates = rates_of(USD={0: "1.1"}, CHF={0: "0.9"})
    table = booked(engine, [paid("11", "USD"), paid("10", "EUR")], rates=rates, currency="CHF")
    assert own_amounts(engine, table) == [Decimal(9), Decimal(9)]


def test_every_fact_stays_one_row_with_its_own_columns(engine):
    rates = rates_of(USD={0: "2"})
    table = booked(engine, [paid("8", "USD"), paid("8", "ZZZ"), paid(None, None)], rates=rates, currency="EUR")
    rows = engine.rows(table)
    assert sorted(row["fact_id"] for row in rows) == ["f00000", "f00001", "f00002"]
    assert list(rows[0])[-2:] == ["own_amount", "own_cost"]
    assert table.own_amount.type().precision == 18


def test_what_has_no_rate_is_said_by_currency_and_never_taken_as_one(engine):
    rows = [
        paid("8", "USD"),
        paid("10", "GBP", on=2),
        paid(None, "GBP", on=1, cost="4"),
        paid("2.5", "GBP", on=3),
        paid(None, "ISK"),
        paid("1", "AUD"),
    ]
    table = booked(engine, rows, rates=rates_of(USD={0: "2"}), currency="EUR")
    assert engine.rows(missing_rates(table)) == [
        {"currency": "AUD", "entries": 1, "first_on": day(0), "last_on": day(0), "amount": Decimal(1)},
        {"currency": "GBP", "entries": 3, "first_on": day(1), "last_on": day(3), "amount": Decimal("12.5")},
    ]


def test_more_than_an_amount_can_hold_is_left_out_and_said(engine):
    """Ninety million million dollars in a currency of which a million go to a dollar."""
    rates = rates_of(USD={0: "1"}, IRR={0: "1200000"})
    table = booked(engine, [paid("90000000000000", "USD"), paid("2", "USD")], rates=rates, currency="IRR")
    assert own_amounts(engine, table) == [None, Decimal(2_400_000)]
    assert [row["entries"] for row in engine.rows(missing_rates(table))] == [1]


PER_EUR = st.decimals("0.0001", "2000000", places=4).filter(lambda value: value > 0)
AMOUNT = st.decimals("-99999999", "99999999", places=4)


@settings(max_examples=25)
@given(
    amounts=st.lists(st.tuples(AMOUNT, st.sampled_from(["USD", "GBP", "EUR", None]), st.integers(0, 20)), max_size=20),
    given_rates=st.dictionaries(
        st.sampled_from(["USD", "GBP", "CNY"]), st.dictionaries(st.integers(0, 20), PER_EUR, max_size=5)
    ),
    own=st.sampled_from(["EUR", "CNY"]),
)
def test_money_is_what_fractions_say_to_the_last_place(engine, amounts, given_rates, own):
    """Exact fractions, rounded once, half away from zero, may differ only where they fall on the very middle."""
    rates = rates_of(**{currency: {n: str(v) for n, v in each.items()} for currency, each in given_rates.items()})
    rows = [paid(str(amount), currency, on=number) for amount, currency, number in amounts]
    seen = own_amounts(engine, booked(engine, rows, rates=rates, currency=own))
    for value, (amount, currency, number) in zip(seen, amounts, strict=True):
        factor = _fraction(given_rates, currency or own, own, number)
        if factor is None:
            assert value is None
            continue
        exact = Fraction(amount) * factor
        assert abs(Fraction(value) - exact) <= Fraction(1, 20_000) + Fraction(1, 10**10)
        if abs((abs(exact) * 10_000) % 1 - Fraction(1, 2)) > Fraction(1, 10**6):
            assert value == _rounded(exact)


def _fraction(given_rates: dict[str, Any], currency: str, own: str, number: int) -> Fraction | None:
    if currency == own:
        return Fraction(1)
    pair = []
    for each in (own, currency):
        days = [known for known in given_rates.get(each, {}) if 0 <= number - known <= 7]
        pair.append(Fraction(1) if each == "EUR" else Fraction(given_rates[each][max(days)]) if days else None)
    return pair[0] / pair[1] if pair[0] is not None and pair[1] is not None else None


def _rounded(exact: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def test_rate_rows_are_one_a_day_and_currency_and_only_of_those_wanted():
    rates = rates_of(USD={0: "2"}, GBP={0: "0.5"})
    rows = rate_rows(rates, currency="EUR", first=day(-1), last=day(9), of=["USD", "ZZZ"])
    assert [(row[0], row[1]) for row in rows] == [("USD", day(number)) for number in range(8)]
    assert {row[2:] for row in rows} == {(Decimal("0.5"), Decimal(0))}


def test_both_parts_of_a_factor_together_are_the_rate_to_nineteen_places():
    rates = rates_of(IDR={0: "17000"})
    ((_, _, factor, rest),) = rate_rows(rates, currency="EUR", first=DAY, last=DAY)
    assert (factor, rest) == (Decimal("0.00005882"), Decimal("0.0000000035294117647"))
    assert factor + rest == rates.factor("IDR", into="EUR", day=DAY)


def test_a_digest_knows_only_rates_up_to_its_day():
    """A rate of tomorrow changes nothing that was closed today; how a number is written changes nothing at all."""
    today = rates_of(USD={0: "2", 1: "3"})
    assert today.digest(until=day(0)) == rates_of(USD={0: "2.0"}).digest(until=day(0))
    assert today.digest(until=day(1)) != today.digest(until=day(0))
    assert today.digest(until=day(1)) == today.digest(until=date.max - timedelta(days=1))
