"""What stands in a file of figures is what the books say: promises, who waits, customers, orders, what it takes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from statistics import quantiles

import pytest

from books.tea_shop import quiet
from figures.shop import LINA, MARIA
from keptword.books.closing import close_day
from keptword.books.engine import engine_for
from keptword.books.facts import live_facts
from keptword.core.differences import stand_out
from keptword.figures import overview
from keptword.figures.documents import DOCUMENTS
from keptword.figures.make import make
from keptword.figures.people import LOOKING
from keptword.figures.plain import as_json
from keptword.figures.reading import current
from keptword.figures.tables import TABLES
from keptword.figures.waiting import LONGEST_DAYS

TODAY = date(2025, 11, 24)


@pytest.fixture(scope="session")
def facts(figured):
    """All entries of the books, one dict each."""
    from keptword.books.folder import Folder
    from keptword.books.opened import open_books

    books = open_books(Folder(figured.books.folder.path))
    with engine_for(books) as engine:
        return engine.rows(live_facts(books, engine))


def of_maria(reader) -> dict[str, dict]:
    """What Maria was promised by hand, by its name."""
    rows = reader.rows("SELECT * FROM promises_of WHERE user_key = $key", {"key": MARIA})
    return {row["promise_id"].partition(":")[2]: row for row in rows}


def test_the_file_holds_the_tables_and_columns_that_are_described(figured):
    """Names, order and types, nothing more and nothing less; the documents too."""
    told = figured.reader.rows("SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal")
    found: dict[str, list[tuple[str, str]]] = {}
    for row in told:
        found.setdefault(row["table_name"], []).append((row["column_name"], row["data_type"]))
    assert found == {table: [(column.name, column.type) for column in columns] for table, columns in TABLES.items()}
    assert [row["name"] for row in figured.reader.rows("SELECT name FROM about")] == list(DOCUMENTS)


def test_promises_and_costs_come_to_what_a_closing_of_the_day_before_says(books, monkeypatch):
    """Each promise and its outcome, and what November cost, in the first minute of December."""
    monkeypatch.setattr(overview, "MOST_ORDERS", -1)
    sealed = close_day(books, date(2025, 11, 30), say=quiet).sealed
    make(books, say=quiet, now=datetime(2025, 11, 30, 23, 1, tzinfo=UTC))
    reader = current(books.folder)
    assert reader is not None
    ours = {row["promise_id"]: row for row in reader.rows("SELECT * FROM promises")}
    with engine_for(books) as engine:
        closed = engine.rows(sealed.table(engine, "promises"))
        costs = engine.rows(sealed.table(engine, "at_once").order_by("promise_kind"))
    assert len(ours) == len(closed) > 100
    for row in closed:
        mine = ours[row["promise_id"]]
        same = [name for name in row if name != "month"]
        assert {name: mine[name] for name in same} == {name: row[name] for name in same}
    assert reader.said("costs")["last"]["kinds"] == json.loads(as_json(costs)) != []
    totals = Counter((row["promise_kind"], row["outcome"]) for row in closed)
    assert {kind for kind, _ in totals} == {"dispatch", "delivery", "reply", "refund", "reward"}
    assert {"kept", "late", "broken", "released"} <= {outcome for _, outcome in totals}


def test_a_promise_is_not_broken_before_its_day_or_its_hour_is_over(figured):
    """Half past nine: due today, due at nine, due at ten, due at midnight by the shop's clock two days ago."""
    maria = of_maria(figured.reader)
    outcomes = {name: row["outcome"] for name, row in maria.items()}
    assert outcomes["today"] == "open"
    assert (outcomes["hour-gone"], outcomes["hour-ahead"]) == ("broken", "open")
    assert maria["midnight"]["due_day"] == date(2025, 11, 23)
    assert (maria["midnight"]["outcome"], maria["vague"]["due_day"]) == ("broken", None)


def test_a_red_line_is_not_crossed_before_the_day_or_the_hour_of_a_promise_is_over(figured):
    """Half past nine: money back due today or at ten is not late yet; due at nine, or two weeks ago, it is."""
    found = figured.reader.rows("SELECT * FROM crossings WHERE \"check\" = 'refund_late' AND promise_id IS NOT NULL")
    late = {row["promise_id"].partition(":")[2] for row in found}
    assert {"hour-gone", "waits", "midnight", "old"} <= late
    assert not late & {"today", "hour-ahead", "vague"}


