"""From rows to facts: one row to several, several to one, and what becomes of rows that cannot be read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from keptword.core.problems import KeptwordError
from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine
from keptword.sources.csv import mapped, parse, read
from keptword.sources.files import open_file
from keptword.sources.registry import gather
from mapped_files import By, reading, told

ORDERS = """
[file]
name = "shop"
timezone = "Europe/Berlin"

[defaults]
subject = "order:{Order}"
user = "Mail"
currency = "EUR"

[[fact]]
kind = "order.placed"
when = "Ordered"
amount = "Total"
traits = { country = "Country" }

[[fact]]
kind = "order.shipped"
when = "Sent"
"""


def test_one_row_becomes_several_facts(by_mapping: By) -> None:
    """
    A1 ordered 1 March 10:00, sent 3 March
    A2 ordered 2 March, not sent
    """
    found = by_mapping(
        ORDERS,
        "Order,Mail,Total,Country,Ordered,Sent\n"
        "A1,Ann@Example.org,12.50,DE,2031-03-01 10:00,2031-03-03\n"
        "A2,,3,,2031-03-02 23:30:00,\n",
    )
    assert [(fact["fact_id"], fact["occurred_on"]) for fact in found.facts] == [
        ("shop/order.placed/order:A1", date(2031, 3, 1)),
        ("shop/order.shipped/order:A1", date(2031, 3, 3)),
        ("shop/order.placed/order:A2", date(2031, 3, 2)),
    ]
    placed, shipped, other = found.facts
    assert placed["occurred_at"] == datetime(2031, 3, 1, 9, 0)
    assert (placed["clock_seconds"], shipped["clock_seconds"]) == (36_000, None)
    assert (placed["amount"], placed["currency"], shipped["amount"]) == (Decimal("12.5"), "EUR", None)
    assert json.loads(placed["attributes"]) == {"country": "DE"}
    assert (placed["stage"], shipped["stage"]) == ("transaction", "service")
    assert placed["user_key"] == shipped["user_key"]
    assert other["user_key"] is None
    assert placed["source"] == "rows.csv:2"
    assert list(found.facts[0]) == list(FACT_SCHEMA)
    assert not found.refused
    assert not found.problems


def test_who_somebody_is_does_not_stand_in_the_facts(by_mapping: By) -> None:
    mapping = ORDERS + 'id = "{Mail}"\n[personal]\nMail = "hash"\n'
    found = by_mapping(mapping, "Order,Mail,Total,Country,Ordered,Sent\n1,ann@example.org,1,DE,2031-03-01,2031-03-02\n")
    assert "ann@" not in str(found.facts)
    assert found.of("order.shipped")[0]["fact_id"].endswith(found.facts[0]["user_key"])


def test_a_column_left_out_can_be_used_nowhere(by_mapping: By) -> None:
    with pytest.raises(KeptwordError, match="left out by \\[personal\\]"):
        by_mapping(ORDERS + '[personal]\nMail = "left_out"\n', "Order,Mail,Total,Country,Ordered,Sent\n")


def test_a_column_for_the_address_book_is_only_ever_the_user(by_mapping: By) -> None:
    rows = "Order,Mail,Total,Country,Ordered,Sent\n1,ann@example.org,1,DE,2031-03-01,\n"
    book = '[personal]\nMail = "address_book"\n'
    assert by_mapping(ORDERS + book, rows).facts == by_mapping(ORDERS, rows).facts
    with pytest.raises(KeptwordError, match="address book"):
        by_mapping(ORDERS.replace('country = "Country"', 'who = "Mail"') + book, rows)


def test_several_rows_become_one_and_the_first_cell_that_is_filled_wins(by_mapping: By) -> None:
    """
    A1 on three rows: the country on the second only, two articles
    """
    found = by_mapping(
        ORDERS.replace('country = "Country"', 'country = "Country", product = "Article"')
        + '[rows]\ngroup_by = "Order"\ntake = { Sum = "sum", Article = "list", Sent = "latest" }\n'
        + '[columns]\nSum = "Pieces * Price"\n',
        "Order,Mail,Total,Country,Ordered,Sent,Article,Pieces,Price\n"
        "A1,a@example.org,20,,2031-03-01,2031-03-02,Tea,2,3.50\n"
        "A2,b@example.org,5,DE,2031-03-01,,Cup,1,5\n"
        "A1,,,FR,,2031-03-05,Cup,1,5\n"
        "A1,,,IT,,,Cup,2,5\n",
    )
    assert [fact["fact_id"] for fact in found.facts] == [
        "shop/order.placed/order:A1",
        "shop/order.shipped/order:A1",
        "shop/order.placed/order:A2",
    ]
    assert json.loads(found.facts[0]["attributes"]) == {"country": "FR", "product": ["Cup", "Tea"]}
    assert found.facts[0]["amount"] == Decimal(20)
    assert found.facts[1]["occurred_on"] == date(2031, 3, 5)


def test_sums_of_worked_out_columns_are_exact(by_mapping: By) -> None:
    mapping = ORDERS.replace('"Total"', '"Sum"') + '[rows]\ngroup_by = "Order"\ntake = { Sum = "sum" }\n'
    mapping += '[columns]\nSum = "Pieces * Price"\n'
    rows = "Order,Mail,Country,Ordered,Sent,Pieces,Price\n" + "A1,,,2031-03-01,,3,0.1\n" * 1000
    assert by_mapping(mapping, rows).facts[0]["amount"] == Decimal(300)


def test_a_row_that_would_spoil_a_sum_is_refused_and_the_rest_of_its_group_goes_on(by_mapping: By) -> None:
    mapping = ORDERS + '[rows]\ngroup_by = "Order"\ntake = { Total = "sum" }\n'
    rows = "Order,Mail,Total,Country,Ordered,Sent\nA1,,5,,2031-03-01,\nA1,,five,,2031-03-01,\n,,5,,2031-03-01,\n"
    found = by_mapping(mapping, rows)
    assert found.facts[0]["amount"] == Decimal(5)
    assert found.refused == {
        3: '"Total" reads "five", which is no number.',
        4: '"Order" is empty, so nobody can tell what belongs together.',
    }


LOG = """
[file]
name = "desk"
empty = ["?"]
[rows]
group_by = "Number"
order_by = "Change"
take = { Kept = "last", Handed = "max" }
[defaults]
subject = "conversation:{Number}"
user = "Caller"
[[fact]]
kind = "promise.made"
when = "Opened"
promise = { kind = "resolution", vague = true }
[[fact]]
kind = "promise.kept"
if = "Kept = true"
when = ["Resolved", "Closed"]
promise = { kind = "resolution" }
[[fact]]
kind = "promise.broken"
if = "Kept = false"
when = ["Resolved", "Closed"]
promise = { kind = "resolution" }
[[fact]]
kind = "contact.resolved"
when = ["Resolved", "Closed"]
steps = "Handed + Reopened"
"""


def test_an_event_log_is_judged_by_its_last_event_by_number_not_by_place(by_mapping: By) -> None:
    """
    7: kept until change 10, which comes first in the file
    8: kept throughout
    """
    found = by_mapping(
        LOG,
        "Number,Change,Caller,Opened,Resolved,Closed,Kept,Handed,Reopened\n"
        "7,10,Ann,2031-03-01 10:00,?,2031-03-04,false,3,1\n"
        "7,9,Ann,2031-03-01 10:00,?,2031-03-04,true,2,1\n"
        "8,0,Ben,2031-03-01 10:00,2031-03-02,2031-03-04,TRUE,0,0\n",
    )
    ends = [(fact["kind"], fact["subject"], fact["occurred_on"].day) for fact in found.facts if fact["promise_id"]]
    assert ends == [
        ("promise.broken", "conversation:7", 4),
        ("promise.made", "conversation:7", 1),
        ("promise.kept", "conversation:8", 2),
        ("promise.made", "conversation:8", 1),
    ]
    assert [fact["steps"] for fact in found.of("contact.resolved")] == [4, 0]
    made, kept = found.of("promise.made")[1], found.of("promise.kept")[0]
    assert made["promise_id"] == kept["promise_id"] == "desk/resolution/conversation:8"
    assert (made["promise_kind"], made["due_at"], made["due_on"]) == ("resolution", None, None)


PROMISE = """
[file]
name = "shop"
timezone = "America/Sao_Paulo"
[defaults]
subject = "order:{Order}"
when = "Ordered"
[[fact]]
kind = "promise.made"
promise = { kind = "delivery", DUE }
"""


def test_a_promise_naming_a_day_falls_due_at_its_local_end(by_mapping: By) -> None:
    """
    20 October 2018: at the end of that day clocks in São Paulo skip from 0:00 to 1:00
    """
    rows = "Order,Ordered,Due\nA1,2018-10-01 10:00,2018-10-20\nA2,2018-10-01 10:00,2018-10-20 00:00:00\n"
    by_day = by_mapping(PROMISE.replace("DUE", 'due_on = "Due"'), rows).facts
    end = datetime(2018, 10, 21, 2, 59, 59, 999_999)
    assert [(fact["due_on"], fact["due_at"]) for fact in by_day] == [(date(2018, 10, 20), end)] * 2
    by_hour = by_mapping(PROMISE.replace("DUE", 'due_at = "Due"'), rows).facts
    assert [fact["due_on"] for fact in by_hour] == [date(2018, 10, 20), None]
    assert by_hour[1]["due_at"] == datetime(2018, 10, 20, 3, 0)


def test_a_promise_can_fall_due_some_days_after_another_day(by_mapping: By) -> None:
    rows = "Order,Ordered,Days\nA1,2031-03-01,4\nA2,2031-03-01 23:00,1.5\nA3,2031-03-01,soon\n"
    found = by_mapping(PROMISE.replace("DUE", 'due_at = { column = "Ordered", plus = "Days" }'), rows)
    first, second = found.facts
    assert first["due_on"] == date(2031, 3, 5)
    assert (second["due_on"], second["due_at"]) == (None, datetime(2031, 3, 3, 14, 0))
    assert found.refused[4] == '"Days" reads "soon", which is no number written like 1,234.50.'


def test_a_promise_whose_due_cell_is_empty_is_refused_unless_it_may_be_vague(by_mapping: By) -> None:
    rows = "Order,Ordered,Due\nA1,2031-03-01,\n"
    refused = by_mapping(PROMISE.replace("DUE", 'due_on = "Due"'), rows)
    assert refused.refused == {2: '"Due" is empty, and it says when the promise falls due.'}
    vague = by_mapping(PROMISE.replace("DUE", 'due_on = "Due", vague = true'), rows)
    assert vague.facts[0]["due_at"] is None


def test_an_agreement_the_customer_did_not_give_changes_nothing(by_mapping: By) -> None:
    mapping = PROMISE.replace("promise.made", "promise.renegotiated").replace("DUE", 'due_on = "Due"')
    rows = "Order,Ordered,Due,By\nA1,2031-03-01,2031-03-09,customer\nA2,2031-03-01,2031-03-09,clerk\n"
    found = by_mapping(mapping + 'agreed = "By = customer"\n', rows)
    assert [fact["subject"] for fact in found.facts] == ["order:A1"]
    assert "by an act of their own" in found.refused[3]


def test_a_rating_keeps_its_raw_answer_and_one_outside_its_scale_is_refused(by_mapping: By) -> None:
    mapping = '[file]\nname = "x"\n[[fact]]\nkind = "review.posted"\nwhen = "At"\nsubject = "product:{Id}"\n'
    rows = "Id,At,Stars,Word\n1,2031-03-01,5,good\n2,2031-03-01,11,bad\n3,2031-03-01,,so so\n"
    found = by_mapping(mapping + 'score = { column = "Stars", scale = "0..10" }\n', rows)
    assert [(fact["score"], fact["attributes"]) for fact in found.facts] == [(0.5, '{"rating":"5"}')]
    assert found.refused == {
        3: '"score" comes to 11, which is outside the scale 0..10.',
        4: "Its score is empty.",
    }
    worse = by_mapping(mapping + 'score = { column = "Stars", scale = "10..0" }\n', rows)
    assert worse.facts[0]["score"] == 0.5
    words = by_mapping(mapping + 'score = { column = "Word", map = { good = 1, bad = 0 } }\n', rows)
    assert [fact["score"] for fact in words.facts] == [1, 0]
    assert words.refused == {4: '"Word" reads "so so", which is neither a number nor one of: good, bad.'}


def test_nobody_spends_less_than_nothing(by_mapping: By) -> None:
    mapping = '[file]\nname = "x"\n[[fact]]\nkind = "contact.resolved"\nwhen = "At"\nsubject = "c:{Id}"\n'
    mapping += 'seconds = { column = "Minutes", unit = "minutes" }\nsteps = "Steps"\n'
    rows = "Id,At,Minutes,Steps\n1,2031-03-01,1.5,2\n2,2031-03-01,-3,1\n3,2031-03-01,1,1.5\n4,2031-03-01,nan,1\n"
    found = by_mapping(mapping, rows + "5,2031-03-01,inf,1\n6,2031-03-01,,\n")
    assert [(fact["seconds"], fact["steps"]) for fact in found.facts] == [(90, 2), (None, None)]
    assert found.refused == {
        3: '"seconds" comes to -180.0000, and nobody spends less than nothing.',
        4: '"steps" comes to 1.5000, which is no whole number of steps.',
        5: '"Minutes" reads "nan", which is no number written like 1,234.50.',
        6: '"Minutes" reads "inf", which is no number written like 1,234.50.',
    }


def test_the_currency_may_change_from_row_to_row_and_has_to_be_a_code(by_mapping: By) -> None:
    mapping = ORDERS.replace('currency = "EUR"', 'currency = { column = "Cur", map = { "€" = "EUR" } }')
    rows = "Order,Mail,Total,Country,Ordered,Sent,Cur\n"
    rows += "".join(f"{number},,1,,2031-03-01,,{currency}\n" for number, currency in enumerate(["eur", "€", "Euro"]))
    found = by_mapping(mapping, rows)
    assert [fact["currency"] for fact in found.facts] == ["EUR", "EUR"]
    assert found.refused[4].startswith('"Cur" reads "Euro", which is no currency\'s code')


def test_rows_left_out_by_rule_are_counted_and_not_refused(by_mapping: By) -> None:
    mapping = ORDERS + '[[leave_out]]\nreason = "test"\nif = "Country = XX"\n'
    rows = "Order,Mail,Total,Country,Ordered,Sent\n1,,nonsense,XX,2031-03-01,\n2,,1,DE,2031-03-01,\n"
    found = by_mapping(mapping, rows)
    assert found.read.left_out == {"test": 1}
    assert len(found.facts) == 1
    assert not found.refused


def test_an_id_given_again_counts_once_and_is_told(by_mapping: By) -> None:
    rows = "Order,Mail,Total,Country,Ordered,Sent\n1,,1,,2031-03-01,\n1,,2,,2031-03-02,2031-03-03\n2,,3,,2031-03-01,\n"
    found = by_mapping(ORDERS, rows)
    assert [(fact["fact_id"], fact["amount"]) for fact in found.facts] == [
        ("shop/order.placed/order:1", Decimal(1)),
        ("shop/order.shipped/order:1", None),
        ("shop/order.placed/order:2", Decimal(3)),
    ]
    assert found.problems[0].startswith("One entry has the id of an earlier one")


def test_the_same_file_given_twice_counts_once(by_mapping: By) -> None:
    rows = "Order,Mail,Total,Country,Ordered,Sent\n1,,1,,2031-03-01,2031-03-02\n2,,3,,2031-03-01,\n"
    found = by_mapping(ORDERS, {"a.csv": rows, "b.csv": rows})
    assert [fact["source"] for fact in found.facts] == ["a.csv:2", "a.csv:2", "a.csv:3"]
    assert found.problems[0].startswith("3 entries have the id of an earlier one")


def test_groups_end_with_their_file_unless_the_mapping_says_otherwise(by_mapping: By) -> None:
    """
    January's file has two lines of A1, February's the third
    """
    head = "Order,Mail,Total,Country,Ordered,Sent\n"
    files = {"jan.csv": head + "A1,,5,,2031-01-31,\nA1,,2,,2031-01-31,\n", "feb.csv": head + "A1,,1,,2031-01-31,\n"}
    mapping = ORDERS + '[rows]\ngroup_by = "Order"\ntake = { Total = "sum" }\n'
    apart = by_mapping(mapping, files)
    assert [(fact["amount"], fact["source"]) for fact in apart.facts] == [(Decimal(7), "jan.csv:2")]
    assert len(apart.problems) == 1
    together = by_mapping(mapping + "across_files = true\n", files)
    assert [(fact["amount"], fact["source"]) for fact in together.facts] == [(Decimal(8), "jan.csv:2")]
    assert not together.problems


def test_an_id_that_stands_on_the_first_row_only_is_filled_down(by_mapping: By) -> None:
    mapping = ORDERS + '[rows]\nfill_down = "Order"\ngroup_by = "Order"\ntake = { Total = "sum" }\n'
    rows = "Order,Mail,Total,Country,Ordered,Sent\n1,,1,,2031-03-01,\n,,2,,,\n2,,4,,2031-03-01,\n,,8,,,\n"
    assert [fact["amount"] for fact in by_mapping(mapping, rows).facts] == [Decimal(3), Decimal(12)]


CONDITIONS = {
    "Status = SHIPPED": "a",
    "Status != shipped": "bcd",
    "Status in (shipped, open)": "ab",
    "Status is empty": "d",
    "Status is not empty and Total > 5": "b",
    "Total = 5": "ac",
    "Total <= {Limit}": "abc",
    "Ordered < 2031-03-02": "a",
    "Ordered <= 2031-03-02": "ab",
    "Ordered > {Sent}": "c",
    "Status starts with SH": "a",
    "Status matches '^(sh|op)'": "ab",
    "not (Status = shipped or Status = open)": "cd",
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_chooses_rows(by_mapping: By, condition: str) -> None:
    rows = (
        "Order,Mail,Total,Limit,Country,Status,Ordered,Sent\n"
        "a,,5.00,5,,shipped,2031-03-01 23:59,2031-03-05\n"
        "b,,7,10,,open,2031-03-02 23:59,\n"
        'c,,5,"1,000",,lost,2031-03-03,2031-03-01\n'
        "d,,,,,,2031-03-04,\n"
    )
    found = by_mapping(ORDERS.replace("[defaults]", f'[rows]\nwhere = "{condition}"\n[defaults]'), rows)
    assert "".join(fact["subject"][-1] for fact in found.of("order.placed")) == CONDITIONS[condition]


def test_names_of_columns_are_found_whatever_their_letter_case(by_mapping: By) -> None:
    found = by_mapping(ORDERS, "ORDER,mail,TOTAL,Country,ordered,sent\n1,,1,,2031-03-01,\n")
    assert len(found.facts) == 1


def test_a_column_that_is_not_there_is_refused_with_the_nearest_before_anything_is_read(by_mapping: By) -> None:
    with pytest.raises(KeptwordError) as error:
        by_mapping(ORDERS, "Order,Mail,Totl,Country,Ordered,Sent\n")
    assert str(error.value) == (
        'mapping.toml: [[fact]] number 1 (order.placed): "Total" is no column of rows.csv. Did you mean "Totl"?'
    )


def test_a_worked_out_column_cannot_take_the_name_of_one_in_the_file(by_mapping: By) -> None:
    with pytest.raises(KeptwordError, match=r'has a column "TOTAL" already'):
        by_mapping(ORDERS + '[columns]\nTOTAL = "Total * 2"\n', "Order,Mail,Total,Country,Ordered,Sent\n")


def test_a_second_file_without_a_needed_column_is_refused(by_mapping: By) -> None:
    whole = "Order,Mail,Total,Country,Ordered,Sent\n"
    with pytest.raises(KeptwordError, match=r'b\.csv has no column "Total"'):
        by_mapping(ORDERS, {"a.csv": whole, "b.csv": "Order,Mail,Country,Ordered,Sent\n"})


def test_a_pattern_that_cannot_be_read_is_refused(by_mapping: By) -> None:
    with pytest.raises(KeptwordError, match='the pattern "\\(" after "matches" cannot be read'):
        by_mapping(ORDERS + "if = \"Order matches '('\"\n", "Order,Mail,Total,Country,Ordered,Sent\n")


@pytest.mark.parametrize("rows", ["Order,Mail,Total,Country,Ordered,Sent\n"])
def test_a_file_without_rows_gives_no_facts(by_mapping: By, rows: str) -> None:
    found = by_mapping(ORDERS, rows)
    assert (found.facts, found.refused, found.problems) == ([], {}, [])


def test_json_lines_and_tabs_are_read_alike(by_mapping: By) -> None:
    row = {"Order": "1", "Mail": "a@example.org", "Total": 12.5, "Country": None, "Ordered": "2031-03-01", "Sent": ""}
    lines = by_mapping(ORDERS, json.dumps(row) + "\n", name="rows.jsonl").facts
    tabs = by_mapping(
        ORDERS, "Order\tMail\tTotal\tCountry\tOrdered\tSent\n1\ta@example.org\t12.5\t\t2031-03-01\t\n"
    ).facts
    assert lines[0]["amount"] == Decimal("12.5")
    assert [{**fact, "source": ""} for fact in lines] == [{**fact, "source": ""} for fact in tabs]


def test_odd_ids_stay_as_they_are(by_mapping: By) -> None:
    odd = ["A 1", "😀5", "=1+2", "x" * 1_000_000, 'with ""quotes""', "ä/ö"]
    rows = "Order,Mail,Total,Country,Ordered,Sent\n" + "".join(f'"{each}",,1,,2031-03-01,\n' for each in odd)
    assert [fact["subject"] for fact in by_mapping(ORDERS, rows).facts] == [
        "order:" + each.replace('""', '"') for each in odd
    ]


def test_a_long_cell_is_cut_in_the_reason(by_mapping: By) -> None:
    found = by_mapping(ORDERS, "Order,Mail,Total,Country,Ordered,Sent\n1,," + "9" * 100_000 + "x,,2031-03-01,\n")
    assert len(found.refused[2]) < 200


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_facts_written_in_one_pass_are_those_that_are_stored(
    engine: Engine, tmp_path: Path, form: Literal["parquet", "jsonl"]
) -> None:
    rows = "Order,Mail,Total,Country,Ordered,Sent\n" + "".join(
        f"{number % 900},,{number},,2031-03-01,2031-03-02\n" for number in range(1000)
    )
    stored = told(engine, tmp_path, mapping=ORDERS, files={"rows.csv": rows})
    opened = [open_file(tmp_path / "rows.csv", engine=engine)]
    unstored = read(replace(reading(engine), stored=False), opened, mapping=parse(ORDERS, file="mapping.toml"))
    out = tmp_path / f"facts.{form}"
    assert engine.write(unstored.facts, out, form=form) == len(stored.facts) == 1800
    again = engine.sql(f"SELECT fact_id, amount::DECIMAL(18, 4) FROM '{out}' ORDER BY fact_id").fetchall()
    assert again == sorted((fact["fact_id"], fact["amount"]) for fact in stored.facts)


def test_a_mapping_file_is_a_source_like_any_other(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(ORDERS, encoding="utf-8")
    (tmp_path / "rows.csv").write_text("Order,Mail,Total,Country,Ordered,Sent\n1,,1,,2031-03-01,\n", encoding="utf-8")
    opened = [open_file(tmp_path / "rows.csv", engine=engine)]
    source = mapped(path)
    found = source.read(reading(engine), opened)
    assert [row["kind"] for row in engine.rows(found.facts)] == ["order.placed"]
    assert found.rows == {opened[0]: 1}
    assert source.name == "shop"


def test_lines_that_could_not_be_split_are_among_those_read(engine: Engine, tmp_path: Path) -> None:
    """
    three rows: one becomes a fact, one has a cell too many, one names a day that is none
    """
    (tmp_path / "rows.csv").write_text(
        "Order,Mail,Total,Country,Ordered,Sent\n1,,1,,2031-03-01,\n2,,1,,2031-03-01,,beyond\n3,,1,,never,\n",
        encoding="utf-8",
    )
    opened = open_file(tmp_path / "rows.csv", engine=engine)
    found = read(reading(engine), [opened], mapping=parse(ORDERS, file="mapping.toml"))
    assert found.rows[opened] == 3
    assert sorted(row["line"] for row in engine.rows(found.refused[opened])) == [3, 4]


def test_refusals_that_differ_in_the_cell_alone_are_told_once_with_an_example(engine: Engine, tmp_path: Path) -> None:
    """
    30 rows ordered on a day that is none, each on another one; one sent on such a day
    """
    rows = "".join(f"{number},,1,,day {number},\n" for number in range(30))
    (tmp_path / "rows.csv").write_text(
        f"Order,Mail,Total,Country,Ordered,Sent\n{rows}30,,1,,2031-03-01,soon\n", encoding="utf-8"
    )
    (tmp_path / "mapping.toml").write_text(ORDERS, encoding="utf-8")
    found = gather(reading(engine), [tmp_path / "rows.csv"], mapping=tmp_path / "mapping.toml")
    often, once = found.files[0].reasons
    assert (often.where, often.count, once.where, once.count) == ("rows.csv, line 2", 30, "rows.csv, line 32", 1)
    assert '"Ordered" reads "day 0"' in often.seen
    assert '"Sent" reads "soon"' in once.seen
    assert found.files[0].refused == 31


def test_the_zone_of_a_mapping_reaches_the_report(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("Order,Mail,Total,Country,Ordered,Sent\n1,,1,,2031-03-01,\n", encoding="utf-8")
    for mapping, zone in ((ORDERS, "Europe/Berlin"), (ORDERS.replace('timezone = "Europe/Berlin"\n', ""), None)):
        (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
        found = gather(reading(engine), [tmp_path / "rows.csv"], mapping=tmp_path / "mapping.toml")
        assert found.timezone == zone


def test_stamps_tell_how_far_from_utc_the_business_is(engine: Engine, tmp_path: Path) -> None:
    mapping = parse(ORDERS, file="mapping.toml")
    (tmp_path / "rows.csv").write_text(
        "Order,Mail,Total,Country,Ordered,Sent\n1,,1,,2031-03-01 10:00,\n2,,1,,2031-07-01 10:00,\n", encoding="utf-8"
    )
    found = read(reading(engine), [open_file(tmp_path / "rows.csv", engine=engine)], mapping=mapping)
    assert found.offsets == {60: 1, 120: 1}
