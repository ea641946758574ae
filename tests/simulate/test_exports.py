"""The invented shop's exports are those of a real shop, and what they hold is what the truth says."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import holidays
import pytest

from simulate import recount

AS_OF = date(2031, 11, 24)
READERS = {
    "orders_export.csv": recount.shopify_orders,
    "orders.csv": recount.woocommerce_csv_orders,
    "orders.json": recount.woocommerce_json_orders,
}


@pytest.fixture(params=list(READERS))
def orders(request: pytest.FixtureRequest, shopify: Path, woocommerce: Path) -> list[recount.Order]:
    """The orders, read back from each of the three layouts in turn."""
    folder = shopify if request.param == "orders_export.csv" else woocommerce
    return READERS[request.param](folder / request.param)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_layout_holds_the_same_orders_and_leaves_the_same_out(
    orders: list[recount.Order], truth: dict[str, Any]
) -> None:
    """600 to 900 orders, of which a few are tests, the staff's own, wholesale, or came to nothing."""
    assert len(orders) == truth["orders"]["in_the_file"]
    assert Counter(order.left_out for order in orders if order.left_out) == truth["orders"]["left_out"]
    called_off = sum(order.cancelled and not order.shipped and not order.left_out for order in orders)
    assert called_off == truth["orders"]["cancelled_unshipped"]
    assert sum(order.counts for order in orders) == truth["orders"]["counted"]
    assert len({order.email.lower() for order in orders if order.counts}) == truth["customers"]
    assert sum(len(order.skus) for order in orders) == truth["orders"]["lines_in_the_file"]


def test_counting_working_days_one_by_one_gives_the_truth(orders: list[recount.Order], truth: dict[str, Any]) -> None:
    """Every order, for promises of 0 to 10 working days: due, kept, late and waiting."""
    for row in truth["dispatch"]["what_if"]:
        counted = recount.dispatch(orders, as_of=AS_OF, within=row["working_days"])
        assert {name: counted[name] for name in ("due", "kept", "late", "waiting")} == {
            name: row[name] for name in ("due", "kept", "late", "waiting")
        }


def test_holidays_and_a_cutoff_hour_give_the_truth(orders: list[recount.Order], truth: dict[str, Any]) -> None:
    """The nine holidays of all German states; orders from 14:00 on count as the next working day's."""
    off = set(holidays.country_holidays("DE", years=range(2029, 2033)))
    for given, found in (
        (truth["dispatch_with_holidays_of_DE"], recount.dispatch(orders, as_of=AS_OF, off=off)),
        (truth["dispatch_with_cutoff_at_14"], recount.dispatch(orders, as_of=AS_OF, cutoff=14)),
        (truth["dispatch"], recount.dispatch(orders, as_of=AS_OF)),
    ):
        assert found == {name: given[name] for name in found}
    assert truth["dispatch_with_holidays_of_DE"]["kept"] > truth["dispatch"]["kept"]
    assert truth["dispatch_with_cutoff_at_14"]["kept"] > truth["dispatch"]["kept"]


@pytest.mark.parametrize(
    ("table", "group"),
    [
        ("by_carrier", lambda order: order.carrier),
        ("by_country", lambda order: order.country),
        ("by_month_paid", lambda order: f"{order.base:%Y-%m}"),
        ("by_month_due", lambda order: f"{recount.due_on(order.base, 2):%Y-%m}"),
    ],
)
def test_every_group_gives_the_truth(
    orders: list[recount.Order], truth: dict[str, Any], table: str, group: Any
) -> None:
    """By carrier, by country, by month of payment and by month due; with how many left within 0, 1, … days."""
    for label, given in truth["dispatch"][table].items():
        chosen = [order for order in orders if order.counts and group(order) == label]
        found = recount.dispatch(chosen, as_of=AS_OF)
        assert found == {name: given[name] for name in found}
        within = [
            sum(order.shipped is not None and order.shipped.date() <= recount.due_on(order.base, k) for order in chosen)
            for k in range(11)
        ]
        assert within == given["left_within"]
    assert sum(given["orders"] for given in truth["dispatch"][table].values()) == truth["orders"]["counted"]


def test_the_overdue_are_named_longest_first(orders: list[recount.Order], truth: dict[str, Any]) -> None:
    """Those that should have left and have not, with the day they were due."""
    waiting = [
        {"order": order.name, "due_on": str(due)}
        for order in sorted(orders, key=lambda order: int(order.name[1:]))
        if order.counts and recount.outcome(order, due=(due := recount.due_on(order.base, 2)), as_of=AS_OF) == "waiting"
    ]
    assert truth["overdue"] == sorted(waiting, key=lambda row: row["due_on"])
    assert 2 <= len(waiting) <= 20


def test_who_came_back_is_the_truth(orders: list[recount.Order], truth: dict[str, Any]) -> None:
    """Another order within 90 days, where those 90 days are over."""
    found = recount.returning(orders, AS_OF)
    assert found["first"] == truth["returning"]["first_purchases"]
    assert found["kept"] == truth["returning"]["after_kept_orders"]
    assert found["late"] == truth["returning"]["after_late_orders"]
    quarters = truth["returning"]["first_purchases_by_quarter"].values()
    assert sum(quarter["came_back"] for quarter in quarters) == found["first"]["came_back"]


