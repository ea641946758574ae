"""What a business may say it never does: each check on a small ledger, and what it must leave alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from fact_rows import only_portable, put_facts
from keptword.core.promises import AsOf, outcomes
from keptword.core.red_line_kinds import READY
from keptword.core.red_lines import CHECKS, CROSSING, Known, crossings
from keptword.engines.duckdb import Engine

LAST = AsOf(date(2031, 5, 31), datetime(2031, 5, 31, 23, 59, 59))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(watch=only_portable) as opened:
        yield opened


def row(kind: str, on: str, *, user: str = "rosa", subject: str | None = None, **more: Any) -> dict[str, Any]:
    at = datetime.fromisoformat(on if "T" in on else f"{on}T12:00:00")
    return {
        "kind": kind,
        "user_key": user,
        "subject": subject,
        "occurred_at": at,
        "occurred_on": at.date(),
        **more,
    }


def promise(kind: str, name: str, *, made: str, due: str) -> dict[str, Any]:
    day = date.fromisoformat(due)
    told = {"promise_id": name, "promise_kind": kind, "due_on": day, "due_at": datetime(*day.timetuple()[:3], 23, 59)}
    return row("promise.made", made, **told)


def found(engine: Engine, rows: list[dict[str, Any]], *, refund_days: int = 14) -> list[tuple[str, str, date]]:
    facts = put_facts(engine, rows)
    book = engine.create("book", outcomes(facts, as_of=LAST))
    told = engine.rows(crossings(Known(facts, book, refund_days)))
    assert all(set(each) == set(CROSSING) for each in told)
    return sorted((each["check"], each["promise_id"] or each["subject"] or "", each["occurred_on"]) for each in told)


def test_a_prize_not_sent_by_its_day_crosses_the_line(engine):
    """Prize A sent in time, B a day late, C never, D due only in June."""
    rows = [promise("reward", name, made="2031-04-01", due="2031-04-10") for name in "ABC"]
    rows += [promise("reward", "D", made="2031-05-30", due="2031-06-10")]
    rows += [row("promise.kept", "2031-04-09", promise_id="A"), row("promise.kept", "2031-04-11", promise_id="B")]
    assert found(engine, rows) == [
        ("reward_not_delivered", "B", date(2031, 4, 10)),
        ("reward_not_delivered", "C", date(2031, 4, 10)),
    ]


def test_a_prize_said_not_to_come_crosses_the_line_on_the_day_that_was_said(engine):
    """A is said off before its day, B after it, C has no day and is said off; D is said off and no prize."""
    rows = [promise("reward", "A", made="2031-04-01", due="2031-06-10")]
    rows += [promise("reward", "B", made="2031-04-01", due="2031-04-10")]
    rows += [row("promise.made", "2031-04-01", promise_id="C", promise_kind="reward")]
    rows += [promise("delivery", "D", made="2031-04-01", due="2031-06-10")]
    rows += [row("promise.broken", "2031-04-20", promise_id=name) for name in "ABCD"]
    assert found(engine, rows) == [
        ("reward_not_delivered", "A", date(2031, 4, 20)),
        ("reward_not_delivered", "B", date(2031, 4, 10)),
        ("reward_not_delivered", "C", date(2031, 4, 20)),
    ]


def test_a_refund_later_than_the_law_allows_crosses_the_line_and_one_in_time_does_not(engine):
    """1 called off on 1 April and paid back on the 15th: in time; 2 on the 16th: a day late; 3 never paid back."""
    rows = [row("order.cancelled", "2031-04-01", subject=f"order:{number}") for number in (1, 2, 3)]
    rows += [
        row("order.refunded", "2031-04-15", subject="order:1"),
        row("order.refunded", "2031-04-16", subject="order:2"),
    ]
    assert found(engine, rows) == [("refund_late", "order:2", date(2031, 4, 16))]
    assert found(engine, rows, refund_days=30) == []


def test_an_offer_to_somebody_who_took_back_their_permission_crosses_the_line(engine):
    """Rosa takes it back, gets an offer, gives it again, gets another; Li took back another permission."""
    rows = [
        row("list.subscribed", "2031-03-01"),
        row("consent.withdrawn", "2031-03-05", subject="consent:marketing"),
        row("offer.sent", "2031-03-06", subject="offer:1"),
        row("consent.given", "2031-03-07", subject="consent:marketing"),
        row("offer.sent", "2031-03-08", subject="offer:2"),
        row("consent.withdrawn", "2031-03-05", subject="consent:analytics", user="li"),
        row("offer.sent", "2031-03-06", subject="offer:1", user="li"),
    ]
    assert found(engine, rows) == [("offer_to_unsubscribed", "offer:1", date(2031, 3, 6))]


def test_an_offer_to_somebody_we_owe_crosses_the_line_once(engine):
    """A refund is owed from the moment it is promised, a parcel from the day it is due; each offer counts once."""
    rows = [
        promise("refund", "R", made="2031-03-01", due="2031-03-10"),
        promise("refund", "R2", made="2031-03-01", due="2031-03-10"),
        row("offer.sent", "2031-03-02", subject="offer:1"),
        row("promise.kept", "2031-03-03", promise_id="R"),
        row("promise.kept", "2031-03-03", promise_id="R2"),
        row("offer.sent", "2031-03-04", subject="offer:2"),
        promise("delivery", "P", made="2031-03-05", due="2031-03-20"),
        row("offer.sent", "2031-03-19", subject="offer:3"),
        row("offer.sent", "2031-03-22", subject="offer:4"),
        row("promise.kept", "2031-03-25", promise_id="P"),
    ]
    told = [each for each in found(engine, rows) if each[0] == "offer_to_owed"]
    assert told == [("offer_to_owed", "P", date(2031, 3, 22)), ("offer_to_owed", "R", date(2031, 3, 2))]


def test_a_price_higher_at_payment_than_shown_crosses_the_line(engine):
    """1 shown 20.00 and paid 20.00; 2 shown 20.00, paid 21.50; 3 paid less; 4 in another currency: not compared."""
    rows = []
    for number, paid, currency in ((1, "20.00", "EUR"), (2, "21.50", "EUR"), (3, "18.00", "EUR"), (4, "25.00", "USD")):
        subject = f"order:{number}"
        rows.append(row("order.placed", "2031-03-01", subject=subject, amount="20.00", currency="EUR"))
        rows.append(row("order.paid", "2031-03-02", subject=subject, amount=paid, currency=currency))
    assert found(engine, rows) == [("price_higher_than_shown", "order:2", date(2031, 3, 2))]


def test_a_review_hidden_or_edited_crosses_the_line(engine):
    rows = [
        row("review.posted", "2031-03-01", subject="product:tea", score=0.0),
        row("review.hidden", "2031-03-02", subject="product:tea"),
    ]
    assert found(engine, rows) == [("review_changed", "product:tea", date(2031, 3, 2))]


def test_what_colleagues_record_counts_too(engine):
    rows = [row("redline.crossed", "2031-03-02", subject="commitment:7")]
    assert found(engine, rows) == [("told", "commitment:7", date(2031, 3, 2))]


def test_without_entries_nothing_is_crossed_and_every_check_says_what_it_needs(engine):
    assert found(engine, []) == []
    assert tuple(CHECKS) == READY
