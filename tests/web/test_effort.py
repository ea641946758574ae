"""What it takes to deal with us: days, messages and returns counted once more, and "not enough yet" where unknown."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from datetime import date, timedelta
from math import ceil
from pathlib import Path

import pytest

from keptword.books.recording import post
from keptword.figures.make import make
from keptword.figures.reading import current
from keptword.web.desk.effort.measured import duration, leaving, per_orders, wait
from keptword.words import words
from web.cast import Desk
from web.invented import fact
from web.serving import calm, opened

NO_CUSTOMERS = {"staff", "replacement", "test", "B2B, wholesale"}
"""Tags of orders that nobody was promised anything about: they are left out as the file is read."""


def page(desk: Desk, *, language: str = "") -> str:
    """The page as text without marks."""
    answer = desk.client("cleo").get("/what-it-takes/")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()).replace("&#39;", "'")


def whole_months(desk: Desk) -> tuple[date, date]:
    """The last 12 whole months."""
    reader = current(desk.books.folder)
    assert reader is not None
    today = date.fromisoformat(reader.said("made")["today"])
    until = today.replace(day=1) - timedelta(days=1)
    return date(today.year - 1, today.month, 1), until


@pytest.fixture(scope="module")
def orders(shop_books: Path) -> list[dict[str, str]]:
    """The first line of each order of a customer in the shop's export."""
    with (shop_books.parent / "files" / "orders_export.csv").open(encoding="utf-8", newline="") as file:
        return [line for line in csv.DictReader(file) if line["Financial Status"] and line["Tags"] not in NO_CUSTOMERS]


def day(cell: str) -> date:
    """The local day of a moment in the export."""
    return date.fromisoformat(cell[:10])


def quantile(values: list[int], share: float) -> int:
    """The least value that so many are not above."""
    return sorted(values)[max(ceil(share * len(values)) - 1, 0)]


def test_days_until_an_order_leaves_are_those_of_the_export(seen_desk, orders):
    first, last = whole_months(seen_desk)
    waited = [
        (day(order["Fulfilled at"]) - day(order["Created at"])).days
        for order in orders
        if order["Fulfilled at"] and first <= day(order["Created at"]) <= last
    ]
    half, most = quantile(waited, 0.5), quantile(waited, 0.9)
    assert (
        f"Half the orders left the house within {half} days , nine in ten within {most} days. "
        f"Counted are {len(waited)} orders." in page(seen_desk)
    )


def test_messages_are_counted_against_the_orders_of_the_same_months(seen_desk, orders):
    first, last = whole_months(seen_desk)
    placed = sum(
        first <= day(order["Created at"]) <= last and not (order["Cancelled at"] and not order["Fulfilled at"])
        for order in orders
    )
    reader = current(seen_desk.books.folder)
    wrote = reader.rows("SELECT occurred_on FROM entries_of WHERE kind IN ('contact.opened', 'contact.reopened')")
    count = sum(first <= each["occurred_on"] <= last for each in wrote)
    assert re.search(
        rf"messages for every 100 orders \(\d+ to \d+\): {count} messages, {placed} orders\.", page(seen_desk)
    )


def test_what_is_not_known_says_so_and_what_would_tell_it(seen_desk):
    """A shop's export, a mailbox: no carrier's file, no visits, no list of returns."""
    said = page(seen_desk)
    for sentence in (
        "your files do not say when orders arrived. Your carrier knows.",
        "your files tell of no order that was sent back.",
        "nothing tells how many minutes and steps it takes",
        "what people look at, and where they give up, is in none of your files.",
    ):
        assert f"Not enough yet: {sentence}" in said
    assert "0 of 100" not in said


def visited(desk: Desk, *rows: dict) -> Desk:
    """The desk after more entries came in and figures were made of them."""
    done = post(desk.books, [json.dumps(row) for row in rows], say=lambda _: None)
    assert done.posted.accepted == len(rows)
    make(desk.books, say=lambda _: None)
    return desk


