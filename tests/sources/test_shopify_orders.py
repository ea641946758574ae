"""Shopify's order export: which lines make an order, which orders count, and what is said about the odd ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine
from keptword.sources.registry import Gathered, gather
from keptword.sources.source import Reading
from shopify_export import more, order, write


def read(engine: Engine, *paths: Path, leave_out: Mapping[str, Any] | None = None) -> Gathered:
    reading = Reading(engine=engine, key="a key", recorded_at=datetime(2031, 4, 1), leave_out=leave_out or {})
    return gather(reading, paths)


def kinds(engine: Engine, read: Gathered) -> dict[str, list[str]]:
    """Return what happened to each order."""
    found: dict[str, list[str]] = {}
    for row in engine.rows(read.facts.select("subject", "kind").order_by(["subject", "kind"])):
        found.setdefault(row["subject"], []).append(row["kind"].removeprefix("order."))
    return found


def test_an_order_is_put_together_from_lines_wherever_they_stand(engine: Engine, tmp_path: Path) -> None:
    rows = [more("#2", "Cup"), order("#1"), order("#2"), more("#1", "Pot"), more("#2", "Tray")]
    made = read(engine, write(tmp_path / "orders.csv", rows))
    placed = made.facts.filter(made.facts.kind == "order.placed")
    products = {row["subject"]: row["attributes"] for row in engine.rows(placed.select("subject", "attributes"))}
    assert all(product in products["order:#2"] for product in ("Tea", "Cup", "Tray"))
    assert "Pot" in products["order:#1"]
    assert "Cup" not in products["order:#1"]
    assert made.files[0].refused == 0


def test_what_stands_on_several_lines_of_an_order_is_named_once(engine: Engine, tmp_path: Path) -> None:
    """One order with Tea on three lines, its own first line twice; one whose own line names nothing; one of nothing."""
    empty = {"Lineitem_name": ""}
    rows = [order("#1"), more("#1", "Tea"), more("#1", "Cup"), order("#1")]
    rows += [order("#2", **empty), more("#2", "Pot"), order("#3", **empty)]
    made = read(engine, write(tmp_path / "orders.csv", rows))
    placed = made.facts.filter(made.facts.kind == "order.placed").select("subject", "attributes")
    products = {row["subject"]: json.loads(row["attributes"]).get("product") for row in engine.rows(placed)}
    assert sorted(products["order:#1"]) == ["Cup", "Tea"]
    assert (products["order:#2"], products["order:#3"]) == (["Pot"], None)


def test_an_order_whose_money_went_back_before_it_left_is_called_off(engine: Engine, tmp_path: Path) -> None:
    unshipped = {"Fulfilled_at": "", "Fulfillment_Status": "unfulfilled"}
    rows = [
        order("#1", Financial_Status="refunded", Refunded_Amount="20.00", **unshipped),
        order("#2", Financial_Status="voided", Paid_at="", **unshipped),
        order("#3", Financial_Status="partially_refunded", Refunded_Amount="5.00", **unshipped),
        order("#4", Financial_Status="refunded", Refunded_Amount="20.00"),
    ]
    assert kinds(engine, read(engine, write(tmp_path / "orders.csv", rows))) == {
        "order:#1": ["cancelled", "paid", "placed", "refunded"],
        "order:#2": ["cancelled", "placed"],
        "order:#3": ["paid", "placed", "refunded"],
        "order:#4": ["paid", "placed", "refunded", "shipped"],
    }


ODD = [
    order("#1", Tags="VIP, Test"),
    order("#2", Payment_Method="(for testing) Bogus Gateway"),
    order("#3", Tags="staff, gift"),
    order("#4", Tags="Wholesale"),
    order("#5", Total="0.00"),
    order("#6", Tags="latest-drop, contest"),
    order("#7", Tags="our team"),
]


@pytest.mark.parametrize(
    ("leave_out", "left"),
    [
        ({}, {"test": 2, "staff": 1, "wholesale": 1, "zero value": 1}),
        ({"wholesale": False, "zero_value": False}, {"test": 2, "staff": 1}),
        ({"staff": ["our team"], "test": False}, {"staff": 1, "wholesale": 1, "zero value": 1}),
    ],
)
def test_orders_that_are_no_customers_are_left_out_by_rule_and_counted(
    engine: Engine, tmp_path: Path, leave_out: dict[str, Any], left: dict[str, int]
) -> None:
    made = read(engine, write(tmp_path / "orders.csv", ODD), leave_out=leave_out)
    assert made.left_out == left
    assert len(kinds(engine, made)) == len(ODD) - sum(left.values())


@pytest.mark.parametrize("leave_out", [{"wholsale": False}, {"staff": "team"}, {"zero value": ["free"]}])
def test_a_rule_for_leaving_out_that_cannot_be_is_refused(
    engine: Engine, tmp_path: Path, leave_out: dict[str, Any]
) -> None:
    with pytest.raises(KeptwordError, match="leave_out"):
        read(engine, write(tmp_path / "orders.csv", ODD), leave_out=leave_out)


def test_an_export_reduced_to_a_few_columns_is_read_by_the_first_line_of_each_order(
    engine: Engine, tmp_path: Path
) -> None:
    at = "2031-03-03 10:00:00 +0100"
    rows = [order("#1"), {**more("#1", "Cup"), "Created at": at}, order("#2"), {**more("#2", "Pot"), "Created at": at}]
    columns = ["Name", "Created at", "Paid at", "Fulfilled at", "Lineitem name"]
    made = read(engine, write(tmp_path / "orders.csv", rows, columns=columns))
    assert kinds(engine, made) == {name: ["paid", "placed", "shipped"] for name in ("order:#1", "order:#2")}
    assert made.files[0].refused == 0


def test_a_later_export_of_the_same_shop_tells_how_an_order_went_on(engine: Engine, tmp_path: Path) -> None:
    early = write(tmp_path / "march.csv", [order("#1", Fulfilled_at="", Fulfillment_Status="unfulfilled"), order("#2")])
    later = write(
        tmp_path / "april.csv",
        [order("#1"), order("#2", Financial_Status="partially_refunded", Refunded_Amount="5.00")],
    )
    went = {"order:#1": ["paid", "placed", "shipped"], "order:#2": ["paid", "placed", "refunded", "shipped"]}
    assert kinds(engine, read(engine, early, later)) == kinds(engine, read(engine, later, early)) == went


def test_two_orders_of_one_number_in_one_file_stay_two(engine: Engine, tmp_path: Path) -> None:
    rows = [order("#1", Id="1"), order("#1", Id="2", Created_at="2031-03-05 10:00:00 +0100")]
    assert len(kinds(engine, read(engine, write(tmp_path / "both.csv", rows)))) == 2
