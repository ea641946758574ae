"""Break down: counted once more from the shop's own export, sorted, filtered, downloaded, and a page a product."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from keptword.figures.reading import Reader, current
from keptword.web.keeping.telling import promise_page
from web.cast import Desk
from web.serving import calm, opened

NO_CUSTOMERS = {"staff", "replacement", "test", "B2B, wholesale"}
"""Tags of orders that nobody was promised anything about: they are left out as the file is read."""

SCRIPT = "<script>document.title = 'taken'</script>"


def figures(desk: Desk) -> Reader:
    """The figures the pages read."""
    reader = current(desk.books.folder)
    assert reader is not None
    return reader


def read(desk: Desk, address: str) -> list[dict[str, str]]:
    """A CSV file of a page, read by somebody who may only look."""
    answer = desk.client("cleo").get(address)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


@pytest.fixture(scope="module")
def lines(shop_books: Path) -> list[dict[str, str]]:
    """The lines of the shop's export of orders: one a product in an order."""
    with (shop_books.parent / "files" / "orders_export.csv").open(encoding="utf-8", newline="") as file:
        every = list(csv.DictReader(file))
    left_out = {line["Name"] for line in every if line["Tags"] in NO_CUSTOMERS}
    return [line for line in every if line["Name"] not in left_out]


def year(desk: Desk) -> tuple[date, date]:
    """The first and the last day that are counted."""
    last = date.fromisoformat(figures(desk).said("made")["today"])
    return last.replace(year=last.year - 1) + timedelta(days=1), last


def by_order(lines: list[dict[str, str]], column: str) -> dict[str, set[str]]:
    """What a column of the export says of each order."""
    found = defaultdict(set)
    for line in lines:
        if line[column]:
            found[line["Name"]].add(line[column])
    return found


COLUMNS = {"product": "Lineitem name", "carrier": "Shipping Method", "vendor": "Vendor"}


@pytest.mark.parametrize("name", COLUMNS)
def test_orders_are_counted_as_in_the_shops_export(seen_desk, lines, name):
    """Orders of the last 12 months by what they hold, those called off before they left left out."""
    first, last = year(seen_desk)
    counted: Counter[str] = Counter()
    for order, values in by_order(lines, COLUMNS[name]).items():
        head = next(line for line in lines if line["Name"] == order)
        placed = date.fromisoformat(head["Created at"][:10])
        off = head["Cancelled at"] and not head["Fulfilled at"]
        counted.update(values if first <= placed <= last and not off else ())
    shown = {row["which"]: int(row["Orders"]) for row in read(seen_desk, f"/break-down/?by={name}&form=csv")}
    assert {value: shown.get(value, 0) for value in counted} == dict(counted)


def test_promises_are_counted_by_product_as_a_loop_over_them_does(seen_desk, lines):
    """kept + late + not kept = due, by every product of the order a promise is about."""
    first, last = year(seen_desk)
    products = by_order(lines, "Lineitem name")
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for promise in figures(seen_desk).rows("SELECT subject, outcome, due_day FROM promises WHERE subject IS NOT NULL"):
        judged = promise["outcome"] in ("kept", "late", "broken")
        if judged and promise["due_day"] and first <= promise["due_day"] <= last:
            for product in products[promise["subject"].removeprefix("order:")]:
                counted[product][promise["outcome"]] += 1
    for row in read(seen_desk, "/break-down/?by=product&form=csv"):
        seen = counted[row["which"]]
        assert (int(row["Kept"]), int(row["Late"]), int(row["Not kept"])) == (
            seen["kept"],
            seen["late"],
            seen["broken"],
        )
        assert int(row["Due"]) == sum(seen.values())
        if row["Kept in 100"]:
            low, share, high = (float(row[head]) for head in ("Kept in 100, from", "Kept in 100", "Kept in 100, to"))
            assert 0 <= low <= share <= high <= 1


def test_a_share_of_few_is_drawn_towards_the_others(seen_desk):
    """All kept of two is not 100 in 100."""
    small = [row for row in read(seen_desk, "/break-down/?by=product&form=csv") if 0 < int(row["Due"]) < 4]
    assert small
    assert all(0 < float(row["Kept in 100"]) < 1 for row in small)


def test_a_product_shows_the_same_by_month(seen_desk):
    """The months of the year added up are its row of the year, but for the days before the first whole month."""
    row = read(seen_desk, "/break-down/?by=product&form=csv")[0]
    months = read(seen_desk, f"/break-down/product/?name={quote_plus(row['which'])}&form=csv")
    first, _ = year(seen_desk)
    within = [each for each in months if date.fromisoformat(each["Month"]) >= first.replace(day=1)]
    assert sum(int(each["Orders"]) for each in within) >= int(row["Orders"])
    assert sum(int(each["Due"]) for each in within) >= int(row["Due"])
    later = [each for each in within if date.fromisoformat(each["Month"]) > first]
    assert sum(int(each["Orders"]) for each in later) <= int(row["Orders"])
    for each in months:
        assert int(each["Due"]) == int(each["Kept"]) + int(each["Late"]) + int(each["Not kept"])


