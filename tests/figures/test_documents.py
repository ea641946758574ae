"""The documents say what the tables say: how the months went, what lateness cost, who came back, the report."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from books.tea_shop import ROSA, begun, january, quiet
from figures.shop import MARIA, NOW, YESTERDAY
from keptword.books.recording import post
from keptword.core.differences import changed
from keptword.core.rates import wilson
from keptword.figures import overview
from keptword.figures.make import make
from keptword.figures.plain import as_json, share_of
from keptword.figures.reading import current, forget
from keptword.figures.rendered import plain_section, section_of
from keptword.figures.tables import TABLES
from keptword.report.sections import sections
from keptword.words import LANGUAGES, words
from report.samples import ALL

TODAY = date(2025, 11, 24)


def test_the_shop_is_told_with_what_is_known_of_it(figured):
    """Its name and place, how many entries, orders and customers, what was read, until when."""
    shop, reader = figured.reader.said("shop"), figured.reader
    told = {name: shop[name] for name in ("name", "currency", "timezone", "as_of")}
    assert told == {
        "name": "Teehaus Jōji",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "as_of": str(TODAY),
    }
    assert shop["files"] == [{"import": 1, "name": "story", "source": "csv", "title": "A table", "lines": 7}]
    counted = reader.row("""
        SELECT count(*) AS orders, count(DISTINCT user_key) AS customers FROM subjects
        WHERE placed_on IS NOT NULL AND NOT called_off
    """)
    assert {name: shop[name] for name in ("orders", "customers")} == counted
    assert datetime.fromisoformat(shop["made_at"]) == NOW


def test_what_is_recorded_at_the_desk_did_not_come_in(figured):
    """The newest entry is a note written today; the newest that came in is of yesterday."""
    shop = figured.reader.said("shop")
    assert (shop["newest_on"], shop["came_on"]) == (str(TODAY), str(YESTERDAY))


def test_the_last_months_are_set_side_by_side(figured):
    """October is over and is compared with September: as the table of months has them."""
    kinds = figured.reader.said("kinds")
    for name, month in (("last", "2025-10-01"), ("before", "2025-09-01")):
        rows = {
            row["promise_kind"]: row for row in figured.reader.rows(f"SELECT * FROM months WHERE month = '{month}'")
        }
        total = rows.pop("all")
        assert kinds[name]["month"] == month
        assert {each["kind"] for each in kinds[name]["kinds"]} == set(rows)
        for each in [kinds[name]["total"], *kinds[name]["kinds"]]:
            row = rows.get(each["kind"], total)
            counts = ("made", "due", "kept", "late", "not_kept")
            assert {count: each[count] for count in counts} == {count: row[count] for count in counts}
            assert share_of(each["share"]) == wilson(row["kept"], row["due"])
    before, last = (share_of(kinds[name]["total"]["share"]) for name in ("before", "last"))
    assert kinds["change"]["value"] == changed(before, last).value == pytest.approx(last.value - before.value)


def test_the_worst_of_a_month_is_named_only_where_it_differs_beyond_chance(figured):
    """The parcels that go by boat, of October."""
    kinds = figured.reader.said("kinds")
    worst = kinds["worst"]
    assert (worst["name"], worst["value"]) == ("carrier", "Boat")
    assert (worst["share"]["count"], worst["share"]["of"]) == (6, 30)
    assert worst["elsewhere"]["count"] == worst["elsewhere"]["of"] == 30


def test_what_lateness_cost_adds_up(figured):
    """By kind and in all, with the hours it took; what is assumed is said."""
    costs = figured.reader.said("costs")
    assert (costs["currency"], costs["assumed"]) == ("EUR", ["minutes_per_message", "wage_per_hour"])
    rows, total = costs["last"]["kinds"], costs["last"]["total"]
    for count in ("late", "broken", "refunds", "remedies", "messages"):
        assert total[count] == sum(row[count] for row in rows)
    money = sum(float(row[part]) for row in rows for part in ("refund_amount", "remedy_amount", "message_cost"))
    assert float(total["money"]) == pytest.approx(money)
    assert float(total["hours"]) == pytest.approx(total["messages"] * 5 / 60)
    assert total["late"] >= 24


def test_how_promises_were_kept_in_a_year_is_counted_once(figured):
    """Those that fell due from 25 November 2024 to today and are decided, by kind and in all."""
    year = figured.reader.said("year")
    assert (year["first"], year["last"]) == ("2024-11-25", str(TODAY))
    decided = figured.reader.rows("""
        SELECT promise_kind AS kind, outcome FROM promises
        WHERE outcome IN ('kept', 'late', 'broken') AND due_day BETWEEN DATE '2024-11-25' AND DATE '2025-11-24'
    """)
    due = Counter(row["kind"] for row in decided)
    kept = Counter(row["kind"] for row in decided if row["outcome"] == "kept")
    assert year["kinds"] == {kind: {"due": due[kind], "kept": kept[kind]} for kind in due}
    assert (year["due"], year["kept"]) == (len(decided), kept.total())


def test_who_came_back_is_counted_as_one_would_by_hand(figured):
    """Of those whose first order is 90 days old, who ordered again within 90 days."""
    orders = figured.reader.rows(
        "SELECT * FROM subjects WHERE placed_on IS NOT NULL AND NOT called_off AND user_key <> ''"
    )
    theirs: dict[str, list[dict]] = {}
    for row in sorted(orders, key=lambda row: row["placed_at"]):
        theirs.setdefault(row["user_key"], []).append(row)
    old = {key: rows for key, rows in theirs.items() if rows[0]["placed_on"] + timedelta(days=90) <= TODAY}
    back = sum(
        any(
            row["placed_at"] > rows[0]["placed_at"] and row["placed_on"] <= rows[0]["placed_on"] + timedelta(days=90)
            for row in rows[1:]
        )
        for rows in old.values()
    )
    returning = figured.reader.said("returning")
    assert share_of(returning["share"]) == wilson(back, len(old))
    assert sum(quarter["share"]["of"] for quarter in returning["quarters"]) == len(old)


def test_what_there_is_not_enough_of_is_told_with_what_is_needed(figured):
    """Late orders, and customers."""
    customers = figured.reader.said("shop")["customers"]
    late = figured.reader.row("""
        SELECT count(DISTINCT subject) AS late FROM promises
        WHERE outcome IN ('late', 'broken') AND starts_with(subject, 'order:')
    """)
    assert figured.reader.said("not_enough") == [
        {"what": "late_effect", "have": late["late"], "need": 600},
        {"what": "trust_worth", "have": customers, "need": 1000},
    ]


def test_a_year_of_steps_counts_what_its_months_count(figured):
    """The twelve months before the running one."""
    steps = figured.reader.said("steps")
    assert (steps["since"], steps["until"]) == ("2024-11-01", "2025-10-31")
    within = "month BETWEEN DATE '2024-11-01' AND DATE '2025-10-01'"
    summed = figured.reader.row(
        f"SELECT sum(orders) AS orders, sum(messages) AS messages, sum(returns) AS returns FROM steps WHERE {within}"
    )
    assert {name: steps["year"][name] for name in summed} == summed


def test_the_report_is_there_in_every_language_as_of_yesterday(figured):
    """Headline, sentences and sections; its figures are those of the command's JSON."""
    told = figured.reader.said("report")
    assert told["as_of"] == str(YESTERDAY)
    assert set(told["pages"]) == set(LANGUAGES)
    for page in told["pages"].values():
        assert page["headline"]
        assert {"word", "waiting", "where", "back"} <= {section["key"] for section in page["sections"]}
        for section in page["sections"]:
            assert plain_section(section_of(section)).keys() == section.keys()
    assert told["figures"]["kept"] + told["figures"]["late"] + told["figures"]["waiting"] == told["figures"]["due"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(ALL))
