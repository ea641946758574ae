"""Who the customers are, beside the entries and never in them: what each source tells of it for the address book."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from keptword.engines.duckdb import Engine
from keptword.sources.cells import pseudonym
from keptword.sources.registry import Gathered
from shopify_export import COLUMNS, order, write

NAMES = ("Billing Name", "Shipping Name", "Billing Phone", "Shipping Phone", "Billing Country", "Phone")


@pytest.fixture
def people(engine: Engine):
    """The contacts of what was read, by mail address, or by phone number where there is none."""

    def of(found: Gathered) -> dict[str, dict[str, Any]]:
        assert found.contacts is not None
        rows = engine.rows(found.contacts)
        keys = [row["user_key"] for row in rows]
        assert len(keys) == len(set(keys))
        assert set(keys) <= {row["user_key"] for row in engine.rows(found.facts.select("user_key"))}
        return {row["mail"] or row["phone"]: row for row in rows}

    return of


def shopify(path: Path, *rows: dict[str, str]) -> Path:
    return write(path, rows, columns=(*COLUMNS, *NAMES))


def told(row: dict[str, Any]) -> dict[str, str]:
    """What is known of somebody, without what is not."""
    return {part: row[part] for part in ("name", "mail", "phone", "country", "language") if row[part]}


def test_nobody_is_read_where_nobody_asks(tmp_path, gathered, engine):
    """As for a report: no names, and not even their columns are read."""
    path = shopify(tmp_path / "orders.csv", order("#1", Billing_Name="Rosa Maier", Email="rosa@mail.example"))
    found = gathered(path)
    assert found.contacts is None
    columns = engine.sql("SELECT count(*) FROM duckdb_columns() WHERE column_name = 'Billing Name'").fetchone()
    assert columns == (0,)


def test_shopify_tells_who_an_order_is_billed_to(tmp_path, gathered, people):
    """Sent to a friend: the order is still Rosa's."""
    cells = {"Email": "Rosa@mail.example", "Billing_Name": "Rosa Maier", "Shipping_Name": "Tom Kern"}
    cells |= {"Shipping_Phone": "0170 1", "Billing_Phone": "+49 170 1234567", "Billing_Country": "AT"}
    found = gathered(shopify(tmp_path / "orders.csv", order("#1", **cells)), contacts=True)
    (row,) = people(found).values()
    assert told(row) == {
        "name": "Rosa Maier",
        "mail": "Rosa@mail.example",
        "phone": "+49 170 1234567",
        "country": "AT",
    }
    assert row["told_at"] == datetime(2031, 3, 3, 9)


def test_of_each_part_the_newest_that_is_not_empty_counts(tmp_path, gathered, people):
    """Married in March: the newer order has another name and no phone number; it stands first, as in an export."""
    late, early = "2031-03-03 10:00:00 +0100", "2031-02-01 10:00:00 +0100"
    own = {"Email": "rosa@mail.example"}
    rows = [
        order("#3", Created_at=late, Billing_Name="Rosa Kern", Shipping_Country="DE", **own),
        order("#2", Created_at=early, Billing_Name="Rosa Maier", Phone="0170 1234567", Shipping_Country="FR", **own),
    ]
    found = people(gathered(shopify(tmp_path / "orders.csv", *rows), contacts=True))
    assert told(found["rosa@mail.example"]) == {
        "name": "Rosa Kern",
        "mail": "rosa@mail.example",
        "phone": "0170 1234567",
        "country": "DE",
    }


def test_whoever_has_no_entries_has_no_contact(tmp_path, gathered, people):
    """A test order, an order that cannot be read, one of nobody, and one whose customer has a phone number alone."""
    rows = [
        order("#1", Email="test@mail.example", Tags="test"),
        order("#2", Email="odd@mail.example", Created_at="yesterday"),
        order("#3", Email="", Billing_Name="Nobody"),
        order("#4", Email="", Phone="+49 30 1234567", Billing_Name="Li"),
    ]
    found = people(gathered(shopify(tmp_path / "orders.csv", *rows), contacts=True))
    assert {key: row["name"] for key, row in found.items()} == {"+49 30 1234567": "Li"}


WOO = (
    "Order Number,Order Status,Order Date,Completed Date,Email (Billing),First Name (Billing),Last Name (Billing),"
    "Phone (Billing),Country Code (Shipping),Country Code (Billing),Order Total Amount,Currency,Item Name"
)


def test_woocommerce_puts_names_together_as_they_are_written(tmp_path, gathered, people):
    """Rosa Maier, and 王小明, whose family name comes first and without a space."""
    rows = [
        "1,Completed,2031-03-03 10:00,2031-03-04 09:00,rosa@mail.example,Rosa,Maier,030 1234567,DE,AT,3,EUR,Tea",
        "2,Completed,2031-03-03 10:00,2031-03-04 09:00,ming@mail.example,小明,王,,CN,,3,EUR,Tea",
        "3,Completed,2031-03-03 10:00,2031-03-04 09:00,kern@mail.example,,Kern,,CN,,3,EUR,Tea",
    ]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([WOO, *rows]) + "\n", encoding="utf-8")
    found = people(gathered(path, contacts=True))
    assert {key: (row["name"], row["phone"], row["country"]) for key, row in found.items()} == {
        "rosa@mail.example": ("Rosa Maier", "030 1234567", "AT"),
        "ming@mail.example": ("王小明", None, "CN"),
        "kern@mail.example": ("Kern", None, "CN"),
    }


