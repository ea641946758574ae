"""A file of figures while it is written: the engine, the entries and promises it is worked out from, its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import ibis
from ibis.expr.types import Table

from keptword.closing.compute import Closer
from keptword.closing.promise_book import Spoken
from keptword.core.calendars.zones import FIRST_DAY, LAST_DAY, start_of_day
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.engines.traits import FIRST, trait
from keptword.figures.tables import TABLES

FILE: Final = "figures"
"""The name the file is attached under while it is written."""

STORED: Final = 1_000_000
"""Up to so many entries are held in memory while figures are made."""


@dataclass
class Draft:
    """Figures being worked out as of a moment: what every table of them is made from, each made once.

    `closer` computes as of the local day of `now`; `entries` says how many there are in the journal.
    """

    engine: Engine
    closer: Closer
    entries: int
    now: datetime
    timezone: str | None
    country: str | None
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
        """The facts known today: stored where they are few, since each table reads them; else a view of the journal."""
        told = self.closer.told()
        return self.engine.load("told", told) if self.entries <= STORED else self.view("told", told)

    @cached_property
    def book(self) -> Table:
        """The promise book as of the moment; what it was judged from is given free again.

        It is judged as of the end of the day, but the day is not over yet: what is due today, or at a later hour,
        still waits.
        """
        told, there = self.told, self._stored()
        book = self.closer.book(Spoken(told, told, moves=told))
        for name in self._stored() - there - {book.get_name()}:
            self.engine.sql(f"DROP TABLE {quoted(name)}")
        name = self.engine.fresh("book")
        self.engine.sql(f"""
            CREATE VIEW {quoted(name)} AS SELECT * REPLACE (
                CASE WHEN outcome = 'broken' AND broken_on IS NULL
                    AND coalesce(due_on >= {self.day}, due_at > {self.moment}, false)
                THEN 'open' ELSE outcome END AS outcome)
            FROM {named(book)}
        """)
        return self.engine.table(name)

    def _stored(self) -> set[str]:
        """The names of the tables that take up memory."""
        rows = self.engine.sql(
            "SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND database_name <> ?", [FILE]
        )
        return {str(name) for (name,) in rows.fetchall()}

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
        return self.table(
            "known_about",
            f"""
            SELECT subject, carrier, country
            FROM (SELECT subject, min(value) AS carrier FROM {carrier} GROUP BY subject)
            FULL JOIN (SELECT subject, min(value) AS country FROM {country} GROUP BY subject) USING (subject)
        """,
        )

    def came(self) -> Table:
        """Return through what each subject came, the first channel by name: `subject`, `channel`, stored."""
        begins = "'order.placed', 'order.paid', 'contact.opened', 'reward.earned'"
        return self.table(
            "came",
            f"""
            SELECT subject, min(channel) AS channel FROM {named(self.told)}
            WHERE channel IS NOT NULL AND kind IN ({begins}) AND subject IS NOT NULL GROUP BY subject
        """,
        )

    @cached_property
    def messages(self) -> Table:
        """The entries of conversations and complaints, stored: `fact_id`, `kind`, `user_key`, `subject`, when."""
        told = self.told
        rows = told.filter(told.kind.startswith("contact.") | (told.kind == "complaint.made"))
        return self.engine.create(
            "messages", rows.select("fact_id", "kind", "user_key", "subject", "channel", "occurred_at", "occurred_on")
        )

    @cached_property
    def values(self) -> Table:
        """What orders can be told apart by, from the orders that are written: a view of `name`, `value`, `subject`."""
        traits = " UNION ALL ".join(
            f"SELECT {literal(name)} AS name, value, subject FROM {named(table)}" for name, table in self.traits.items()
        )
        name = self.engine.fresh("values")
        channels = f"SELECT 'channel', channel, subject FROM {stored('subjects')} WHERE channel IS NOT NULL"
        self.engine.sql(f"CREATE VIEW {quoted(name)} AS {traits} UNION ALL {channels}")
        return self.engine.table(name)

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

    def days_of(self, instants: Table) -> Table:
        """Return the local day of each instant (a column `instant`, UTC): one row each, `instant`, `day`, stored."""
        rows = self.rows(f"SELECT DISTINCT instant::DATE AS day FROM {named(instants)} WHERE instant IS NOT NULL")
        near = {row["day"] + timedelta(days=step) for row in rows for step in (-1, 0, 1)}
        begins = [(day, start_of_day(day, self.timezone)) for day in sorted(near) if FIRST_DAY <= day <= LAST_DAY]
        days = self.engine.put("days", {"day": "date", "begins": "timestamp(6)"}, rows=begins)
        return self.table(
            "days_of",
            f"""
            SELECT DISTINCT instant, coalesce(day, instant::DATE) AS day FROM {named(instants)}
            ASOF LEFT JOIN {named(days)} ON instant >= begins WHERE instant IS NOT NULL
        """,
        )

    def store(self, table: str, select: str, *, more: bool = False) -> None:
        """Write one of the tables from a query that gives its columns by name, in the order its rows are to have.

        With `more`, the rows are added to those that are written.
        """
        columns = ", ".join(
            f"CAST({quoted(each.name)} AS {each.type}) AS {quoted(each.name)}" for each in TABLES[table]
        )
        begins = f"INSERT INTO {stored(table)}" if more else f"CREATE TABLE {stored(table)} AS"
        self.engine.sql(f"{begins} SELECT {columns} FROM ({select})")

    def put(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write one of the tables from rows made in Python, in their order."""
        columns = TABLES[table]
        given = [[row[column.name] for row in rows] for column in columns]
        unnested = ", ".join(f"unnest(?::{column.type}[]) AS {quoted(column.name)}" for column in columns)
        self.engine.sql(f"CREATE TABLE {stored(table)} AS SELECT {unnested}", given)

    def count(self, table: Table) -> int:
        """Return the number of rows of a stored table."""
        return int(self.rows(f"SELECT count(*) AS count FROM {named(table)}")[0]["count"])

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
