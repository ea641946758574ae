"""A file of figures while it is written: the engine, the entries and promises it is worked out from, its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Final

import ibis
from ibis.expr.types import Table

from keptword.closing.compute import Closer
from keptword.closing.promise_book import Spoken
from keptword.core.calendars.zones import local_day
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.engines.traits import FIRST, trait
from keptword.figures.tables import TABLES

FILE: Final = "figures"
"""The name the file is attached under while it is written."""


@dataclass
class Draft:
    """Figures being worked out as of a moment: what every table of them is made from, each made once.

    `closer` computes as of the local day of `now`.
    """

    engine: Engine
    closer: Closer
    now: datetime
    timezone: str | None
    say: Callable[[str], None]
    documents: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The business's local day."""
        return self.closer.upto.day

    @property
    def moment(self) -> str:
        """The moment as a literal of SQL, UTC."""
        return f"TIMESTAMP {literal(str(self.now.astimezone(UTC).replace(tzinfo=None)))}"

    @property
    def day(self) -> str:
        """The local day as a literal of SQL."""
        return f"DATE {literal(str(self.today))}"

    @cached_property
    def told(self) -> Table:
        """The facts known today, as a view."""
        return self.view("told", self.closer.told())

    @cached_property
    def book(self) -> Table:
        """The promise book as of the end of today, stored."""
        return self.closer.book(Spoken(self.told, self.told, moves=self.told))

    @cached_property
    def attributed(self) -> Table:
        """What is known about subjects beyond the columns: `subject`, `attributes`, stored."""
        told = self.told
        rows = told.filter(told.attributes.notnull() & told.subject.notnull())
        return self.engine.create("attributed", rows.select("subject", "attributes"))

    @cached_property
    def traits(self) -> Mapping[str, Table]:
        """The traits that figures are broken down by: a table `subject`, `value` each, stored."""
        return {name: trait(self.engine, self.attributed, name=name) for name in FIRST}

    @cached_property
    def known_about(self) -> Table:
        """The one carrier and country of each subject that has any: `subject`, `carrier`, `country`, stored."""
        carrier, country = (named(self.traits[name]) for name in ("carrier", "country"))
        return self.table("known_about", f"""
            SELECT subject, carrier, country
            FROM (SELECT subject, min(value) AS carrier FROM {carrier} GROUP BY subject)
            FULL JOIN (SELECT subject, min(value) AS country FROM {country} GROUP BY subject) USING (subject)
        """)

    @cached_property
    def came(self) -> Table:
        """Through what each subject came, by its first entry that says so: `subject`, `channel`, stored."""
        return self.table("came", f"""
            SELECT subject, arg_min(channel, (occurred_at, fact_id)) AS channel FROM {named(self.told)}
            WHERE channel IS NOT NULL AND kind IN (
                'order.placed', 'order.paid', 'contact.opened', 'reward.earned') AND subject IS NOT NULL
            GROUP BY subject
        """)

    def table(self, stem: str, select: str) -> Table:
        """Store the result of a query in the engine and return it as a table."""
        name = self.engine.fresh(stem)
        self.engine.sql(f"CREATE TABLE {quoted(name)} AS {select}")
        return self.engine.table(name)

    def view(self, stem: str, expression: ibis.Expr) -> Table:
        """Return an expression as a view, to be named in SQL."""
        name = self.engine.fresh(stem)
        self.engine.sql(f"CREATE VIEW {quoted(name)} AS {self.engine.compile(expression)}")
        return self.engine.table(name)

    def local_day(self, instant: str) -> str:
        """Return the SQL that gives the local day of an instant."""
        if self.timezone is None:
            return f"({instant})::DATE"
        return f"timezone({literal(self.timezone)}, ({instant})::TIMESTAMPTZ)::DATE"

    def store(self, table: str, select: str) -> None:
        """Write one of the tables from a query that gives its columns by name, in the order its rows are to have."""
        columns = ", ".join(f"CAST({quoted(column.name)} AS {column.type}) AS {quoted(column.name)}" for column in TABLES[table])
        self.engine.sql(f"CREATE TABLE {stored(table)} AS SELECT {columns} FROM ({select})")

    def put(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write one of the tables from a few rows made in Python."""
        columns = TABLES[table]
        described = ", ".join(f"{quoted(column.name)} {column.type}" for column in columns)
        self.engine.sql(f"CREATE TABLE {stored(table)} ({described})")
        if rows:
            places = ", ".join("?" for _ in columns)
            self.engine.connection.executemany(
                f"INSERT INTO {stored(table)} VALUES ({places})",
                [[row[column.name] for column in columns] for row in rows],
            )

    def rows(self, select: str) -> list[dict[str, Any]]:
        """Return a small result as one dict a row."""
        cursor = self.engine.sql(select)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def stored(table: str) -> str:
    """Return the name of one of the tables in SQL."""
    return f"{FILE}.{quoted(table)}"


def named(table: Table) -> str:
    """Return the name of a stored table or view in SQL."""
    return quoted(table.get_name())


def local_now(timezone: str | None, now: datetime) -> date:
    """Return the local day of a moment."""
    return local_day(now.astimezone(UTC).replace(tzinfo=None), timezone)
