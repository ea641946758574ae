"""What a mapping keeps for the address book: which columns, what they are there, and of whom."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine
from keptword.sources.csv import parse, read
from keptword.sources.csv.guess import guess
from keptword.sources.files import open_file
from mapped_files import reading

SHOP = """
[file]
name = "shop"

[defaults]
subject = "order:{Order}"
user = "Mail"

[[fact]]
kind = "order.placed"
when = "Ordered"
traits = { country = "Land" }

[[fact]]
kind = "order.shipped"
when = "Sent"
"""


@pytest.fixture
def people(engine: Engine, tmp_path: Path):
    """The contacts that a mapping makes of files, by mail address or name; None where it gives none."""

    def of(mapping: str, *texts: str) -> dict[str, dict[str, Any]] | None:
        opened = []
        for number, text in enumerate(texts):
            path = tmp_path / f"{number}.csv"
            path.write_text(text, encoding="utf-8")
            opened.append(open_file(path, engine=engine))
        asked = replace(reading(engine), contacts=True)
        found = read(asked, opened, mapping=parse(mapping, file="mapping.toml"))
        if found.contacts is None:
            return None
        rows = engine.rows(found.contacts)
        keys = {row["user_key"] for row in engine.rows(found.facts.select("user_key"))}
        assert {row["user_key"] for row in rows} <= keys
        return {
            row["mail"] or row["name"]: {name: value for name, value in row.items() if value and name != "user_key"}
            for row in rows
        }

    return of


HEAD = "Order,Mail,Land,Ordered,Sent,Kunde,Vorname,Nachname,Telefon\n"


def test_columns_are_what_their_headings_say(people):
    """Rosa ordered twice: of each part the newest that is filled; parts of a name are put together in their order."""
    book = '[personal]\nMail = "address_book"\nVorname = "address_book"\nNachname = "address_book"\n'
    book += 'Telefon = "address_book"\n'
    found = people(
        SHOP + book,
        HEAD + "1,rosa@x.example,AT,2031-03-01,2031-03-02,,Rosa,Maier,030 1234567\n"
        "2,ROSA@x.example,DE,2031-04-01,,,Rosa,Kern,\n"
        "3,ming@x.example,CN,2031-04-01,,,小明,王,\n",
    )
    rosa = found["ROSA@x.example"]
    assert (rosa["name"], rosa["phone"], rosa["country"]) == ("Rosa Kern", "030 1234567", "DE")
    assert str(rosa["told_at"]) == "2031-04-01 00:00:00"
    assert found["ming@x.example"]["name"] == "小明王"


def test_where_no_heading_tells_the_mapping_or_the_cell_does(people):
    """A column "Kunde" holds addresses and names; told that they are names, they are."""
    rows = HEAD + "1,a,DE,2031-03-01,,rosa@x.example,,,\n2,b,DE,2031-03-01,,Tom Kern,,,\n"
    by_cell = people(SHOP + '[personal]\nKunde = "address_book"\n', rows)
    assert {(row.get("mail"), row.get("name")) for row in by_cell.values()} == {
        ("rosa@x.example", None),
        (None, "Tom Kern"),
    }
    told = people(SHOP + '[personal]\nKunde = { fate = "address_book", as = "name" }\n', rows)
    assert set(told) == {"rosa@x.example", "Tom Kern"}
    assert all("mail" not in row for row in told.values())


def test_the_user_may_be_kept_where_it_is_named(people):
    mapping = SHOP.replace('user = "Mail"', 'user = { column = "Mail", fate = "address_book" }')
    assert set(people(mapping, HEAD + "1,rosa@x.example,DE,2031-03-01,,,,,\n")) == {"rosa@x.example"}
    assert people(SHOP, HEAD + "1,rosa@x.example,DE,2031-03-01,,,,,\n") is None


def test_only_rows_that_give_entries_tell_of_people(people):
    """Left out by rule, unreadable, without a moment; and one of which only one entry of two is refused."""
    mapping = SHOP + '[personal]\nMail = "address_book"\n[[leave_out]]\nreason = "tests"\nif = "Kunde = test"\n'
    rows = HEAD + (
        "1,test@x.example,DE,2031-03-01,,test,,,\n"
        "2,odd@x.example,DE,yesterday,,,,,\n"
        "3,never@x.example,DE,,,,,,\n"
        "4,part@x.example,DE,2031-03-01,soon,,,,\n"
        "5,rosa@x.example,DE,2031-03-01,2031-03-02,,,,\n"
    )
    assert set(people(mapping, rows)) == {"part@x.example", "rosa@x.example"}


def test_groups_and_further_files_tell_what_they_have(people):
    """The name stands on the second row of an order; the second file has no telephone numbers."""
    book = '[rows]\ngroup_by = ["Order"]\n[personal]\nMail = "address_book"\nKunde = "address_book"\n'
    found = people(
        SHOP + book + 'Telefon = "address_book"\n',
        "Order,Mail,Land,Ordered,Sent,Kunde,Telefon\n"
        "1,rosa@x.example,DE,2031-03-01,,,030 1234567\n"
        "1,,,2031-03-01,,Rosa Maier,\n",
        "Order,Mail,Land,Ordered,Sent,Kunde\n2,tom@x.example,DE,2031-03-01,,Tom\n",
    )
    assert (found["rosa@x.example"]["name"], found["rosa@x.example"]["phone"]) == ("Rosa Maier", "030 1234567")
    assert found["tom@x.example"]["name"] == "Tom"


def test_whoever_else_a_row_names_is_not_taken_for_the_customer(people):
    mapping = SHOP.replace('when = "Sent"', 'when = "Sent"\nother_user = "Kunde"')
    book = '[personal]\nMail = "address_book"\nKunde = "address_book"\n'
    found = people(mapping + book, HEAD + "1,rosa@x.example,DE,2031-03-01,,tom@x.example,,,\n")
    assert set(found) == {"rosa@x.example"}
    assert "name" not in found["rosa@x.example"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('Anschrift = "address_book"', "reads like the address of a house"),
        ('Kunde = { fate = "hash", as = "name" }', '"as" says what a column is to the address book'),
        ('Kunde = { fate = "address_book", as = "nickname" }', '"nickname" is not a known part of the address book'),
        ('Kunde = { as = "name", how = 1 }', '"how"'),
        ("Kunde = 7", "it has to be a text"),
    ],
)
def test_a_fate_that_cannot_be_is_refused(written, said):
    with pytest.raises(KeptwordError, match=said):
        parse(SHOP + "[personal]\n" + written + "\n", file="mapping.toml")


def test_a_proposal_keeps_the_name_and_the_address(engine, tmp_path, people):
    """Of a name as a whole and its parts the whole; not the phone number, nor the street."""
    text = (
        "Order,Ordered on,E-Mail,First name,Customer name,Phone,Street\n"
        "1,2031-03-01,rosa@x.example,Rosa,Rosa Maier,030 1234567,Weg 1\n"
        "2,2031-03-02,tom@x.example,Tom,Tom Kern,030 7654321,Weg 2\n"
    )
    path = tmp_path / "shop.csv"
    path.write_text(text, encoding="utf-8")
    proposed = guess(engine, open_file(path, engine=engine))
    told = tomllib.loads(proposed)
    assert told["personal"] == {
        "First name": "left_out",
        "Customer name": "address_book",
        "Phone": "left_out",
        "Street": "left_out",
    }
    assert told["defaults"]["user"] == {"column": "E-Mail", "fate": "address_book"}
    found = people(proposed, text)
    assert {mail: row["name"] for mail, row in found.items()} == {
        "rosa@x.example": "Rosa Maier",
        "tom@x.example": "Tom Kern",
    }


def test_a_proposal_for_rows_of_a_number_keeps_who_it_is(engine, tmp_path):
    """The customer's number tells them apart, and is hashed; parts of a name where there is no whole one."""
    path = tmp_path / "shop.csv"
    path.write_text(
        "Order,Ordered on,Customer ID,First name,Last name,E-Mail\n"
        "1,2031-03-01,C1,Rosa,Maier,rosa@x.example\n2,2031-03-02,C2,Tom,Kern,\n",
        encoding="utf-8",
    )
    told = tomllib.loads(guess(engine, open_file(path, engine=engine)))
    assert told["personal"] == {"First name": "address_book", "Last name": "address_book", "E-Mail": "address_book"}
    assert told["defaults"]["user"] == {"column": "Customer ID", "fate": "hash"}
