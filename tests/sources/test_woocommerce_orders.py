"""WooCommerce's orders: two plug-ins' tables and the REST answer become the same entries."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

ADVANCED = (
    "Order Number,Order Status,Order Date,Paid Date,Completed Date,Email (Billing),Country Code (Shipping),"
    "Customer Role,Payment Method Title,Shipping Method Title,Order Refund Amount,Order Total Amount,Currency,Item Name"
)
DONE = "1001,Completed,2031-03-03 10:00,2031-03-03 10:05,2031-03-04 09:00,rosa@mail.example,DE,,PayPal,DHL,0,30.00,EUR,"


def table(folder: Path, *rows: str, name: str = "orders.csv", header: str = ADVANCED) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def row(number: str, status: str, *, created="2031-03-03 10:00", paid="", left="", email="", role="", pays="PayPal",
        back="0", total="30.00") -> str:  # fmt: skip
    return f"{number},{status},{created},{paid},{left},{email},DE,{role},{pays},DHL,{back},{total},EUR,Tea"


def kinds(rows) -> dict[str, list[str]]:
    """The kinds of each order's entries, in the order they happened."""
    found: dict[str, list[str]] = {}
    for each in rows:
        found.setdefault(each["subject"], []).append(each["kind"])
    return found


def said(found) -> str:
    return "\n".join(str(problem) for problem in found.problems)


def test_an_order_over_several_lines_is_one_and_knows_its_things(tmp_path, gathered, entries):
    found = gathered(table(tmp_path, DONE + "Tea", DONE + "Cup"), timezone="Europe/Berlin")
    placed, paid, shipped = entries(found)
    assert [each["kind"] for each in (placed, paid, shipped)] == ["order.placed", "order.paid", "order.shipped"]
    assert {each["subject"] for each in (placed, paid, shipped)} == {"order:1001"}
    assert (placed["occurred_at"], placed["occurred_on"]) == (datetime(2031, 3, 3, 9), date(2031, 3, 3))
    assert (placed["clock_seconds"], float(placed["amount"]), placed["currency"]) == (36_000, 30.0, "EUR")
    traits = json.loads(placed["attributes"])
    assert (traits["carrier"], traits["country"], traits["payment"]) == ("DHL", "DE", "PayPal")
    assert sorted(traits["product"]) == ["Cup", "Tea"]
    assert placed["source"] == "orders.csv:2"


def test_lines_without_the_orders_cells_belong_to_the_order_above(tmp_path, gathered, entries):
    """The plug-in can be told to write an order's own cells on its first line only."""
    second = "1002,Processing,2031-03-04 10:00,,,ben@mail.example,AT,,PayPal,DHL,0,9.00,EUR,Pot"
    found = gathered(table(tmp_path, DONE + "Tea", ",,,,,,,,,,,,,Cup", second))
    products = {each["subject"]: json.loads(each["attributes"])["product"] for each in entries(found, "order.placed")}
    assert {subject: sorted(names) for subject, names in products.items()} == {
        "order:1001": ["Cup", "Tea"],
        "order:1002": ["Pot"],
    }
    assert found.files[0].refused == 0


def test_webtoffees_table_is_read_by_its_own_names(tmp_path, gathered, entries):
    header = (
        "order_id,order_number,order_date,paid_date,status,shipping_total,order_total,order_currency,"
        "payment_method_title,shipping_method,billing_email,shipping_country,line_item_1,line_item_2"
    )
    line = (
        "55,1001,2031-03-03 10:00:07,2031-03-03 10:05:00,processing,4.00,30.00,EUR,PayPal,DHL,Rosa@mail.example,DE,"
        "name:Tea|product_id:5|sku:T|quantity:1|total:20,name:Cup|product_id:6|quantity:2|total:6"
    )
    found = gathered(table(tmp_path, line, header=header))
    placed, paid = entries(found)
    assert (placed["subject"], placed["occurred_at"]) == ("order:1001", datetime(2031, 3, 3, 10, 0, 7))
    assert paid["kind"] == "order.paid"
    assert sorted(json.loads(placed["attributes"])["product"]) == ["Cup", "Tea"]


