"""What the goods of an order cost: from the product export, onto the orders."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path


def test_an_order_carries_the_cost_of_its_goods_or_none_where_one_line_is_unknown(exports: Path, gathered, entries):
    """Recounted line by line from the two files: pieces times cost per item, all lines known or no cost at all."""
    with (exports / "shopify" / "products_export.csv").open(encoding="utf-8", newline="") as file:
        costs = {
            row["Variant SKU"]: Decimal(row["Cost per item"]) for row in csv.DictReader(file) if row["Cost per item"]
        }
    expected: dict[str, list[Decimal | None]] = defaultdict(list)
    with (exports / "shopify" / "orders_export.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cost = costs.get(row["Lineitem sku"])
            expected[row["Name"]].append(None if cost is None else cost * int(row["Lineitem quantity"]))
    found = gathered(exports / "shopify" / "orders_export.csv", exports / "shopify" / "products_export.csv")
    placed = {row["subject"][6:]: row["cost"] for row in entries(found) if row["kind"] == "order.placed"}
    assert placed
    for name, cost in placed.items():
        lines = expected[name]
        assert cost == (None if None in lines else sum(lines)), name
    truth = json.loads((exports / "shopify" / "truth.json").read_text("utf-8"))
    assert len(placed) == truth["orders"]["counted"] + truth["orders"]["cancelled_unshipped"]
    assert None in placed.values()
    assert any(placed.values())
