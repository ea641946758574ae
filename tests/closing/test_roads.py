"""Whatever road a closing takes, its files are the same: forward or full, one thread or two, in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from keptword.closing.close import close
from keptword.closing.configuration import Configuration, Input, ToldRule
from keptword.core.money import Rate, Rates
from keptword.core.rules import Settings, parse_condition, parse_promise
from keptword.core.schema import JOURNAL_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.simulate.story import story, write_story

UNTIL = date(2026, 6, 30)
SETTINGS = Settings(timezone="Europe/Berlin", country="DE")
SINCE = date(2025, 12, 1)
DISPATCH = replace(parse_promise("ships within 2 working days"), since=SINCE)
DELIVERY = replace(parse_promise("delivers within 5 days"), since=SINCE, where=parse_condition("country = DE"))
DOLLARS = tuple(Rate(date(2025, 10, 1) + timedelta(days=day), Decimal("1.08"), "") for day in range(0, 300, 2))
TOLD = Configuration(
    currency="EUR",
    timezone="Europe/Berlin",
    rules=(ToldRule(DISPATCH, SETTINGS), ToldRule(DELIVERY, SETTINGS)),
    rates=Rates({"USD": DOLLARS}),
)

DAYS = {date(2026, 5, 20): 1, date(2026, 6, 10): 2, UNTIL: 3}
"""The days that are closed one after the other, each with the last batch that is there by then."""

_IMPORT = """
    CASE WHEN hash(user_key) % 6 = 0 THEN 2 WHEN hash(fact_id) % 9 = 0 THEN 3 WHEN hash(fact_id) % 2 = 0 THEN 1 END
"""
_BATCH = """
    CASE WHEN occurred_on <= DATE '2026-05-20' THEN CASE hash(fact_id) % 17 WHEN 0 THEN 2 WHEN 1 THEN 3 ELSE 1 END
         WHEN occurred_on <= DATE '2026-06-10' AND hash(fact_id) % 17 > 0 THEN 2 ELSE 3 END
"""
_TRAITS = """
    CASE WHEN kind = 'order.placed' THEN '{"country": "' || if(hash(subject) % 2 = 0, 'DE', 'FR') || '"}' END
"""

# What people did about promises that rules made: they agreed to another day, called it off, said it was kept.
_BY_HAND = """
    SELECT kind || ':' || promise_id AS fact_id, kind, user_key, moment AS occurred_at, moment AS recorded_at,
           moment::DATE AS occurred_on, promise_id, 3 AS batch,
           CASE WHEN kind = 'promise.renegotiated' THEN moment::DATE + 9 END AS due_on,
           CASE WHEN kind = 'promise.renegotiated' THEN date_trunc('day', moment) + INTERVAL 250 HOUR END AS due_at
    FROM (
        SELECT CASE hash(subject) % 3 WHEN 0 THEN 'promise.renegotiated' WHEN 1 THEN 'promise.released'
                    ELSE 'promise.kept' END AS kind,
               user_key, occurred_at + INTERVAL 9 HOUR AS moment, 'dispatch.v1/' || subject AS promise_id
        FROM facts WHERE kind = 'order.paid' AND hash(subject) % 7 = 0
    ) UNION ALL BY NAME
    SELECT 'taken back ' || number AS fact_id, 'import.withdrawn' AS kind, 'import:' || number AS subject, batch,
           TIMESTAMP '2026-06-05' AS occurred_at, occurred_at AS recorded_at, occurred_at::DATE AS occurred_on
    FROM (VALUES (2, 2), (3, 3)) AS said(number, batch)