@pytest.mark.parametrize("name", ["orders.csv", "orders.json"])
def test_the_invented_shops_orders_are_counted_as_they_are(name, exports, told, gathered, entries):
    found = gathered(exports / "woocommerce" / name, timezone="Europe/Berlin")
    truth = told["orders"]
    counted = Counter(each["kind"] for each in entries(found))
    assert found.left_out == {reason: count for reason, count in truth["left_out"].items() if count}
    assert counted["order.placed"] == truth["counted"] + truth["cancelled_unshipped"]
    assert counted["order.shipped"] == truth["shipped"]
    assert counted["order.cancelled"] == truth["cancelled_unshipped"]
    assert found.files[0].rows == (truth["lines_in_the_file"] if name == "orders.csv" else truth["in_the_file"])


def test_both_exports_of_a_shop_and_shopifys_say_the_same_days(exports, gathered, entries):
    """Table, JSON and the Shopify export of the same invented shop: every order left on the same local day."""
    woocommerce, shopify = exports / "woocommerce", exports / "shopify"

    def days(path: Path) -> dict[tuple[str, str], date]:
        found = entries(gathered(path, timezone="Europe/Berlin"))
        return {(each["subject"].replace("#", ""), each["kind"]): each["occurred_on"] for each in found}

    of_table, of_json = days(woocommerce / "orders.csv"), days(woocommerce / "orders.json")
    of_shopify = days(shopify / "orders_export.csv")
    for kind in ("order.placed", "order.paid", "order.shipped"):
        expected = {key: day for key, day in of_shopify.items() if key[1] == kind}
        assert expected == {key: day for key, day in of_table.items() if key[1] == kind}
        assert expected == {key: day for key, day in of_json.items() if key[1] == kind}


def test_an_order_in_the_table_and_in_json_counts_once(exports, told, gathered, entries):
    both = gathered(exports / "woocommerce" / "orders.csv", exports / "woocommerce" / "orders.json")
    assert len({each["fact_id"] for each in entries(both)}) == len(entries(both))
    truth = told["orders"]
    assert len(entries(both, "order.placed")) == truth["counted"] + truth["cancelled_unshipped"]
    assert f"{truth['in_the_file']:,} orders came twice" in said(both)


def test_json_tells_the_shops_offset_by_its_two_clocks(tmp_path, gathered, entries):
    order = {
        "id": 7,
        "number": "1001",
        "status": "processing",
        "currency": "EUR",
        "total": "30.00",
        "date_created": "2031-07-01T23:30:00",
        "date_created_gmt": "2031-07-01T21:30:00",
        "date_paid": None,
        "billing": {"email": "rosa@mail.example", "country": "DE"},
        "line_items": [{"name": "Tea"}],
        "shipping_lines": [{"method_title": "DHL"}],
        "refunds": [{"id": 1, "total": "-2.50"}, {"id": 2, "total": "-1.00"}],
    }
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([order]), encoding="utf-8")
    found = gathered(path)
    placed, refunded = entries(found)
    assert (placed["occurred_at"], placed["occurred_on"]) == (datetime(2031, 7, 1, 21, 30), date(2031, 7, 1))
    assert found.offsets == {120: 1}
    assert (refunded["kind"], float(refunded["amount"])) == ("order.refunded", 3.5)
    assert found.undated == {"order.refunded"}  # JSON tells of refunds, not when


def test_what_became_of_an_order_is_told_by_its_status(tmp_path, gathered, entries):
    """
    1 waits for money, 2 was called off, 3 was paid back before it left, 4 failed to pay, 5 left and was paid back
    6 lies in the bin, 7 is a plug-in's own
    """
    found = gathered(
        table(
            tmp_path,
            row("1", "Pending payment"),
            row("2", "wc-cancelled"),
            row("3", "Refunded", paid="2031-03-03 10:05", back="30.00"),
            row("4", "failed"),
            row("5", "Rückerstattet", paid="2031-03-03 10:05", left="2031-03-04 09:00", back="30.00"),
            row("6", "trash"),
            row("7", "Packed"),
        )
    )
    assert kinds(entries(found)) == {
        "order:1": ["order.placed"],
        "order:2": ["order.cancelled", "order.placed"],
        "order:3": ["order.placed", "order.cancelled", "order.paid", "order.refunded"],
        "order:4": ["order.cancelled", "order.placed"],
        "order:5": ["order.placed", "order.paid", "order.refunded", "order.shipped"],
        "order:7": ["order.placed"],
    }
    assert found.left_out == {"trash": 1}
    assert 'a status that WooCommerce does not have by itself ("packed")' in said(found)


