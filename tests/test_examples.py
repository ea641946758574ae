"""The examples' mappings over the published data sets, held against the same figures counted by plain SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from typer.testing import CliRunner

from keptword.cli.commands import app
from keptword.engines.duckdb import Engine
from keptword.report.book import promise_book
from keptword.report.build import report
from keptword.report.model import Report, Tally
from keptword.report.shop import Asked, Shop
from keptword.report.tally import tally_list
from keptword.sources.registry import Gathered, gather
from keptword.sources.source import Reading

FILES: Final = {
    "online_retail_uci": "online_retail.parquet",
    "scms_delivery_history": "scms_delivery_history.parquet",
    "uci_incident_sla": "incident_event_log.parquet",
    "olist_head_sample": "orders.parquet",
}
READ_AT: Final = datetime(2031, 12, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    """One data set, read once by its mapping."""

    engine: Engine
    gathered: Gathered
    file: Path

    def asked(self, as_of: date, *by: str) -> Asked:
        return Asked(as_of=as_of, today=READ_AT.date(), by=by)

    def report(self, as_of: date, *by: str) -> Report:
        return report(self.engine, self.gathered, asked=self.asked(as_of, *by))

    def tallies(self, as_of: date) -> tuple[Tally, ...]:
        """What `keptword promises --summary` counts."""
        shop = Shop(self.engine, self.gathered, asked=self.asked(as_of))
        return tally_list(shop, promise_book(shop))

    def facts(self, kind: str, **figures: Callable[[Any], Any]) -> dict[str, Any]:
        """Figures over the facts of one kind."""
        facts = self.gathered.facts
        found = facts.filter(facts.kind == kind)
        return self.engine.rows(found.agg(**{name: figure(found) for name, figure in figures.items()}))[0]

    def counted(self, sql: str) -> dict[str, Any]:
        """One row of plain SQL over the published file, `{file}`; nothing of Keptword takes part in it."""
        path = str(self.file).replace("'", "''")
        with duckdb.connect() as plain:
            cursor = plain.execute(sql.replace("{file}", f"read_parquet('{path}', file_row_number = true)"))
            names = [column[0] for column in cursor.description or ()]
            return dict(zip(names, cursor.fetchall()[0], strict=True))


def mapping_of(root: Path, name: str) -> Path:
    return root / "examples" / name / "mapping.toml"


def opened(name: str, *, root: Path, data_folder: Path) -> Iterator[Example]:
    file = data_folder / name / FILES[name]
    with Engine() as engine:
        reading = Reading(engine=engine, key="a key of the tests", recorded_at=READ_AT)
        yield Example(engine, gather(reading, [file], mapping=mapping_of(root, name), rehearsal=True), file)


@pytest.fixture(scope="module")
def retail(root: Path, data_folder: Path) -> Iterator[Example]:
    yield from opened("online_retail_uci", root=root, data_folder=data_folder)


@pytest.fixture(scope="module")
def scms(root: Path, data_folder: Path) -> Iterator[Example]:
    yield from opened("scms_delivery_history", root=root, data_folder=data_folder)


@pytest.fixture(scope="module")
def incidents(root: Path, data_folder: Path) -> Iterator[Example]:
    yield from opened("uci_incident_sla", root=root, data_folder=data_folder)


@pytest.fixture(scope="module")
def olist(root: Path, data_folder: Path) -> Iterator[Example]:
    yield from opened("olist_head_sample", root=root, data_folder=data_folder)


OUTCOMES: Final = ("made", "open", "kept", "late", "broken", "released", "vague")


def figures(tally: Tally) -> dict[str, int]:
    return {name: getattr(tally, name) for name in OUTCOMES}


def only(tallies: tuple[Tally, ...], *, kind: str) -> dict[str, int]:
    """The counts of the one kind of promise there is, after checking that they add up."""
    (tally,) = tallies
    assert tally.kind == kind
    assert tally.made == tally.open + tally.kept + tally.late + tally.broken + tally.released
    return figures(tally)


def test_nothing_of_the_published_files_is_refused(
    retail: Example, scms: Example, incidents: Example, olist: Example
) -> None:
    read = {example.file.name: example for example in (retail, scms, incidents, olist)}
    lines = {name: (files.rows, files.refused) for name, each in read.items() for files in each.gathered.files}
    assert lines == {name: (each.counted("SELECT count(*) AS n FROM {file}")["n"], 0) for name, each in read.items()}
    assert [each.gathered.problems for each in read.values()] == [()] * 4


# --- online_retail_uci

INVOICES: Final = """
WITH invoices AS (
    SELECT InvoiceNo AS number,
           sum(CAST(Quantity AS DECIMAL(18, 4)) * CAST(UnitPrice AS DECIMAL(10, 4))) AS total,
           min(CustomerID) AS customer, min(InvoiceDate) AS placed, min(Country) AS country
    FROM {file} GROUP BY InvoiceNo
), orders AS (FROM invoices WHERE number NOT LIKE 'C%' AND number NOT LIKE 'A%' AND total <> 0)
"""


def test_an_order_is_an_invoice_over_something_that_begins_with_no_letter(retail: Example) -> None:
    """
    536365   5 lines, 17850.0  →  one order, the sum of its lines
    536414   Quantity * UnitPrice = 0  →  left out
    A563185  "Adjust bad debt"         →  left out
    """
    said = retail.report(date(2011, 12, 9))
    truth = retail.counted(
        INVOICES
        + """SELECT count(*) AS orders, count(DISTINCT customer) AS customers, count(customer) AS known,
                    sum(total) AS amount, min(CAST(placed AS DATE)) AS first, max(CAST(placed AS DATE)) AS newest,
                    (SELECT count(*) FROM invoices WHERE number LIKE 'A%') AS corrections,
                    (SELECT count(*) FROM invoices WHERE total = 0) AS nothing FROM orders"""
    )
    assert (said.orders, said.customers, said.currency) == (truth["orders"], truth["customers"], "GBP")
    assert sorted(said.left_out.values()) == [truth["corrections"], truth["nothing"]]
    placed = retail.facts(
        "order.placed",
        orders=lambda facts: facts.subject.nunique(),
        known=lambda facts: facts.user_key.count(),
        amount=lambda facts: facts.amount.sum(),
        first=lambda facts: facts.occurred_on.min(),
        newest=lambda facts: facts.occurred_on.max(),
    )
    assert {**placed, "amount": round(Decimal(placed["amount"]), 3)} == {
        name: truth[name] if name != "amount" else round(truth[name], 3) for name in placed
    }


def test_a_cancellation_is_about_a_number_of_its_own_and_calls_no_order_off(retail: Example) -> None:
    """C536379 cancels goods of an order that the file does not name."""
    cancelled = retail.facts(
        "order.cancelled",
        cancellations=lambda facts: facts.subject.nunique(),
        known=lambda facts: facts.user_key.count(),
        customers=lambda facts: facts.user_key.nunique(),
        amount=lambda facts: facts.amount.sum(),
    )
    assert cancelled == retail.counted(
        INVOICES
        + """SELECT count(*) AS cancellations, count(customer) AS known, count(DISTINCT customer) AS customers,
                    -sum(total) AS amount FROM invoices WHERE number LIKE 'C%'"""
    )
    shop = Shop(retail.engine, retail.gathered, asked=retail.asked(date(2011, 12, 9)))
    assert shop.count(shop.orders.filter(shop.orders.called_off)) == 0


def test_who_came_back_is_counted_by_customers_who_are_known(retail: Example) -> None:
    returning = retail.report(date(2011, 12, 9)).returning
    truth = retail.counted(
        INVOICES
        + """, bought AS (SELECT customer, CAST(placed AS TIMESTAMP) AS stamp FROM orders WHERE customer IS NOT NULL),
               firsts AS (SELECT customer, min(stamp) AS first FROM bought GROUP BY customer
                          HAVING CAST(min(stamp) AS DATE) + 90 <= DATE '2011-12-09')
               SELECT count(DISTINCT customer) AS customers,
                      count(DISTINCT customer) FILTER (
                          stamp > first AND CAST(stamp AS DATE) <= CAST(first AS DATE) + 90) AS back
               FROM firsts JOIN bought USING (customer)"""
    )
    assert returning is not None
    assert (returning.share.of, returning.share.count) == (truth["customers"], truth["back"])


def test_orders_without_a_promise_are_no_promises(retail: Example) -> None:
    assert retail.tallies(date(2011, 12, 9)) == ()


# --- scms_delivery_history

SHIPMENTS: Final = """
WITH shipments AS (
    SELECT "ASN/DN #" AS number, min(Country) AS country, min("Fulfill Via") AS via,
           max(strptime("Scheduled Delivery Date", '%d-%b-%y')) AS due,
           max(strptime("Delivered to Client Date", '%d-%b-%y')) AS done,
           least(min(try_strptime("PQ First Sent to Client Date", '%m/%d/%y')),
                 min(try_strptime("PO Sent to Vendor Date", '%m/%d/%y')), due, done) AS made,
           bool_or(strptime("Delivered to Client Date", '%d-%b-%y')
                   > strptime("Scheduled Delivery Date", '%d-%b-%y')) AS any_line_late
    FROM {file} GROUP BY 1
)
"""


def judged_in_sql(table: str, *, as_of: date) -> str:
    """What became of promises with days `made`, `due`, `done`, as known at the end of a day."""
    return f"""SELECT count(*) AS made, count(*) FILTER (state = 'open') AS open,
                      count(*) FILTER (state = 'kept') AS kept, count(*) FILTER (state = 'late') AS late,
                      count(*) FILTER (state = 'broken') AS broken, 0 AS released, 0 AS vague
               FROM (SELECT CASE WHEN done <= least(due, DATE '{as_of}') THEN 'kept'
                                 WHEN done <= DATE '{as_of}' THEN 'late'
                                 WHEN due <= DATE '{as_of}' THEN 'broken'
                                 ELSE 'open' END AS state
                     FROM {table} WHERE made <= DATE '{as_of}')"""


@pytest.mark.parametrize("as_of", [date(2015, 9, 14), date(2011, 6, 30)])
def test_a_shipment_is_one_promise_due_on_the_latest_day_among_its_lines(scms: Example, as_of: date) -> None:
    """
    DN-1  scheduled 2013-03-04, delivered 2013-03-05
    DN-1  scheduled 2013-03-06, delivered 2013-03-05   →  one promise, due on the 6th, kept
    """
    found = only(scms.tallies(as_of), kind="delivery")
    assert found == scms.counted(SHIPMENTS + judged_in_sql("shipments", as_of=as_of))
    assert found["made"] < scms.counted("SELECT count(*) AS lines FROM {file}")["lines"]


def test_direct_drop_shipments_are_late_as_often_as_the_file_says(scms: Example) -> None:
    said = scms.report(date(2015, 9, 14), "fulfilled via", "country")
    truth = scms.counted(
        SHIPMENTS
        + """SELECT count(*) AS due, count(*) FILTER (done <= due) AS kept, sum(CAST(any_line_late AS INT)) AS any_late
             FROM shipments WHERE via = 'Direct Drop'"""
    )
    by_way, by_country = said.breakdowns
    shares = {group.label: (group.share.of, group.share.count) for group in by_way.groups}
    assert shares["Direct Drop"] == (truth["due"], truth["kept"])
    assert sum(of for of, _ in shares.values()) == 7030
    # Judged line by line a few more would be late: the file tells the two apart.
    assert truth["due"] - truth["kept"] != truth["any_late"]
    assert sum(group.share.of for group in by_country.groups) == 7030


def test_the_user_of_a_shipment_is_its_country_and_nothing_arrives_before_it_was_promised(scms: Example) -> None:
    made = scms.facts(
        "promise.made",
        countries=lambda facts: facts.user_key.nunique(),
        first=lambda facts: facts.occurred_on.min(),
        last=lambda facts: facts.occurred_on.max(),
    )
    assert made == scms.counted(
        SHIPMENTS
        + """SELECT count(DISTINCT country) AS countries, CAST(min(made) AS DATE) AS first,
                    CAST(max(made) AS DATE) AS last FROM shipments"""
    )
    assert scms.report(date(2015, 9, 14)).problems == ()


# --- uci_incident_sla

LAST_EVENTS: Final = """
WITH events AS (
    SELECT *, row_number() OVER (PARTITION BY number ORDER BY CAST(sys_mod_count AS INT) DESC, file_row_number DESC)
                  AS from_last
    FROM {file}
), incidents AS (
    SELECT number, made_sla, CAST(reassignment_count AS INT) + CAST(reopen_count AS INT) AS steps,
           CAST(strptime(opened_at, '%d/%m/%Y %H:%M') AS DATE) AS opened,
           CAST(strptime(CASE resolved_at WHEN '?' THEN closed_at ELSE resolved_at END, '%d/%m/%Y %H:%M') AS DATE)
               AS settled
    FROM events WHERE from_last = 1
)
"""


@pytest.mark.parametrize("as_of", [date(2017, 2, 18), date(2016, 4, 30)])
def test_an_incident_is_one_promise_without_a_date_judged_at_its_last_event(incidents: Example, as_of: date) -> None:
    """
    0000045  New, Resolved, Resolved, Closed; made_sla true at the last  →  one promise, vague, kept
    """
    day = f"DATE '{as_of}'"
    truth = incidents.counted(
        LAST_EVENTS
        + f"""SELECT count(*) AS made, count(*) FILTER (settled > {day}) AS open,
                     count(*) FILTER (settled <= {day} AND made_sla = 'true') AS kept, 0 AS late,
                     count(*) FILTER (settled <= {day} AND made_sla = 'false') AS broken, 0 AS released,
                     count(*) AS vague
              FROM incidents WHERE opened <= {day}"""
    )
    assert only(incidents.tallies(as_of), kind="resolution") == truth


def test_read_at_their_first_event_hardly_any_incident_would_be_broken(incidents: Example) -> None:
    """Why the last event counts: `made_sla` stands at true until the time is over."""
    first = incidents.counted(
        """SELECT count(*) AS broken FROM (SELECT number, arg_min(made_sla, file_row_number) AS told
           FROM {file} GROUP BY number) WHERE told = 'false'"""
    )
    (tally,) = incidents.tallies(date(2017, 2, 18))
    assert first["broken"] < tally.broken / 10


def test_an_incidents_effort_is_its_reassignments_and_reopenings(incidents: Example) -> None:
    settled = incidents.facts(
        "contact.resolved",
        incidents=lambda facts: facts.subject.nunique(),
        steps=lambda facts: facts.steps.sum(),
        without=lambda facts: (facts.steps == 0).sum(),
    )
    assert settled == incidents.counted(
        LAST_EVENTS
        + """SELECT count(*) AS incidents, CAST(sum(steps) AS BIGINT) AS steps, count(*) FILTER (steps = 0) AS without
             FROM incidents"""
    )


def test_the_user_of_an_incident_is_its_caller_where_one_is_known(incidents: Example) -> None:
    made = incidents.facts("promise.made", known=lambda facts: facts.user_key.count())
    truth = incidents.counted(
        """SELECT count(*) AS known FROM (SELECT number FROM {file} GROUP BY number
           HAVING count(*) FILTER (caller_id <> '?') > 0)"""
    )
    assert made == truth
    assert incidents.report(date(2017, 2, 18)).problems == ()


# --- olist_head_sample

PROMISED: Final = """
WITH promised AS (
    SELECT CAST(order_purchase_timestamp AS DATE) AS made, CAST(order_estimated_delivery_date AS DATE) AS due,
           CAST(nullif(order_delivered_customer_date, '') AS DATE) AS done,
           CAST(nullif(order_delivered_customer_date, '') AS TIMESTAMP)
               > CAST(order_estimated_delivery_date AS TIMESTAMP) AS past_midnight
    FROM {file}
)
"""


@pytest.mark.parametrize("as_of", [date(2018, 10, 17), date(2018, 6, 30)])
def test_an_order_delivered_on_the_promised_day_is_kept(olist: Example, as_of: date) -> None:
    """
    promised 2017-10-18 00:00:00, delivered 2017-10-18 21:25  →  kept: the day is over at its end
    """
    found = only(olist.tallies(as_of), kind="delivery")
    assert found == olist.counted(PROMISED + judged_in_sql("promised", as_of=as_of))
    by_instant = olist.counted(
        PROMISED + f"SELECT count(*) AS late FROM promised WHERE past_midnight AND done <= DATE '{as_of}'"
    )
    assert found["late"] < by_instant["late"]


def test_each_stamp_of_an_order_becomes_what_happened_then(olist: Example) -> None:
    columns = {
        "order.placed": "order_purchase_timestamp",
        "order.paid": "order_approved_at",
        "order.shipped": "order_delivered_carrier_date",
        "order.delivered": "order_delivered_customer_date",
    }
    found = {kind: olist.facts(kind, orders=lambda facts: facts.subject.nunique())["orders"] for kind in columns}
    told = {kind: f"count(nullif({column}, '')) AS \"{kind}\"" for kind, column in columns.items()}
    assert found == olist.counted(f"SELECT {', '.join(told.values())} FROM {{file}}")


# --- the commands

DAYS: Final = {"scms_delivery_history": "2015-09-14", "olist_head_sample": "2018-10-17"}


@pytest.mark.parametrize("name", DAYS)
def test_the_commands_in_the_examples_pages_run_and_count_the_same(
    name: str, root: Path, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: Any
) -> None:
    monkeypatch.setenv("KEPTWORD_KEY", "a key of the tests")
    example: Example = request.getfixturevalue({"scms_delivery_history": "scms", "olist_head_sample": "olist"}[name])
    given = [str(example.file), "--mapping", str(mapping_of(root, name)), "--as-of", DAYS[name]]
    summary = CliRunner().invoke(app, ["promises", *given, "--summary", "--format", "json"])
    assert summary.exit_code == 0, summary.output
    (row,) = json.loads(summary.stdout)
    (tally,) = example.tallies(date.fromisoformat(DAYS[name]))
    assert {column: row[column] for column in OUTCOMES} == figures(tally)
    page = tmp_path / "page.html"
    told = CliRunner().invoke(app, ["report", *given, "--out", str(page)])
    assert told.exit_code == 0, told.output
    assert f"{tally.kept:,} of {tally.made:,} deliveries" in " ".join(told.stdout.split())
    assert page.stat().st_size > 10_000