def test_woocommerce_json_tells_the_same(tmp_path, gathered, people):
    billing = {"first_name": "Rosa", "last_name": "Maier", "email": "rosa@mail.example", "phone": "1", "country": "DE"}
    stamps = {f"date_{name}{end}": "2031-03-03T10:00:00" for name in ("created", "completed") for end in ("", "_gmt")}
    shop = {"id": 1, "number": "1", "status": "completed", "currency": "EUR", "total": "3.00", **stamps}
    one = shop | {"billing": billing, "shipping": {"country": "FR"}, "line_items": [{"name": "Tea"}]}
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([one]), encoding="utf-8")
    found = people(gathered(path, contacts=True))
    assert told(found["rosa@mail.example"])["name"] == "Rosa Maier"
    assert found["rosa@mail.example"]["country"] == "DE"


def test_a_review_tells_its_reviewer(tmp_path, gathered, people):
    """Spam tells nobody."""
    path = tmp_path / "reviews.csv"
    path.write_text(
        "title,body,rating,review_date,source,curated,reviewer_name,reviewer_email,product_handle\n"
        "x,y,5,2031-03-03 10:00:00 UTC,email,ok,Rosa M.,rosa@mail.example,tea\n"
        "x,y,1,2031-03-03 10:00:00 UTC,email,spam,Buy Now,spam@mail.example,tea\n",
        encoding="utf-8",
    )
    assert {key: row["name"] for key, row in people(gathered(path, contacts=True)).items()} == {
        "rosa@mail.example": "Rosa M."
    }


LETTERS = {
    "Rosa Maier <rosa@mail.example>": "Rosa Maier",
    '"Maier, Rosa" <rosa@mail.example>': "Maier, Rosa",
    "=?utf-8?B?546L5bCP5piO?= <rosa@mail.example>": "王小明",
    "=?iso-8859-1?Q?J=FCrgen?= =?iso-8859-1?Q?_M=FCller?= <rosa@mail.example>": "Jürgen Müller",
    "rosa@mail.example (Rosa Maier)": "Rosa Maier",
    "rosa@mail.example": None,
    '"rosa@mail.example" <rosa@mail.example>': None,
    '"max@x.example via Shop" <rosa@mail.example>': None,
    "=?unknown-8bit?Q?=FF?= <rosa@mail.example>": None,
    "=?no-such-charset?Q?Rosa?= <rosa@mail.example>": None,
    "=?utf-16-le?B?ANgA2A==?= <rosa@mail.example>": None,
    "=?utf-7?Q?Li+2AA-?= <rosa@mail.example>": "Li?",
    '"Rosa \\"Tea\\" Maier" <rosa@mail.example>': "Rosa 'Tea' Maier",
}


@pytest.mark.parametrize("sender", LETTERS)
def test_a_letter_tells_what_its_sender_is_called(tmp_path, gathered, people, sender):
    path = tmp_path / "mail.mbox"
    path.write_text(
        f"From x@y Mon Mar  3 09:00:00 2031\nFrom: {sender}\nTo: Shop <help@shop.example>\n"
        "Date: Mon, 3 Mar 2031 10:00:00 +0100\nMessage-ID: <1@x>\n\nletter\n\n"
        "From x@y Mon Mar  3 09:00:00 2031\nFrom: Shop <help@shop.example>\nTo: rosa@mail.example\n"
        "Date: Mon, 3 Mar 2031 11:00:00 +0100\nMessage-ID: <2@x>\nIn-Reply-To: <1@x>\n\nletter\n\n",
        encoding="utf-8",
    )
    found = people(gathered(path, contacts=True, own_addresses=("shop.example",)))
    assert set(found) == {"rosa@mail.example"}
    assert found["rosa@mail.example"]["name"] == LETTERS[sender]


def test_several_sources_tell_of_the_same_person(tmp_path, gathered, people):
    """The shop knows the phone number, the later review another name."""
    orders = shopify(
        tmp_path / "orders.csv",
        order("#1", Email="rosa@mail.example", Billing_Name="R Maier", Phone="030 1234567"),
    )
    reviews = tmp_path / "reviews.csv"
    reviews.write_text(
        "rating,review_date,curated,reviewer_name,reviewer_email,product_handle\n"
        "5,2031-04-03 10:00:00 UTC,ok,Rosa,rosa@mail.example,tea\n",
        encoding="utf-8",
    )
    found = people(gathered(orders, reviews, contacts=True))
    assert told(found["rosa@mail.example"]) == {
        "name": "Rosa",
        "mail": "rosa@mail.example",
        "phone": "030 1234567",
    }


def test_a_key_in_python_is_the_one_of_the_entries(engine):
    """What `whom` looks an address up by."""
    from keptword.books.whom import pseudonym_of

    texts = ("Rosa@Mail.example", "  rosa@mail.example ", "Jürgen@Müller.example", "王@x.cn")
    table = engine.put("texts", {"text": "string"}, rows=[(text,) for text in texts])
    rows = engine.rows(engine.load("keys", table.select("text", key=pseudonym(table.text, key="a key"))))
    assert {row["text"]: row["key"] for row in rows} == {text: pseudonym_of(text, key="a key") for text in texts}