def test_a_promise_told_by_hand_keeps_its_words_and_one_by_rule_its_rule(figured):
    """What was said, where it can be read, who said it; the rule's identity and version."""
    waits = of_maria(figured.reader)["waits"]
    told = {name: waits[name] for name in ("said", "shown_at", "channel", "member", "rule")}
    assert told == {
        "said": "Your 12 euros back",
        "shown_at": "the mail of 1 November",
        "channel": "mail",
        "member": "m1",
        "rule": None,
    }
    ruled = figured.reader.promises(["dispatch.v1/order:#5001"])
    assert [(row["rule"], row["rule_id"], row["carrier"], row["country"], row["channel"]) for row in ruled] == [
        ("dispatch", "dispatch.v1", "Boat", "PT", "web")
    ]
    words = {rule["rule_id"]: rule["words"]["en"] for rule in figured.reader.said("rules")}
    assert words == {"dispatch.v1": "We ship within 2 working days."}


def test_a_promise_told_twice_at_one_instant_is_one_promise(figured):
    """What the entry says whose id comes first."""
    twice = figured.reader.promises(["hand:twice"])
    assert [(row["channel"], row["outcome"]) for row in twice] == [("phone", "kept")]


def test_both_tables_of_promises_hold_the_same_rows(figured):
    """One newest due first, one by customer."""
    for one, other in (("promises", "promises_of"), ("promises_of", "promises")):
        assert figured.reader.rows(f"SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other}") == []
    dues = [row["due_at"] for row in figured.reader.rows("SELECT due_at FROM promises WHERE NOT vague")]
    assert dues == sorted(dues, reverse=True)


def test_of_each_customer_what_was_promised_adds_up(figured):
    """Made = waiting + kept + late + not kept + called off, and all customers together make all promises."""
    people = figured.reader.rows("SELECT * FROM people")
    assert all(
        row["made"] == row["open"] + row["kept"] + row["late"] + row["broken"] + row["released"] for row in people
    )
    counted = figured.reader.row("SELECT count(*) AS count FROM promises WHERE user_key IS NOT NULL")
    assert sum(row["made"] for row in people) == counted["count"]
    maria = figured.reader.row("SELECT * FROM people WHERE user_key = $key", {"key": MARIA})
    counts = {name: maria[name] for name in ("made", "open", "kept", "late", "broken", "released")}
    assert counts == {"made": 12, "open": 3, "kept": 2, "late": 1, "broken": 5, "released": 1}
    assert (maria["first_on"], maria["let_down_last_on"]) == (date(2025, 2, 1), TODAY)


def test_somebody_was_let_down_on_the_day_it_was_said_and_not_on_a_day_to_come(figured):
    """Lina, told on 11 November that what is due in March will not be kept."""
    lina = figured.reader.row("SELECT * FROM people WHERE user_key = $key", {"key": LINA})
    assert (lina["broken"], lina["let_down_last_on"]) == (2, date(2025, 11, 11))


def test_customers_have_the_days_entries_and_orders_that_the_books_have(figured, facts):
    """First and last day, how many entries, how many orders not called off."""
    entries = Counter(fact["user_key"] for fact in facts if fact["user_key"])
    days = {key: [fact["occurred_on"] for fact in facts if fact["user_key"] == key] for key in list(entries)[::7]}
    ours = {row["user_key"]: row for row in figured.reader.rows("SELECT * FROM people")}
    assert {key: row["entries"] for key, row in ours.items()} == entries
    for key, seen in days.items():
        assert (ours[key]["first_on"], ours[key]["last_on"]) == (min(seen), max(seen))
    placed = figured.reader.rows("SELECT * FROM subjects WHERE placed_on IS NOT NULL AND NOT called_off")
    orders = Counter(row["user_key"] for row in placed)
    assert {key: row["orders"] for key, row in ours.items() if row["orders"]} == orders


def test_everybody_who_waits_is_there_and_nobody_else(figured):
    """Open promises; those due in the last 180 days and neither kept, called off nor said to be broken; questions."""
    rows = figured.reader.rows("SELECT * FROM waiting")
    promised = [row for row in rows if row["what"] == "promise"]
    everything = figured.reader.rows("SELECT * FROM promises")
    expected = {
        row["promise_id"]
        for row in everything
        if row["outcome"] == "open"
        or (row["outcome"] == "broken" and not row["broken_on"] and (TODAY - row["due_day"]).days <= LONGEST_DAYS)
    }
    assert {row["promise_id"] for row in promised} == expected
    assert len(promised) == len(expected)
    named = {row["promise_id"].partition(":")[2] for row in promised if row["user_key"] == MARIA}
    assert named == {"waits", "today", "hour-gone", "hour-ahead", "midnight", "vague"}
    asked = [row for row in rows if row["what"] == "conversation" and row["user_key"] == MARIA]
    assert [(row["subject"], row["since_on"]) for row in asked] == [("conversation:m1", date(2025, 11, 21))]