def test_who_waits_for_a_product_stands_as_of_now(desk):
    """Marked as kept at the desk, a promise about an order with the product waits no more."""
    about = figures(desk).row(
        "SELECT promise_id, products[1] AS product FROM waiting JOIN subjects USING (subject)"
        " WHERE what = 'promise' AND len(products) > 0 ORDER BY due_at LIMIT 1"
    )
    address, link = f"/break-down/product/?name={quote_plus(about['product'])}", promise_page(about["promise_id"])
    assert link in desk.client("cleo").get(address).content.decode()
    assert desk.client("ben").post(f"{link}kept/").status_code == 303
    assert link not in desk.client("cleo").get(address).content.decode()


def test_the_table_sorts_filters_and_equals_its_file(seen_desk):
    client = seen_desk.client("cleo")
    for address in (
        "?by=product&sort=-late",
        "?by=product&sort=value",
        "?by=product&least=20",
        "?by=country&sort=kept",
    ):
        html = client.get(f"/break-down/{address}").content.decode()
        rows = read(seen_desk, f"/break-down/{address}&form=csv")
        numbers = re.findall(r'<td class="figure">(\d[\d,]*)</td>', html)
        assert [row["Due"] for row in rows] == [number.replace(",", "") for number in numbers], address
    assert all(
        max(int(row["Due"]), int(row["Orders"])) >= 20
        for row in read(seen_desk, "/break-down/?by=product&least=20&form=csv")
    )


@pytest.mark.parametrize(
    "address",
    [
        "/break-down/?by=none-such&least=-1&sort=drop",
        f"/break-down/?by={quote_plus(SCRIPT)}&least={quote_plus(SCRIPT)}",
        "/break-down/?page=999999&by=product",
        "/break-down/?by=product&least=%00",
    ],
)
def test_an_address_that_makes_no_sense_shows_what_there_is(seen_desk, address):
    answer = seen_desk.client("cleo").get(address)
    assert answer.status_code == 200
    assert SCRIPT not in answer.content.decode()


@pytest.mark.parametrize("name", ["", "nothing is called that", SCRIPT, "\x00", "a" * 5000, "' OR 1=1 --"])
def test_a_product_of_no_such_name_is_a_page_that_is_not_there(seen_desk, name):
    assert seen_desk.client("cleo").get("/break-down/product/", {"name": name}).status_code == 404


def test_without_figures_the_page_teaches(desk):
    for path in desk.books.folder.figures.glob("*.duckdb"):
        path.unlink()
    html = desk.client("ada").get("/break-down/").content.decode()
    assert "Nothing to break down yet" in html
    assert desk.client("ada").get("/break-down/product/?name=x").status_code == 404


def test_what_stands_out_more_than_chance_is_said_and_nothing_else():
    """A carrier that fails half of 200 stands out beside three that fail one in ten; one of four does not."""
    from keptword.core.differences import stand_out
    from keptword.core.rates import wilson
    from keptword.web.desk.breaking.reading import row_of
    from keptword.words import words

    standing = stand_out([100, 20, 20, 1], [200, 200, 200, 4])
    assert [each.direction for each in standing] == ["more", None, None, None]
    row = {
        "name": "carrier",
        "value": "DPD",
        "due": 200,
        "kept": 100,
        "late": 90,
        "not_kept": 10,
        "orders": 0,
        "returned": 0,
        "refunded": 0,
        "rated": 0,
        "score_sum": 0.0,
        **{
            f"failed_{name}": value
            for name, value in {"share": 0.49, "low": 0.43, "high": 0.55, "stands": "more"}.items()
        },
        **{f"{what}_{end}": None for what in ("returned", "refunded") for end in ("share", "low", "high", "stands")},
    }
    shown = row_of(row, reference=wilson(700, 800), words=words("en"))
    assert (shown.kept.stands, round(shown.kept.share.value, 2)) == ("worse", 0.51)
    assert "worse" in shown.drawing


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_the_way_from_the_table_to_a_product_and_on_to_who_waits(browser, seen_site, script):
    with opened(browser, seen_site, name="cleo", script=script) as page:
        page.goto("/break-down/")
        page.get_by_role("link", name="Product").click()
        page.get_by_label("With at least, due or ordered").select_option("20")
        if not script:
            page.get_by_role("button", name="Show").click()
        page.wait_for_url("**least=20**")
        page.get_by_role("link", name="Orders").click()
        page.wait_for_url("**sort=orders**")
        assert "least=20" in page.url
        link = page.locator("table tbody th a").first
        name = link.inner_text()
        link.click()
        page.wait_for_url("**/product/**")
        assert page.get_by_role("heading", level=1).inner_text() == name


@pytest.mark.browser
def test_breaking_down_is_calm(browser, seen_site, pictures):
    product = read(seen_site.desk, "/break-down/?by=product&form=csv")[0]["which"]
    with opened(browser, seen_site) as page:
        for name, address in {
            "breakdown": "/break-down/",
            "breakdown-products": "/break-down/?by=product",
            "product": f"/break-down/product/?name={quote_plus(product)}",
        }.items():
            page.goto(address)
            calm(page, pictures, name=f"desk-{name}")