def test_a_completed_order_without_its_date_is_left_out_and_said(tmp_path, gathered, entries):
    """Neither kept nor late can be said of it, and waiting it is not."""
    header = ADVANCED.replace("Completed Date,", "")
    path = table(tmp_path, DONE.replace("2031-03-04 09:00,", "") + "Tea", header=header)
    found = gathered(path)
    assert entries(found) == []
    assert found.left_out == {"left on a day not told": 1}
    assert 'Export orders.csv again with the column "Completed Date" ticked' in said(found)


def test_test_staff_wholesale_and_zero_orders_are_left_out(tmp_path, gathered, entries):
    path = table(
        tmp_path,
        row("1", "Processing", pays="Bogus Gateway"),
        row("2", "Processing", role="shop_manager"),
        row("3", "Processing", role="wholesale_customer"),
        row("4", "Processing", total="0.00"),
        row("5", "Processing", role="Customer"),
    )
    found = gathered(path)
    assert found.left_out == {"test": 1, "staff": 1, "wholesale": 1, "zero value": 1}
    assert list(kinds(entries(found))) == ["order:5"]


def test_dates_that_could_be_two_days_are_refused_never_guessed(tmp_path, gathered, entries):
    path = table(tmp_path, row("1", "Processing", created="03/04/2031 10:00"), row("2", "Processing", paid="soon"))
    found = gathered(path)
    assert kinds(entries(found)) == {"order:2": ["order.placed"]}
    rejected = (tmp_path / "orders.rejected.csv").read_text(encoding="utf-8")
    assert 'reads ""03/04/2031 10:00"", which Keptword cannot read without guessing' in rejected
    assert '1 orders have a date ("paid") that Keptword cannot read' in said(found)


@pytest.mark.parametrize(
    ("written", "minute"),
    [
        ("2031-03-03 14:05", 5),
        ("2031-03-03 14:05:59", 5),
        ("2031/03/03 14:05", 5),
        ("03.03.2031 14:05", 5),
        ("2031-03-03 02:05 PM", 5),
    ],
)
def test_moments_are_read_however_the_plug_in_was_told_to_write_them(written, minute, tmp_path, gathered, entries):
    placed, *_ = entries(gathered(table(tmp_path, row("1", "Processing", created=written))))
    assert (placed["occurred_on"], placed["clock_seconds"] // 60) == (date(2031, 3, 3), 14 * 60 + minute)


@pytest.mark.parametrize("written", ["infinity", "2031-02-30 10:00", "2031-03-03T10:00:00+01:00 extra", "epoch"])
def test_what_is_no_moment_is_refused(written, tmp_path, gathered, entries):
    found = gathered(table(tmp_path, row("1", "Processing", created=written)))
    assert (entries(found), found.files[0].refused) == ([], 1)


def test_a_mere_day_has_no_clock(tmp_path, gathered, entries):
    placed, *_ = entries(gathered(table(tmp_path, row("1", "Processing", created="2031-03-03"))))
    assert (placed["occurred_on"], placed["clock_seconds"]) == (date(2031, 3, 3), None)


def test_orders_of_two_shops_with_the_same_number_stay_two(tmp_path, gathered, entries):
    one = table(tmp_path, row("1", "Processing", email="rosa@mail.example"))
    other = table(tmp_path, row("1", "Processing", created="2031-05-05 11:00"), name="other.csv")
    found = gathered(one, other)
    assert sorted(kinds(entries(found))) == ["order:1 (orders.csv)", "order:1 (other.csv)"]
    assert "the exports of two shops" in said(found)


def test_local_times_without_a_time_zone_are_said(tmp_path, gathered):
    path = table(tmp_path, row("1", "Processing"))
    assert "--timezone" in said(gathered(path))
    assert "--timezone" not in said(gathered(path, timezone="Europe/Berlin"))


def test_summer_time_of_the_business_is_met(tmp_path, gathered, entries):
    """2031-07-01 00:30 in Berlin is 22:30 UTC of the day before."""
    path = table(tmp_path, row("1", "Processing", created="2031-07-01 00:30"))
    placed, *_ = entries(gathered(path, timezone="Europe/Berlin"))
    assert (placed["occurred_at"], placed["occurred_on"]) == (datetime(2031, 6, 30, 22, 30), date(2031, 7, 1))