def test_a_question_waits_although_its_answer_was_promised_where_nobody_waits_for_that_promise(figured):
    """Lina: of one we said that it will not be answered, the answer to the other was due more than 180 days ago."""
    rows = figured.reader.rows("SELECT what, subject, since_on FROM waiting WHERE user_key = $key", {"key": LINA})
    assert sorted((row["what"], row["subject"], row["since_on"]) for row in rows) == [
        ("conversation", "conversation:l1", date(2025, 11, 1)),
        ("conversation", "conversation:l2", date(2025, 11, 20)),
    ]


def test_what_nobody_waits_for_any_more_is_still_owed(figured):
    """Due more than 180 days ago, and neither kept, called off nor said not to be kept."""
    owed = {row["promise_id"] for row in figured.reader.rows("SELECT promise_id FROM still_owed")}
    assert owed == {
        row["promise_id"]
        for row in figured.reader.rows("SELECT * FROM promises WHERE outcome = 'broken' AND broken_on IS NULL")
        if (TODAY - row["due_day"]).days > LONGEST_DAYS
    }
    assert {"hand:old", "hand:l2"} <= owed


def test_the_soonest_due_stands_first_and_then_who_was_let_down_most(figured):
    """What has no day comes last."""
    rows = figured.reader.rows("SELECT due_at, let_down FROM waiting")
    keys = [(row["due_at"] or datetime.max, -row["let_down"]) for row in rows]
    assert keys == sorted(keys)
    assert rows[-1]["due_at"] is None


def test_how_often_somebody_was_let_down_before_is_counted_as_one_would_by_hand(figured):
    """Other promises to the same customer that were late or broken on a day before this one was due."""
    failed = [row for row in figured.reader.rows("SELECT * FROM promises") if row["outcome"] in ("late", "broken")]
    for row in figured.reader.rows("SELECT * FROM waiting"):
        until = min(row["due_day"] or TODAY, TODAY)
        expected = sum(
            each["user_key"] == row["user_key"]
            and each["promise_id"] != row["promise_id"]
            and min(day for day in (each["due_day"], each["broken_on"]) if day) < until
            for each in failed
            if row["user_key"]
        )
        assert row["let_down"] == expected, row
    maria = {
        row["promise_id"]: row["let_down"]
        for row in figured.reader.rows("SELECT * FROM waiting WHERE user_key = $key", {"key": MARIA})
    }
    # Late once, and one from February is still not kept; the other one failed the same day.
    assert maria["hand:waits"] == 2


def test_orders_tell_what_happened_to_them_and_are_found_by_the_beginning_of_their_number(figured, facts):
    """When each was placed, left, came back; what is in it."""
    found = figured.reader.rows("SELECT * FROM subjects WHERE starts_with(number, $text)", {"text": "500"})
    assert [row["subject"] for row in found] == [f"order:#{number}" for number in range(5000, 5010)]
    one = found[1]
    assert (one["placed_on"], one["shipped_on"], one["returned_on"], one["called_off"]) == (
        date(2025, 10, 2),
        date(2025, 10, 3),
        date(2025, 10, 29),
        False,
    )
    assert (one["products"], one["carrier"], one["country"], one["currency"]) == (
        ["Cup", "Sencha"],
        "Boat",
        "PT",
        "EUR",
    )
    told = {fact["subject"] for fact in facts if fact["kind"].startswith("order.") and fact["subject"]}
    assert {row["subject"] for row in figured.reader.rows("SELECT subject FROM subjects")} == told


def test_all_entries_of_a_customer_are_there_but_for_mere_looking(figured, facts):
    """One row an entry, in order of time."""
    told = Counter(
        (fact["user_key"], fact["kind"], fact["occurred_at"], fact["subject"])
        for fact in facts
        if fact["user_key"] and fact["kind"] not in LOOKING
    )
    rows = figured.reader.rows("SELECT * FROM entries_of")
    assert Counter((row["user_key"], row["kind"], row["occurred_at"], row["subject"]) for row in rows) == told
    keys = [(row["user_key"], row["occurred_at"]) for row in rows]
    assert keys == sorted(keys)