def test_minutes_are_those_of_the_months_the_page_names(desk):
    """Last month it took a minute to look at something; ten minutes this month, and a year before, are not in it."""
    first, last = whole_months(desk)
    days = {60: last, 600: desk.books.today, 6000: first - timedelta(days=1)}
    rows = [
        fact(f"v{seconds}", "product.viewed", day, hour=0, user_key="v", subject="product:x", seconds=seconds)
        for seconds, day in days.items()
    ]
    assert re.search(r"60 seconds – 1 ", page(visited(desk, *rows)))


def test_of_those_who_left_no_share_is_said_where_more_took_a_later_step(desk):
    """Three looked, five began to pay, all who ordered did: how many ordered of those who looked nobody can tell."""
    last = whole_months(desk)[1]
    took = [("product.viewed", 3), ("checkout.started", 5)]
    rows = [
        fact(f"{kind}-{number}", kind, last, user_key=f"v{number}", subject=f"cart:{number}")
        for kind, count in took
        for number in range(count)
    ]
    found = leaving(current(visited(desk, *rows).books.folder), until=last, words=words("en"))
    assert found is not None
    assert [(step.people, step.share.value) for step in found.steps[:2]] == [(3, 1.0), (5, None)]
    assert found.steps[2].people > 5
    assert (found.steps[2].share.value, found.steps[2].drawing, found.paid) == (None, "", None)
    assert "0 of 100" not in page(desk)


def test_the_months_as_a_file_have_every_month(seen_desk):
    answer = seen_desk.client("cleo").get("/what-it-takes/?form=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    reader = current(seen_desk.books.folder)
    steps = reader.rows("SELECT month, orders, messages FROM steps ORDER BY month")
    assert [(row["Month"], row["Orders"], row["Messages"]) for row in rows] == [
        (str(step["month"]), str(step["orders"]), str(step["messages"])) for step in steps
    ]


def test_the_months_drawn_are_those_in_the_table_behind(seen_desk, orders):
    html = seen_desk.client("cleo").get("/what-it-takes/").content.decode()
    counted = Counter(day(order["Created at"]).replace(day=1) for order in orders if order["Fulfilled at"])
    section = html[html.index('id="left"') : html.index('id="arrived"')]
    table = re.findall(r'<th scope="row" class="day">([^<]+)</th><td class="figure">([\d,]+)</td>', section)
    english = words("en")
    assert [(name, int(count)) for name, count in table] == [
        (english.month(month), counted[month]) for month in sorted(counted, reverse=True)[: len(table)]
    ]
    assert section.count('<rect class="column"') == len(table)


def test_without_figures_the_page_teaches(desk):
    for path in desk.books.folder.figures.glob("*.duckdb"):
        path.unlink()
    assert "Nothing counted yet" in page(desk)


@pytest.mark.parametrize(
    ("value", "hours", "said"),
    [
        (0, False, "less than a day"),
        (1, False, "1 day"),
        (2.0, False, "2 days"),
        (0.5, True, "0.5 hours"),
        (1.0, True, "1 hour"),
        (18.57, True, "19 hours"),
        (73.6, True, "3.1 days"),
        (None, False, "–"),
    ],
)
def test_spans_of_time_are_said_as_people_say_them(value, hours, said):
    assert duration(value, words=words("en"), hours=hours) == said


def test_a_rate_carries_the_range_of_a_count_of_its_size():
    """100 messages vary by chance from about 84 to 117 (the exact range, by Garwood: 84.1 to 118.1)."""
    months = [{"month": date(2031, 1, 1), "messages": 100, "orders": 100}]
    told = per_orders("messages", {"messages": 100, "orders": 100}, months=months, words=words("en"))
    assert (told.rate, told.low, told.high) == ("100", "84", "117")
    assert per_orders("messages", {"messages": 0, "orders": 100}, months=months, words=words("en")).months == ()


def test_nothing_is_drawn_of_a_single_month():
    row = {"month": date(2031, 1, 1), "left_count": 3, "left_median": 2.0, "left_ninety": 3.0}
    told = wait("left", row, months=[row], words=words("en"))
    assert (told.drawing, told.median, told.months[0].shown) == ("", "2 days", ("2 days", "3 days"))


@pytest.mark.browser
def test_what_it_takes_is_calm(browser, seen_site, pictures):
    with opened(browser, seen_site) as page:
        page.goto("/what-it-takes/")
        calm(page, pictures, name="desk-effort")