"""


@pytest.fixture(scope="module")
def journal(tmp_path_factory) -> Path:
    """Some thousand entries of the invented shop, late ones and two imports taken back among them, as a Parquet file.

    Import 2 brought all there is of some customers, import 3 single entries of everybody.
    """
    folder = tmp_path_factory.mktemp("story")
    path = folder / "journal.parquet"
    with Engine() as engine:
        write_story(story(seed=3, until=UNTIL, users=260, months=8), engine=engine, folder=folder, form="parquet")
        engine.sql(f"CREATE TABLE facts AS FROM read_parquet('{folder}/facts-*.parquet')")
        engine.sql(
            f"CREATE TABLE journal AS SELECT * REPLACE (coalesce({_TRAITS}, attributes) AS attributes),"
            f" {_IMPORT}::BIGINT AS import_number, ({_BATCH})::BIGINT AS batch, 0::BIGINT AS fact_hash FROM facts"
        )
        engine.sql(f"INSERT INTO journal BY NAME {_BY_HAND}")
        columns = ", ".join(JOURNAL_SCHEMA)
        engine.sql(f"COPY (SELECT {columns} FROM journal ORDER BY occurred_at, fact_id) TO '{path}' (FORMAT parquet)")
    return path


def closed(
    journal: Path, folder: Path, *, forward: bool, told: Configuration = TOLD, threads: int = 2, order: str = "ALL"
) -> dict[str, bytes]:
    """Close the last day, after the earlier ones where `forward`, and return the files of the closing by their names.

    The journal lies in the engine ordered by `order`; each day is closed in an engine of its own.
    """
    folder.mkdir()
    for day, batch in DAYS.items() if forward else [(UNTIL, DAYS[UNTIL])]:
        with Engine(threads=threads) as engine:
            engine.sql(f"CREATE TABLE journal AS FROM read_parquet('{journal}') ORDER BY {order}")
            upto = Input(day, batch)
            done = close(engine, engine.table("journal"), closings=folder, configuration=told, upto=upto)
    assert done.input.day == UNTIL
    return {path.relative_to(done.folder).as_posix(): path.read_bytes() for path in done.folder.rglob("*.*")}


def differing(files: dict[str, bytes], others: dict[str, bytes]) -> list[str]:
    """The names of files that are not the same in two closings, or not in both."""
    return sorted(name for name in {*files, *others} if files.get(name) != others.get(name))


@pytest.mark.parametrize("rules", [(DISPATCH,), (DISPATCH, DELIVERY)], ids=["for all", "and for some"])
def test_carried_forward_a_closing_is_the_same_to_the_byte(journal, tmp_path, rules):
    """
    Two closings are carried forward over late entries, imports taken back, promises moved by hand, and dollars
    """
    told = replace(TOLD, rules=tuple(ToldRule(rule, SETTINGS) for rule in rules))
    full = closed(journal, tmp_path / "full", forward=False, told=told)
    forward = closed(journal, tmp_path / "forward", forward=True, told=told)
    assert len(full) > 10
    assert differing(full, forward) == []


@pytest.mark.parametrize("forward", [False, True], ids=["full", "forward"])
def test_neither_order_nor_threads_change_a_closing(journal, tmp_path, forward):
    in_order = closed(journal, tmp_path / "in order", forward=forward, order="occurred_at, fact_id")
    shuffled = closed(journal, tmp_path / "shuffled", forward=forward, threads=1, order="hash(fact_id)")
    assert differing(in_order, shuffled) == []


def test_the_story_that_is_closed_holds_what_could_go_wrong(journal):
    """
    Customers of whom nothing is left, promises of theirs, late entries, a foreign currency, promises moved
    """
    with Engine() as engine:
        engine.sql(f"CREATE VIEW journal AS FROM read_parquet('{journal}')")
        ((gone, late, dollars, moved, ruled, facts),) = engine.sql(
            "SELECT count(DISTINCT user_key) FILTER (import_number = 2 AND kind = 'promise.made'),"
            " count(*) FILTER (batch = 3 AND occurred_on < DATE '2026-05-20' AND kind = 'promise.made'),"
            " count(*) FILTER (currency = 'USD'), count(*) FILTER (kind = 'promise.renegotiated' AND due_at NOTNULL),"
            " count(*) FILTER (promise_id LIKE 'dispatch.v1/%'), count(*) FROM journal"
        ).fetchall()
    assert min(gone, late, dollars, ruled) >= 5
    assert moved >= 1
    assert facts > 2_000