def test_sections_come_back_from_a_document_as_they_were(name: str, language: str):
    """Every kind of block that any report has, drawings and marks with them."""
    for section in sections(ALL[name](), words(language)):
        assert section_of(json.loads(as_json(plain_section(section)))) == section


def test_books_without_an_entry_have_figures_too(tmp_path, monkeypatch):
    """As they are on the first day: nothing in any table, nobody waits, no month to compare."""
    monkeypatch.setattr(overview, "MOST_ORDERS", -1)
    books = begun(tmp_path / "books")
    make(books, say=quiet)
    reader = current(books.folder)
    assert reader is not None
    assert {table for table in TABLES if reader.rows(f"SELECT * FROM {table} LIMIT 1")} == {"about"}
    assert (reader.said("shop")["entries"], reader.said("shop")["came_on"]) == (0, None)
    assert (reader.said("kinds")["worst"], reader.said("kinds")["change"]["beyond_chance"]) == (None, False)
    forget(books.folder)


def test_a_large_shop_has_no_report_and_a_promise_about_nothing_does_no_harm(tmp_path, monkeypatch):
    """The rest is there; in a small one, what waits and is about nothing goes by the promise's name."""
    books = begun(tmp_path / "books")
    post(books, january(), say=quiet)
    make(books, say=quiet, now=NOW - timedelta(days=290))
    reader = current(books.folder)
    assert reader is not None
    assert "p3" in json.dumps(reader.said("report")["figures"]["waiting_now"])
    assert reader.row("SELECT made FROM people WHERE user_key = $key", {"key": ROSA}) == {"made": 3}
    monkeypatch.setattr(overview, "MOST_ORDERS", 3)
    make(books, say=quiet, now=NOW - timedelta(days=290))
    reader = current(books.folder)
    assert reader is not None
    assert reader.said("report") is None
    assert reader.said("shop")["customers"] == 4
    forget(books.folder)


def test_documents_hold_no_customer(figured):
    """They go to every page; the report names orders, and nobody."""
    for row in figured.reader.rows("SELECT name, content FROM about"):
        assert MARIA not in row["content"], row["name"]
