"""The accounts: exact sums of postings, against the same reckoned in plain Python, whatever the order and the road."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.expr.types import Table

from keptword.core.accounts import added, balances, fact_sums, negated, promise_sums
from keptword.core.lines import Line
from keptword.core.postings import SEVERITY_SCHEMA, weight_schema
from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.engines.portable import refused
from ledger import facts
from plain_accounts import ANCHOR, BOOK, FIRST, FROM_FACTS, LAST, LINES, Fact, as_of, by_user, plain_sums, put, weighed


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


@pytest.fixture(scope="module")
def weights(engine: Engine) -> Table:
    return weighed(engine)


USERS = ["rosa", "li", "ada", None]
KINDS_POSTED = sorted({kind for line in FROM_FACTS for kind in line.kinds} | {"page.viewed", "order.shipped"})

FACTS = st.lists(
    st.fixed_dictionaries(
        {
            "user_key": st.sampled_from(USERS),
            "kind": st.sampled_from(KINDS_POSTED),
            "occurred_on": st.dates(FIRST, LAST),
            "amount": st.none() | st.decimals(0, 2000, places=2),
            "seconds": st.none() | st.floats(0, 7200, allow_subnormal=False),
            "steps": st.none() | st.integers(0, 40),
            "score": st.none() | st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
        }
    ),
    max_size=30,
)


@settings(max_examples=20)
@given(rows=FACTS)
def test_sums_are_those_of_plain_python_to_the_last_decimal(engine: Engine, weights: Table, rows: list[Fact]):
    """Random facts of three users and of nobody, over thirty months."""
    assert by_user(engine, fact_sums(put(engine, rows), lines=LINES, weights=weights)) == plain_sums(rows)


@settings(max_examples=10)
@given(rows=FACTS, data=st.data())
def test_carrying_forward_is_the_same_as_summing_all(engine: Engine, weights: Table, rows: list[Fact], data: Any):
    """The facts cut in two anywhere, in any order: old sums and new postings are the sums of all."""
    cut = data.draw(st.integers(0, len(rows)))
    mixed = data.draw(st.permutations(rows))
    old, new = (fact_sums(put(engine, part), lines=LINES, weights=weights) for part in (mixed[:cut], mixed[cut:]))
    whole = fact_sums(put(engine, rows), lines=LINES, weights=weights)
    assert by_user(engine, added(old, new)) == by_user(engine, whole)


@settings(max_examples=10)
@given(rows=FACTS, gone=FACTS)
def test_taking_facts_back_returns_to_the_very_figure_before(
    engine: Engine, weights: Table, rows: list[Fact], gone: list[Fact]
):
    """Facts added and taken back: every line of every user of before is as it was, all others are 0."""
    before, more = (fact_sums(put(engine, part), lines=LINES, weights=weights) for part in (rows, gone))
    after = by_user(engine, added(added(before, more), negated(more)))
    expected = by_user(engine, before)
    assert {user: after[user] for user in expected} == expected
    assert not any(any(after[user].values()) for user in after.keys() - expected.keys())


def _invented(engine: Engine, count: int) -> Table:
    kinds = ", ".join(f"'{kind}'" for kind in KINDS_POSTED)
    engine.sql(
        f"CREATE OR REPLACE TABLE invented AS SELECT 'u' || (hash(i) % 5000) AS user_key, "
        f"[{kinds}][1 + (hash(i + 1) % {len(KINDS_POSTED)})::INT] AS kind, "
        f"DATE '{FIRST}' + (hash(i + 2) % {(LAST - FIRST).days})::INT AS occurred_on, "
        f"((hash(i + 3) % 900000) / 100)::DECIMAL(18, 4) AS amount, (hash(i + 4) % 99999) / 7 AS seconds, "
        f"(hash(i + 5) % 9)::INT AS steps, (hash(i + 6) % 5) / 4 AS score FROM range({count}) AS t(i)"
    )
    return engine.table("invented")


def test_one_thread_two_threads_and_a_shuffle_give_the_same_sums():
    """Three hundred thousand facts of five thousand users: with one thread, with two, and in another order."""
    seen = []
    for threads, shuffled in ((1, False), (2, False), (2, True)):
        with Engine(threads=threads) as engine:
            known = _invented(engine, 300_000)
            if shuffled:
                engine.sql(
                    "CREATE TABLE shuffled AS SELECT * FROM invented ORDER BY hash(user_key || amount || seconds)"
                )
                known = engine.table("shuffled")
            seen.append(by_user(engine, fact_sums(known, lines=LINES, weights=weighed(engine))))
    assert len(seen[0]) == 5000
    assert seen[0] == seen[1] == seen[2]


@settings(max_examples=10)
@given(days=st.integers(0, 300), line=st.sampled_from([line for line in FROM_FACTS if line.half_life_days]))
def test_half_of_a_balance_is_gone_after_one_half_life(engine: Engine, weights: Table, days: int, line: Line):
    """One fact, its line read on a day and one half-life later: exactly half."""
    fact = {"user_key": "rosa", "kind": line.kinds[0], "occurred_on": ANCHOR, "amount": 12, "seconds": 90.0, "steps": 3}
    fact["score"] = line.where.bound if line.where else None
    sums = fact_sums(put(engine, [fact]), lines=LINES, weights=weights)
    assert line.half_life_days is not None
    on = ANCHOR + timedelta(days=days)
    now, later = (
        by_user(engine, balances(sums, lines=LINES, anchor=ANCHOR, as_of=day))["rosa"][line.name]
        for day in (on, on + timedelta(days=line.half_life_days))
    )
    assert now > 0
    assert float(later) == float(now) / 2


def test_a_balance_is_what_the_model_says_of_its_facts(engine: Engine, weights: Table):
    """
    2031-03-01 rosa order 1
    2031-05-30 rosa order 2
    """
    known = facts(engine, inspect.getdoc(test_a_balance_is_what_the_model_says_of_its_facts) or "")
    sums = fact_sums(known, lines=LINES, weights=weights)
    left = by_user(engine, balances(sums, lines=LINES, anchor=ANCHOR, as_of=date(2031, 8, 28)))["rosa"]
    assert left["purchase"] == pytest.approx(0.5 + 2**-0.5, abs=1e-11)
    assert left["purchase_recent"] == pytest.approx(2 ** (-180 / 21) + 2 ** (-90 / 21), abs=1e-11)
    assert left["spend"] == 0


def test_the_arithmetic_of_accounts_is_portable_and_reads_each_fact_once():
    """No expression that a second engine answers otherwise; one join and one grouping over the facts."""
    known = ibis.table(FACT_SCHEMA, name="facts")
    book = ibis.table(BOOK, name="book")
    weights = ibis.table(weight_schema(LINES), name="weights")
    severities = ibis.table(SEVERITY_SCHEMA, name="severities")
    of_facts = fact_sums(known, lines=LINES, weights=weights)
    of_promises = promise_sums(book, lines=LINES, weights=weights, severities=severities, as_of=as_of("2031-03-01"))
    sums = added(of_facts, of_promises, negated(of_facts))
    for expression in (of_facts, of_promises, sums, balances(sums, lines=LINES, anchor=ANCHOR, as_of=LAST)):
        assert refused(expression) == []
    with Engine() as engine:
        sql = engine.compile(of_facts)
    assert (sql.count("GROUP BY"), sql.count(" JOIN "), sql.count('"facts"')) == (1, 1, 1)
    assert '"attributes"' not in sql
