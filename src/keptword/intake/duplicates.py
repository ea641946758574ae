"""Sorts a sealed batch: what is new, what is known, what contradicts what is there, what was erased.

Written in SQL, because it runs wherever the journal is written, which DuckDB alone does, and as often as every second:
Ibis took a second to write down what DuckDB answers in the thirtieth part of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

import ibis
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.expr.types import StringValue, Table

from keptword.core.schema import FACT_SCHEMA, JOURNAL_SCHEMA
from keptword.engines.duckdb import Engine, quoted
from keptword.intake.checking import Fact
from keptword.intake.comparing import COMPARED
from keptword.journal.hashing import fact_hash
from keptword.journal.table import Journal

ARRIVED_SCHEMA: Final = {"line": "int64", **FACT_SCHEMA, "import_number": "int64"}
"""A batch as it arrives: its facts, each with a number of its own that is the same at every try."""

ROOM: Final = "intake"
"""The schema of the engine in which a batch is sorted; `ROOM.arrived` holds the batch (ARRIVED_SCHEMA)."""

_BEFORE: Final = "before_"
_AT_ONCE: Final = 10_000


class Workbench:
    """Where one batch is sorted: a schema of the engine that is gone at the end of the `with` block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._views: list[str] = []

    def __enter__(self) -> Workbench:
        self._clear()
        self._engine.sql(f"CREATE SCHEMA {ROOM}")
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def _clear(self) -> None:
        while self._views:
            self._engine.sql(f"DROP VIEW IF EXISTS {self._views.pop()}")
        self._engine.sql(f"DROP SCHEMA IF EXISTS {ROOM} CASCADE")

    def run(self, statement: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows, of which there are few."""
        return self._engine.sql(statement, parameters).fetchall()

    def view_of(self, journal: Journal) -> str:
        """Return the journal as it is now, as the name of a view."""
        self._views.append(quoted(journal.facts(self._engine).get_name()))
        return self._views[-1]

    def show(self, select: str) -> str:
        """Return the name of a view that can be seen outside the room too, for whoever takes a table by its name."""
        name = self._engine.fresh("fresh")
        self._engine.sql(f"CREATE VIEW {quoted(name)} AS {select}")
        self._views.append(quoted(name))
        return name


@dataclass(frozen=True)
class Buried:
    """Who was erased: salted digests of keys."""

    salt: str
    digests: Sequence[str]


@dataclass(frozen=True)
class Sorted:
    """What is to become of a batch, in numbers; `fresh` has its new facts (JOURNAL_SCHEMA, `batch` left empty)."""

    fresh: Table
    recorded: int
    known: int
    refused: int
    erased: int


def sort_out(bench: Workbench, *, journal: Journal, buried: Buried) -> Sorted:
    """Compare the batch on the bench with itself and with the live facts of the journal.

    Facts are looked for by hash, then by id, and only those found are compared column by column, so that a batch may
    have millions of rows and the journal any number. Of several in one batch, the first by what they say stays.
    """
    bench.run(_hashed())
    bench.run("CREATE TABLE intake.slim AS SELECT line, fact_id, fact_hash FROM intake.hashed")
    bench.run("CREATE TABLE intake.erased (line BIGINT)")
    # Of each line that is not new: whether it says the same as the first, and where in the batch the first stands.
    bench.run("CREATE TABLE intake.judged (line BIGINT, same BOOLEAN, first BIGINT)")
    if buried.digests:
        _leave_out(bench, buried)
    _meet_journal(bench, journal)
    _meet_each_other(bench)
    bench.run("CREATE TABLE intake.dropped AS SELECT line FROM intake.erased UNION SELECT line FROM intake.judged")
    columns = ", ".join("NULL::BIGINT AS batch" if name == "batch" else quoted(name) for name in JOURNAL_SCHEMA)
    fresh = bench.show(f"SELECT {columns} FROM intake.hashed ANTI JOIN intake.dropped USING (line)")
    ((known, refused),) = bench.run(
        "SELECT count(DISTINCT line) FILTER (same), count(DISTINCT line) FILTER (NOT same) FROM intake.judged"
    )
    ((arrived, erased),) = bench.run(
        "SELECT (SELECT count(*) FROM intake.arrived), (SELECT count(*) FROM intake.erased)"
    )
    return Sorted(
        fresh=ibis.table(JOURNAL_SCHEMA, name=fresh),
        recorded=arrived - known - refused - erased,
        known=known,
        refused=refused,
        erased=erased,
    )


@cache
def _hashed() -> str:
    """Return the statement that puts beside each fact the hash the journal knows it by."""
    arrived = ibis.table(ARRIVED_SCHEMA, name="arrived", database=ROOM)
    hashed = arrived.mutate(fact_hash=fact_hash(cast(StringValue, arrived.fact_id)))
    return f"CREATE VIEW {ROOM}.hashed AS {DuckDBCompiler().to_sqlglot(hashed).sql('duckdb')}"


def _leave_out(bench: Workbench, buried: Buried) -> None:
    """Take out the facts of people who were erased, and those in which one of them is the other end."""
    bench.run(
        "CREATE TABLE intake.gone AS SELECT key FROM"
        " (SELECT user_key AS key FROM intake.arrived UNION SELECT other_user FROM intake.arrived)"
        " WHERE key IS NOT NULL AND sha256(? || key) IN (SELECT unnest(?::VARCHAR[]))",
        [buried.salt, list(buried.digests)],
    )
    bench.run(
        "INSERT INTO intake.erased SELECT line FROM intake.arrived SEMI JOIN intake.gone ON user_key = key"
        " UNION SELECT line FROM intake.arrived SEMI JOIN intake.gone ON other_user = key"
    )
    bench.run("DELETE FROM intake.slim WHERE line IN (SELECT line FROM intake.erased)")


def _meet_journal(bench: Workbench, journal: Journal) -> None:
    """Judge each fact whose id the journal holds live."""
    facts = bench.view_of(journal)
    subjects = bench.run(
        f"SELECT subject FROM {facts} WHERE kind = 'import.withdrawn'"
        " UNION SELECT subject FROM intake.arrived WHERE kind = 'import.withdrawn'"
    )
    numbers = sorted({int(name) for (subject,) in subjects if (name := subject.removeprefix("import:")).isdecimal()})
    withdrawn = f"import_number IN ({', '.join(map(str, numbers))})" if numbers else "false"
    bench.run(f"CREATE VIEW intake.live AS SELECT * FROM {facts} WHERE NOT coalesce({withdrawn}, false)")
    bench.run(
        "CREATE TABLE intake.found AS SELECT line, fact_id, occurred_on FROM intake.slim"
        " JOIN (SELECT fact_hash, fact_id, occurred_on FROM intake.live) USING (fact_hash, fact_id)"
    )
    # Their days let the engine pass over most of the journal when it fetches the other columns.
    ((low, high),) = bench.run("SELECT min(occurred_on), max(occurred_on) FROM intake.found")
    between = f"occurred_on BETWEEN DATE '{low}' AND DATE '{high}'" if low else "false"
    bench.run(
        f"CREATE VIEW intake.before AS SELECT * FROM intake.live WHERE {between}"
        " AND fact_id IN (SELECT fact_id FROM intake.found)"
    )
    if low:
        bench.run(
            f"INSERT INTO intake.judged SELECT line, {_same()}, NULL FROM intake.found"
            " JOIN intake.arrived AS mine USING (line) JOIN intake.before AS its ON its.fact_id = mine.fact_id"
        )
        bench.run("DELETE FROM intake.slim WHERE line IN (SELECT line FROM intake.found)")


def _meet_each_other(bench: Workbench) -> None:
    """Judge each fact whose id another one of the batch has, but for the first by what they say."""
    order = ", ".join(map(quoted, (*COMPARED, "source", "line")))
    bench.run(
        "CREATE TABLE intake.twins AS SELECT line, fact_id,"
        f" first_value(line) OVER (PARTITION BY fact_id ORDER BY {order}) AS first FROM intake.arrived"
        " WHERE line IN (SELECT line FROM intake.slim SEMI JOIN"
        " (SELECT fact_hash FROM intake.slim GROUP BY fact_hash HAVING count(*) > 1) USING (fact_hash))"
    )
    bench.run(
        f"INSERT INTO intake.judged SELECT twins.line, {_same()}, first FROM intake.twins"
        " JOIN intake.arrived AS mine ON mine.line = twins.line JOIN intake.arrived AS its ON its.line = first"
        " WHERE twins.line <> first"
    )


def _same() -> str:
    return " AND ".join(f"mine.{quoted(name)} IS NOT DISTINCT FROM its.{quoted(name)}" for name in COMPARED)


def contradictions(bench: Workbench) -> Iterator[list[tuple[Fact, Fact]]]:
    """Give the refused facts in turns of ten thousand: the one that was before, and the refused one."""
    mine = ", ".join(f"mine.{quoted(name)}" for name in FACT_SCHEMA)
    its = ", ".join(f"its.{quoted(name)} AS {quoted(_BEFORE + name)}" for name in FACT_SCHEMA)
    refused = "FROM intake.judged JOIN intake.arrived AS mine USING (line)"
    bench.run(
        f"CREATE TABLE intake.contradicting AS SELECT line, {mine}, {its} {refused}"
        " JOIN intake.before AS its ON its.fact_id = mine.fact_id WHERE NOT same AND first IS NULL"
        f" UNION ALL SELECT judged.line, {mine}, {its} {refused}"
        " JOIN intake.arrived AS its ON its.line = first WHERE NOT same"
    )
    last, width = -1, len(FACT_SCHEMA)
    while rows := bench.run(f"SELECT * FROM intake.contradicting WHERE line > {last} ORDER BY line LIMIT {_AT_ONCE}"):
        last = rows[-1][0]
        yield [(_plain(row[1 + width :]), _plain(row[1 : 1 + width])) for row in rows]


def _plain(values: Sequence[Any]) -> Fact:
    """Return the fact in canonical form whose columns these are."""
    return {name: _value(name, value) for name, value in zip(FACT_SCHEMA, values, strict=True) if value is not None}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat(timespec="microseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if value else "0"
    return json.loads(value) if name == "attributes" else value