def test_what_is_late_more_often_than_the_rest_stands_out(figured):
    """Parcels by boat; the counts are those of their promises and orders of the last 12 months."""
    rows = {(row["name"], row["value"]): row for row in figured.reader.rows("SELECT * FROM broken_down")}
    boat, road = rows["carrier", "Boat"], rows["carrier", "Road"]
    assert (boat["due"], boat["kept"], boat["late"], boat["not_kept"]) == (30, 6, 24, 0)
    assert (road["due"], road["late"], road["orders"]) == (30, 0, 30)
    assert boat["failed_stands"] == stand_out([24, 0], [30, 30])[0].direction == "more"
    assert 0 < road["failed_share"] < boat["failed_share"] < 24 / 30
    assert (boat["returned"], road["returned"]) == (1, 0)
    assert boat["failed_low"] < boat["failed_share"] < boat["failed_high"]


def test_a_review_counts_for_the_order_or_the_product_it_is_about(figured):
    """One of an order, which counts for all that is in it, and one of a product, by its name as in addresses."""
    rows = {(row["name"], row["value"]): row for row in figured.reader.rows("SELECT * FROM broken_down")}
    assert (rows["product", "Sencha"]["rated"], rows["product", "Sencha"]["score_sum"]) == (2, 1.5)
    assert (rows["product", "Cup"]["rated"], rows["carrier", "Boat"]["rated"]) == (1, 1)
    assert rows["carrier", "Road"]["rated"] == 0


def test_each_month_counts_what_fell_due_in_it(figured):
    """By kind and in all; what is due today and not done has not fallen due."""
    promises = figured.reader.rows("SELECT * FROM promises")
    decided = [
        row
        for row in promises
        if row["outcome"] in ("kept", "late", "broken") and row["due_day"] and row["due_day"] <= TODAY
    ]
    by_hand = Counter((row["due_day"].replace(day=1), row["promise_kind"], row["outcome"]) for row in decided)
    for row in figured.reader.rows("SELECT * FROM months WHERE promise_kind <> 'all'"):
        names = {"kept": "kept", "late": "late", "broken": "not_kept"}
        for outcome, name in names.items():
            assert row[name] == by_hand[row["month"], row["promise_kind"], outcome]
        assert row["due"] == row["kept"] + row["late"] + row["not_kept"]
    total = figured.reader.row("SELECT sum(due) AS due, sum(made) AS made FROM months WHERE promise_kind = 'all'")
    assert (total["due"], total["made"]) == (len(decided), len(promises))


def test_what_it_takes_is_counted_by_month(figured, facts):
    """Days until an order left, hours until an answer, messages and returns for 100 orders: October by hand."""
    october = figured.reader.row("SELECT * FROM steps WHERE month = DATE '2025-10-01'")
    orders = [
        row
        for row in figured.reader.rows("SELECT * FROM subjects WHERE NOT called_off AND placed_on IS NOT NULL")
        if row["placed_on"].replace(day=1) == date(2025, 10, 1)
    ]
    waited = sorted((row["shipped_on"] - row["placed_on"]).days for row in orders if row["shipped_on"])
    assert (october["orders"], october["left_count"]) == (len(orders), len(waited))
    assert october["left_median"] == waited[(len(waited) - 1) // 2]
    assert abs(october["left_ninety"] - quantiles(waited, n=10)[-1]) <= 1
    wrote = [fact for fact in facts if fact["kind"] in ("contact.opened", "contact.reopened", "complaint.made")]
    messages = sum(fact["occurred_on"].replace(day=1) == date(2025, 10, 1) for fact in wrote)
    assert (october["messages"], october["messages_per_100"]) == (messages, 100 * messages / len(orders))
    returns = sum(row["returned_on"] is not None for row in orders)
    assert october["returns"] == returns > 0


def test_stages_add_up_to_all_entries_of_a_year(figured, facts):
    """How often, and to how many different customers, in each month."""
    rows = figured.reader.rows("SELECT * FROM stages")
    assert sum(row["entries"] for row in rows) == sum(fact["occurred_on"] >= date(2024, 11, 1) for fact in facts)
    looked = [
        fact for fact in facts if fact["kind"] == "product.viewed" and f"{fact['occurred_on']:%Y-%m}" == "2025-10"
    ]
    there = next(row for row in rows if row["kind"] == "product.viewed" and row["month"] == date(2025, 10, 1))
    assert there["people"] == len({fact["user_key"] for fact in looked if fact["user_key"]})
    assert there["stage"] == "attraction"