def test_refunds_and_cancellations_by_product_are_the_truth(orders: list[recount.Order], truth: dict[str, Any]) -> None:
    """By order, since no export says which of an order's things came back."""
    for sku, given in truth["products"].items():
        bought = [order for order in orders if sku in order.skus and not order.left_out]
        counted = [order for order in bought if order.counts]
        assert len(counted) == given["orders"]
        assert sum(order.refunded > 0 for order in counted) == given["orders_refunded"]
        assert len(bought) - len(counted) == given["orders_cancelled_unshipped"]


def test_shopify_writes_an_orders_own_cells_on_its_first_line_only(shopify: Path) -> None:
    """#1002 over three lines: the second and third repeat only the name, the mail address and the moment."""
    kept = {"Name", "Email", "Created at", "Vendor"}
    before = ""
    further = 0
    for row in rows(shopify / "orders_export.csv"):
        if row["Name"] == before:
            further += 1
            full = {name for name, cell in row.items() if cell and not name.startswith("Lineitem")}
            assert full == kept
        else:
            assert row["Total"]
            assert row["Financial Status"]
        before = row["Name"]
    assert further > 100


def test_shopify_writes_its_own_79_columns_newest_order_first(shopify: Path) -> None:
    """From "Name" to "Payment References", in the admin's order."""
    lines = rows(shopify / "orders_export.csv")
    header = list(lines[0])
    assert len(header) == 79
    assert header[:5] == ["Name", "Email", "Financial Status", "Paid at", "Fulfillment Status"]
    assert header[15:18] == ["Created at", "Lineitem quantity", "Lineitem name"]
    assert header[44:51] == [
        *("Notes", "Note Attributes", "Cancelled at", "Payment Method", "Payment Reference", "Refunded Amount"),
        "Vendor",
    ]
    assert header[-3:] == ["Payment Terms Name", "Next Payment Due At", "Payment References"]
    numbers = [int(name[1:]) for name in dict.fromkeys(row["Name"] for row in lines)]
    assert numbers == list(range(numbers[0], 1000, -1))


def test_shopifys_money_adds_up_to_the_cent(shopify: Path) -> None:
    """Lines less the discount are the subtotal, with postage the total; never more comes back than was paid."""
    goods: Counter[str] = Counter()
    own = {}
    for row in rows(shopify / "orders_export.csv"):
        goods[row["Name"]] += int(row["Lineitem quantity"]) * round(100 * float(row["Lineitem price"]))
        own.setdefault(row["Name"], row)
    for name, row in own.items():
        subtotal, postage, total, off, back, tax = (
            round(100 * float(row[column]))
            for column in ("Subtotal", "Shipping", "Total", "Discount Amount", "Refunded Amount", "Taxes")
        )
        assert goods[name] - off == subtotal
        assert subtotal + postage == total
        assert 0 <= back <= total
        assert tax == round(100 * (float(row["Tax 1 Value"] or 0) + float(row["Tax 2 Value"] or 0)))
        expected = {"paid": back == 0, "refunded": back == total, "partially_refunded": 0 < back < total}
        assert expected.get(row["Financial Status"], not row["Paid at"])


def test_woocommerces_money_adds_up_to_the_cent(woocommerce: Path) -> None:
    """Lines and postage without tax, and the tax, are the total."""

    def cents(text: str) -> int:
        return round(100 * float(text))

    for order in json.loads((woocommerce / "orders.json").read_text(encoding="utf-8")):
        net = sum(cents(line["total"]) for line in order["line_items"]) + cents(order["shipping_total"])
        assert net + cents(order["total_tax"]) == cents(order["total"])
        before = sum(cents(line["subtotal"]) for line in order["line_items"])
        assert before - cents(order["discount_total"]) + cents(order["shipping_total"]) == net


def test_the_products_cost_something_but_for_one_nobody_filled_in(shopify: Path) -> None:
    """A row for each size; a product's title stands on its first row only."""
    found = rows(shopify / "products_export.csv")
    assert len(found) == 24
    assert len({row["Variant SKU"] for row in found}) == 24
    assert [row["Variant SKU"] for row in found if not row["Cost per item"]] == ["TUC-LEI-001"]
    assert sum(not row["Title"] for row in found) == 3
    sold = {(row["Lineitem sku"], row["Lineitem price"]) for row in rows(shopify / "orders_export.csv")}
    assert sold <= {(row["Variant SKU"], row["Variant Price"]) for row in found}


def test_reviews_come_from_customers_after_they_ordered(shopify: Path, truth: dict[str, Any]) -> None:
    """Judge.me's columns, one to five stars, moments in UTC."""
    found = rows(shopify / "reviews.csv")
    orders = recount.shopify_orders(shopify / "orders_export.csv")
    first = {order.email: order.placed for order in orders}  # the newest stands first, so the oldest wins
    assert len(found) == truth["reviews"]["count"]
    assert sum(int(row["rating"]) for row in found) / len(found) == pytest.approx(truth["reviews"]["rating_mean"])
    assert {row["rating"] for row in found} <= set("12345")
    for row in found:
        assert row["review_date"].endswith(" UTC")
        assert row["review_date"][:10] > str(first[row["reviewer_email"]].date())
