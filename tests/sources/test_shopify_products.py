"""Shopify's products: what each thing on sale costs, under the name an order calls it by."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from keptword.simulate.catalogue import PRODUCTS
from keptword.sources.files import open_file
from keptword.sources.registry import recognised
from keptword.sources.source import Reading

HEADER = "Handle,Title,Option1 Value,Option2 Value,Variant SKU,Variant Price,Image Src,Cost per item"


def products(folder: Path, *rows: str, name: str = "products.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def read(engine, *paths: Path):
    files = [open_file(path, engine=engine) for path in paths]
    source = recognised(files[0])
    assert source.name == "shopify_products"
    return source.read(Reading(engine=engine, key="secret", recorded_at=datetime(2031, 12, 1, tzinfo=UTC)), files)


def costs(engine, found) -> dict[tuple[str, str | None], float]:
    return {(row["product"], row["sku"]): float(row["cost"]) for row in engine.rows(found.costs)}


def test_each_thing_has_the_name_an_order_calls_it_by(tmp_path, engine):
    path = products(
        tmp_path,
        "oolong,Oolong,100 g,,O-1,14.90,,5.60",
        "oolong,,250 g,Tin,O-2,32.90,,12.10",
        "oolong,,,,,,picture.png,",
        "cup,Cup,Default Title,,,9.00,,2.00",
    )
    found = read(engine, path)
    assert costs(engine, found) == {
        ("Oolong - 100 g", "O-1"): 5.6,
        ("Oolong - 250 g / Tin", "O-2"): 12.1,
        ("Cup", None): 2.0,
    }
    assert engine.rows(found.facts) == []
    assert sum(found.rows.values()) == 4
    assert not found.problems


def test_the_last_cost_of_a_thing_counts(tmp_path, engine):
    old = products(tmp_path, "cup,Cup,,,C,9.00,,2.00")
    new = products(tmp_path, "cup,Cup,,,C,9.00,,3.00", name="new.csv")
    assert costs(engine, read(engine, old, new)) == {("Cup", "C"): 3.0}


def test_a_cost_that_is_none_is_refused_and_a_missing_one_said(tmp_path, engine):
    path = products(tmp_path, "cup,Cup,,,C,9.00,,cheap", "pot,Pot,,,P,9.00,,-1", "jug,Jug,,,J,9.00,,")
    found = read(engine, path)
    assert costs(engine, found) == {}
    (refused,) = found.refused.values()
    assert sorted(row["line"] for row in engine.rows(refused)) == [2, 3]
    assert "1 of 3 things on sale have no cost" in str(found.problems[0])


def test_the_invented_shops_orders_can_be_joined_to_their_costs(exports, engine):
    """Every thing sold has the name under which the product list has its cost, wherever it has one."""
    found = costs(engine, read(engine, exports / "shopify" / "products_export.csv"))
    with (exports / "shopify" / "orders_export.csv").open(encoding="utf-8", newline="") as file:
        sold = {(line["Lineitem name"], line["Lineitem sku"]) for line in csv.DictReader(file)}
    assert len(found) >= len(PRODUCTS) - 2
    assert len(sold - found.keys()) <= 2
