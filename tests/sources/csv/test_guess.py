"""A mapping proposed for an unknown file: it parses, reads, and gives the entries a person would expect."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from keptword.core.problems import KeptwordError
from keptword.sources.csv import parse, read
from keptword.sources.csv.guess import guess
from keptword.sources.files import open_file
from keptword.sources.source import Reading


@pytest.fixture
def guessed(engine, tmp_path):
    """Write a file, have a mapping proposed, read the file by it, and give the proposal and the entries."""

    def of(content, *, name="orders.csv"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        file = open_file(path, engine=engine)
        text = guess(engine, file)
        reading = Reading(engine=engine, key="secret", recorded_at=datetime(2031, 12, 1, tzinfo=UTC))
        found = read(reading, [file], mapping=parse(text, file="guess.toml"))
        facts = engine.rows(found.facts.order_by("fact_id"))
        refused = engine.rows(found.refused[file])
        assert not refused, refused
        return text, facts

    return of


def counts(facts):
    """How many entries there are of each kind."""
    return dict(Counter(fact["kind"] for fact in facts))


def only(facts, kind):
    """The entries of one kind."""
    return [fact for fact in facts if fact["kind"] == kind]


def test_an_english_order_list_gives_orders_and_its_promise(guessed):
    """Two orders promised for a day, one delivered; the name is left out, the address becomes a pseudonym."""
    text, facts = guessed(
        "Order ID,Order Date,Customer Name,Customer Email,Ship Date,Promised Delivery Date,Delivered At,Total,Currency,"
        "Carrier,Country\n"
        "1001,2031-03-01 10:00:00,Rosa,rosa@mail.example,2031-03-02,2031-03-05,2031-03-04 09:00:00,20.50,EUR,DHL,DE\n"
        "1002,2031-03-02 11:00:00,Tom,tom@mail.example,,2031-03-06,,9.00,EUR,UPS,AT\n"
    )
    assert counts(facts) == {
        "order.placed": 2,
        "order.shipped": 1,
        "order.delivered": 1,
        "promise.made": 2,
        "promise.kept": 1,
    }
    made = only(facts, "promise.made")[0]
    assert (made["promise_kind"], made["due_on"]) == ("delivery", date(2031, 3, 5))
    assert made["promise_id"] == only(facts, "promise.kept")[0]["promise_id"]
    placed = only(facts, "order.placed")[0]
    assert (placed["subject"], float(placed["amount"]), placed["currency"]) == ("order:1001", 20.5, "EUR")
    assert json.loads(placed["attributes"]) == {"carrier": "DHL", "country": "DE"}
    assert "mail.example" not in placed["user_key"]
    assert tomllib.loads(text)["personal"] == {"Customer Name": "address_book"}


def test_a_german_list_with_semicolons_and_commas_for_decimals(guessed):
    """31.12.2031 is a day of December, 1.234,50 is more than a thousand."""
    text, facts = guessed(
        "Bestellnummer;Bestelldatum;Kunden-E-Mail;Zugesagt bis;Versanddatum;Gesamtbetrag (EUR);Versandart;Status\n"
        "B-1;28.12.2031;rosa@mail.example;31.12.2031;30.12.2031;1.234,50;DHL;versendet\n"
        "B-2;29.12.2031;tom@mail.example;02.01.2032;;19,90;DPD;storniert\n",
        name="Auftraege 2031.csv",
    )
    assert counts(facts) == {
        "order.placed": 2,
        "order.shipped": 1,
        "order.cancelled": 1,
        "promise.made": 2,
        "promise.kept": 1,
    }
    first = only(facts, "order.placed")[0]
    assert (first["occurred_on"], float(first["amount"]), first["currency"]) == (date(2031, 12, 28), 1234.5, "EUR")
    assert only(facts, "promise.made")[0]["promise_kind"] == "dispatch"
    assert only(facts, "order.cancelled")[0]["subject"] == "order:B-2"
    assert tomllib.loads(text)["file"]["name"] == "Auftraege"


def test_chinese_headings_are_understood(guessed):
    _, facts = guessed(
        "订单号,下单时间,付款时间,承诺送达日期,签收时间,实付金额,币种,客户ID,快递公司,商品名称\n"
        "A1,2031年3月1日 10:00,2031年3月1日 10:05,2031年3月4日,2031年3月3日 08:30,88.00,CNY,C7,顺丰,茶\n"
        "A2,2031年3月2日 11:00,2031年3月2日 11:01,2031年3月5日,2031年3月9日 08:30,20.00,CNY,C8,中通,杯\n"
    )
    assert counts(facts) == {
        "order.placed": 2,
        "order.paid": 2,
        "order.delivered": 2,
        "promise.made": 2,
        "promise.kept": 2,
    }
    placed = only(facts, "order.placed")[0]
    assert placed["occurred_at"] == datetime(2031, 3, 1, 10)
    assert (float(placed["amount"]), placed["currency"]) == (88, "CNY")
    assert json.loads(placed["attributes"]) == {"carrier": "顺丰", "product": "茶"}
    assert placed["user_key"]


def test_several_rows_of_an_order_become_one_and_american_dates_are_read_as_such(guessed):
    """One cell, 3/14/2031, decides for all columns that the month comes first."""
    text, facts = guessed(
        "InvoiceNo,InvoiceDate,CustomerID,StockCode,Quantity,UnitPrice (USD),Shipped\n"
        "536365,3/4/2031 8:26,17850,A,6,2.55,3/5/2031\n"
        "536365,3/4/2031 8:26,17850,B,2,1.00,3/6/2031\n"
        "536366,3/14/2031 18:01,17851,A,1,2.55,3/15/2031\n"
    )
    assert counts(facts) == {"order.placed": 2, "order.shipped": 2}
    placed = only(facts, "order.placed")[0]
    assert (placed["occurred_on"], float(placed["amount"])) == (date(2031, 3, 4), 17.3)
    assert only(facts, "order.shipped")[0]["occurred_on"] == date(2031, 3, 6)
    assert json.loads(placed["attributes"]) == {"product": ["A", "B"]}
    assert "CHECK THIS" not in text


def test_dates_that_nothing_decides_are_pointed_out(guessed):
    """03/04/2031 and 05/06/2031: no number above 12."""
    text, facts = guessed("Order,Ordered,Shipped\n1,03/04/2031,05/04/2031\n2,05/06/2031,07/06/2031\n")
    assert "CHECK THIS: no cell decides whether the day or the month comes first" in text
    assert only(facts, "order.placed")[0]["occurred_on"] == date(2031, 4, 3)


def test_a_log_of_tickets_gives_one_promise_a_ticket_kept_or_broken(guessed):
    """INC1 has two rows and met its SLA at the end; INC2 did not; "?" is an empty cell."""
    text, facts = guessed(
        "number,incident_state,caller_id,opened_at,sys_updated_at,resolved_at,made_sla,reassignment_count,reopen_count\n"
        "INC1,New,Caller 7,29/2/2032 01:16,29/2/2032 01:20,?,true,0,0\n"
        "INC1,Closed,Caller 7,29/2/2032 01:16,1/3/2032 09:00,1/3/2032 08:30,true,2,1\n"
        "INC2,New,Caller 8,1/3/2032 04:00,1/3/2032 04:01,?,true,0,0\n"
        "INC2,Closed,Caller 8,1/3/2032 04:00,9/3/2032 10:00,9/3/2032 09:55,false,1,0\n",
        name="tickets.csv",
    )
    assert counts(facts) == {
        "contact.opened": 2,
        "contact.resolved": 2,
        "promise.made": 2,
        "promise.kept": 1,
        "promise.broken": 1,
    }
    assert only(facts, "promise.broken")[0]["subject"] == "conversation:INC2"
    assert all(made["due_at"] is None for made in only(facts, "promise.made"))
    assert [fact["steps"] for fact in only(facts, "contact.resolved")] == [3, 1]
    assert tomllib.loads(text)["rows"]["order_by"] == ["sys_updated_at"]


def test_reviews_are_rescaled_from_one_to_five_stars(guessed):
    _, facts = guessed(
        "Review ID,Product,Rating,Review Date,Reviewer Email\n"
        "9,Tea,5,2031-05-01,rosa@mail.example\n8,Cup,1,2031-05-02,tom@mail.example\n7,Tea,3,2031-05-03,\n",
        name="reviews.csv",
    )
    assert counts(facts) == {"review.posted": 3}
    assert {(fact["subject"], fact["score"]) for fact in facts} == {
        ("product:Tea", 1.0),
        ("product:Cup", 0.0),
        ("product:Tea", 0.5),
    }


def test_json_lines_are_read_like_a_table(guessed):
    rows = [
        {"orderId": f"o{day}", "createdAt": f"2031-03-0{day}T10:00:00Z", "cancelledAt": cancelled, "total": 5.5}
        for day, cancelled in ((1, None), (2, "2031-03-03T00:00:00Z"))
    ]
    text, facts = guessed("".join(json.dumps(row) + "\n" for row in rows), name="orders.jsonl")
    assert counts(facts) == {"order.placed": 2, "order.cancelled": 1}
    assert "The file names no currency" in text


@pytest.mark.parametrize(
    ("headings", "kinds"),
    [
        ("N° commande,Date de commande,Date d'expédition,Livraison prévue le,Livré le", "delivery"),
        ("Número de pedido,Fecha de pedido,Fecha de envío,Entrega prevista,Entregado el", "delivery"),
        ("Número do pedido,Data do pedido,Data de envio,Entrega prevista,Data de entrega", "delivery"),
        ("Numero ordine,Data ordine,Data spedizione,Consegna prevista,Consegnato il", "delivery"),
        ("Bestelnummer,Besteldatum,Verzonden op,Verwachte leverdatum,Bezorgd op", "delivery"),
        ("Bestellnummer,Bestellt am,Versendet am,Voraussichtliche Lieferung,Geliefert am", "delivery"),
    ],
)
def test_headings_of_other_languages_are_understood(guessed, headings, kinds):
    """Ordered, sent, promised, arrived."""
    _, facts = guessed(f"{headings}\nX1,2031-03-01,2031-03-02,2031-03-05,2031-03-04\n")
    assert set(counts(facts)) == {
        "order.placed",
        "order.shipped",
        "order.delivered",
        "promise.made",
        "promise.kept",
    }
    assert only(facts, "promise.made")[0]["promise_kind"] in kinds.split()


def test_a_file_without_dates_is_refused_with_what_is_needed(engine, tmp_path):
    path = tmp_path / "stock.csv"
    path.write_text("Item,Count\nTea,3\nCup,4\n", encoding="utf-8")
    with pytest.raises(KeptwordError, match="Needed is at least one column with the day"):
        guess(engine, open_file(path, engine=engine))


def test_a_file_of_a_header_alone_is_refused(engine, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("Order,Order Date\n", encoding="utf-8")
    with pytest.raises(KeptwordError, match="has a header and no rows"):
        guess(engine, open_file(path, engine=engine))


def test_odd_headings_do_not_break_the_proposal(guessed):
    """Quotes, backslashes, braces, an empty heading, one called line, and a repeated one."""
    _, facts = guessed(
        '"Order ""No""",Order\\Date,{x},,line,Note,Note\n1,2031-03-01,a,b,c,d,e\n2,2031-03-02,a,b,c,d,e\n'
    )
    assert counts(facts) == {"order.placed": 2}
