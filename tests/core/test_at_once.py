"""What late and broken promises cost at once: each refund, remedy and message put down to one of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fact_rows import day, night, noon, only_portable, put_facts, put_promises
from keptword.core.at_once import MESSAGES, MINUTES_PER_MESSAGE, WAGE_PER_HOUR, at_once, cost_per_message
from keptword.core.money import Rate, Rates
from keptword.engines.duckdb import Engine

EACH = Decimal("2.75")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(watch=only_portable) as opened:
        yield opened


def promise(name: str, outcome: str, due: int | None, **more: Any) -> dict[str, Any]:
    """A judged delivery to rosa, of the order of the same name, unless told otherwise."""
    kept = more.pop("kept", None)
    plain = {"promise_id": name, "promise_kind": "delivery", "user_key": "rosa", "subject": f"order:{name}"}
    due_at = None if due is None else night(day(due))
    days = {"due_on": None if due is None else day(due), "due_at": due_at}
    return plain | days | {"kept_on": None if kept is None else day(kept), "outcome": outcome} | more


def entry(kind: str, on: int, subject: str | None, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "occurred_on": day(on), "subject": subject, "user_key": "rosa"} | more


def money(kind: str, on: int, subject: str, *, amount: str | None, own: str | None = None) -> dict[str, Any]:
    return entry(kind, on, subject, amount=amount, own_amount=own if own is not None else amount)


def costs(engine: Engine, facts: list[Any], promises: list[Any], *, days: tuple[int, int] = (0, 90)) -> Any:
    """The rows by promise kind, without what is nothing."""
    table = at_once(
        put_facts(engine, facts, own_money=True),
        put_promises(engine, promises),
        first=day(days[0]),
        last=day(days[1]),
        message_cost=EACH,
    )
    rows = engine.rows(table)
    return {row.pop("promise_kind"): {name: value for name, value in row.items() if value} for row in rows}


def test_refunds_remedies_and_messages_after_a_broken_promise_are_its_cost(engine):
    """
    Order 1 was due on day 4 and never came; order 2 came in time, order 3 two days late.
    """
    promises = [promise("1", "broken", 4), promise("2", "kept", 4, kept=3), promise("3", "late", 4, kept=6)]
    facts = [
        money("order.refunded", 7, "order:1", amount="20"),
        money("order.refunded", 7, "order:2", amount="500"),
        money("remedy.given", 8, "order:3", amount="5.5"),
        entry("complaint.made", 6, "order:1"),
        entry("contact.opened", 6, "conversation:9"),
        entry("contact.opened", 6, "conversation:8", user_key="li"),
    ]
    assert costs(engine, facts, promises) == {
        "delivery": {
            "late": 1,
            "broken": 1,
            "refunds": 1,
            "refund_amount": Decimal(20),
            "remedies": 1,
            "remedy_amount": Decimal("5.5"),
            "messages": 2,
            "message_cost": Decimal("5.5"),
        }
    }


def test_what_came_before_the_promise_failed_is_none_of_its_cost(engine):
    """
    Due at the end of day 4: asked after on day 4, refunded on day 3; asked after again on day 5.
    """
    facts = [
        entry("contact.opened", 4, "order:1"),
        money("order.refunded", 3, "order:1", amount="20"),
        entry("contact.reopened", 5, "order:1"),
    ]
    assert costs(engine, facts, [promise("1", "broken", 4)])["delivery"] == {
        "broken": 1,
        "messages": 1,
        "message_cost": EACH,
    }


def test_a_promise_said_to_be_broken_costs_from_that_day_on(engine):
    """
    Sold out, said and refunded on day 2, due only on day 30.
    """
    facts = [
        {"kind": "promise.broken", "occurred_on": day(2), "promise_id": "1"},
        money("order.refunded", 2, "order:1", amount="20") | {"occurred_at": noon(day(2)) - timedelta(hours=3)},
    ]
    assert costs(engine, facts, [promise("1", "broken", 30)], days=(0, 5))["delivery"] == {
        "broken": 1,
        "refunds": 1,
        "refund_amount": Decimal(20),
    }


def test_a_question_is_no_cost_of_its_own_late_answer(engine):
    """
    conversation:7 opened at noon, promised within 4 hours, answered at eight; asked again the day after.
    """
    due = datetime(2031, 3, 2, 16)
    reply = promise("r", "late", None, kept=1, promise_kind="reply", subject="conversation:7", due_at=due)
    facts = [entry("contact.opened", 1, "conversation:7"), entry("contact.reopened", 2, "conversation:7")]
    assert costs(engine, facts, [reply]) == {"reply": {"late": 1, "messages": 1, "message_cost": EACH}}


def test_a_refund_is_no_cost_of_the_refund_that_came_late(engine):
    """It was owed anyway; only a voucher on top is a cost of having been late with it."""
    refund = promise("1", "late", 4, kept=9, promise_kind="refund")
    facts = [
        money("order.refunded", 9, "order:1", amount="20"),
        money("remedy.given", 9, "order:1", amount="5"),
    ]
    assert costs(engine, facts, [refund]) == {"refund": {"late": 1, "remedies": 1, "remedy_amount": Decimal(5)}}


def test_an_entry_counts_once_with_the_promise_that_failed_last(engine):
    """
    Order 1: dispatch failed on day 2, delivery on day 6; refunded on day 8; a message on day 4 and one on day 8.
    """
    promises = [promise("d", "broken", 2, promise_kind="dispatch", subject="order:1"), promise("1", "broken", 6)]
    facts = [
        money("order.refunded", 8, "order:1", amount="20"),
        entry("contact.opened", 4, "conversation:1"),
        entry("contact.opened", 8, "conversation:2"),
    ]
    assert costs(engine, facts, promises) == {
        "delivery": {"broken": 1, "refunds": 1, "refund_amount": Decimal(20), "messages": 1, "message_cost": EACH},
        "dispatch": {"broken": 1, "messages": 1, "message_cost": EACH},
    }


def test_a_message_that_names_an_order_counts_with_that_order_or_not_at_all(engine):
    """
    Order 1 failed first, order 2 after it; complaints about orders 1 and 3.
    """
    promises = [promise("1", "broken", 2, promise_kind="dispatch"), promise("2", "broken", 6)]
    facts = [entry("complaint.made", 8, "order:1"), entry("complaint.made", 8, "order:3")]
    seen = costs(engine, facts, promises)
    assert (seen["dispatch"]["messages"], seen["delivery"].get("messages")) == (1, None)


def test_a_message_that_names_nothing_counts_for_sixty_days(engine):
    for on, messages in ((64, 1), (65, None)):
        facts = [entry("contact.opened", on, "conversation:1")]
        assert costs(engine, facts, [promise("1", "broken", 4)])["delivery"].get("messages") == messages


def test_costs_belong_to_the_time_they_came_in(engine):
    """A promise that failed before the period still costs in it, and is counted as failed only where it failed."""
    facts = [money("order.refunded", 12, "order:1", amount="20")]
    promises = [promise("1", "broken", 4)]
    assert costs(engine, facts, promises, days=(0, 9)) == {"delivery": {"broken": 1}}
    assert costs(engine, facts, promises, days=(10, 20)) == {"delivery": {"refunds": 1, "refund_amount": Decimal(20)}}


def test_money_without_a_rate_is_left_out_and_counted(engine):
    facts = [
        entry("order.refunded", 7, "order:1", amount=Decimal(20), currency="ISK"),
        entry("order.refunded", 8, "order:1"),
        entry("remedy.given", 9, "order:1", cost=Decimal(3), own_cost=Decimal(3)),
    ]
    assert costs(engine, facts, [promise("1", "broken", 4)])["delivery"] == {
        "broken": 1,
        "refunds": 2,
        "left_out": 1,
        "not_told": 1,
        "remedies": 1,
        "remedy_amount": Decimal(3),
    }


def test_without_a_price_of_a_message_its_cost_is_not_known(engine):
    table = at_once(
        put_facts(engine, [entry("complaint.made", 6, "order:1")], own_money=True),
        put_promises(engine, [promise("1", "broken", 4), promise("2", "late", 4, kept=5, promise_kind="reply")]),
        first=day(0),
        last=day(9),
        message_cost=None,
    )
    assert [(row["messages"], row["message_cost"]) for row in engine.rows(table)] == [(1, None), (0, None)]


def test_a_message_costs_minutes_times_the_wage():
    assert cost_per_message(currency="EUR") == EACH
    assert cost_per_message(currency="EUR", minutes=Decimal(10), wage=Decimal("20")) == Decimal("3.3333")
    assert cost_per_message(currency="CNY", wage=Decimal(60)) == Decimal(5)
    rates = Rates({"CNY": (Rate(day(0), Decimal(8), "the bank"),)})
    assert cost_per_message(currency="CNY", rates=rates, day=day(3)) == 8 * EACH
    assert cost_per_message(currency="CNY", rates=rates, day=day(30)) is None
    assert cost_per_message(currency="CNY") is None


def test_what_is_assumed_says_so():
    for assumed in (MINUTES_PER_MESSAGE, WAGE_PER_HOUR):
        assert assumed.grade == "P"
        assert assumed.source.startswith("Assumed")


def a_little_world(draw: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Failed and kept promises and what came in, of few names and days, so that they meet.

    The late ones among the entries lie about where sixty days are over.
    """
    users, subjects = ("rosa", "li", None), ("order:1", "order:2", "conversation:1", "conversation:2")
    promises = [
        promise(
            f"p{number}",
            draw.choice(["late", "broken", "broken", "kept", "open"]),
            draw.randint(0, 8),
            promise_kind=draw.choice(["delivery", "refund", "reply"]),
            user_key=draw.choice(users),
            subject=draw.choice(subjects),
            kept=draw.randint(0, 8),
        )
        | {"said": draw.choice([None, draw.randint(0, 8)])}
        for number in range(draw.randint(0, 12))
    ]
    entries = []
    for _ in range(120):
        amount = draw.choice([None, Decimal(draw.randint(-9999, 9999)).scaleb(-2)])
        kind = draw.choice(["order.refunded", "remedy.given", *MESSAGES, "order.paid"])
        on = draw.choice([draw.randint(0, 9), draw.randint(58, 70)])
        more = {"user_key": draw.choice(users), "amount": amount, "own_amount": draw.choice([amount, None])}
        entries.append(entry(kind, on, draw.choice([None, *subjects]), **more))
    return promises, entries


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_what_it_costs_is_what_plain_python_says_in_any_order(engine, seed):
    draw = random.Random(seed)
    promises, entries = a_little_world(draw)
    days = (draw.randint(0, 4), draw.choice([draw.randint(3, 9), draw.randint(58, 70)]))
    said_so = [
        {"kind": "promise.broken", "promise_id": each["promise_id"], "occurred_on": day(each["said"])}
        for each in promises
        if each["said"] is not None
    ]
    facts = [dict(fact, fact_id=f"f{number}") for number, fact in enumerate([*said_so, *entries])]
    draw.shuffle(facts)
    known = plainly(entries, promises, first=day(days[0]), last=day(days[1]))
    # A kind of which none failed then, and that cost nothing, has no row.
    expected = {kind: row for kind, row in known.items() if row}
    assert costs(engine, facts, promises, days=days) == expected


def plainly(entries: list[Any], promises: list[Any], *, first: date, last: date) -> dict[str, dict[str, Any]]:
    """The same in plain Python, entry by entry."""
    failed = [dict(each, failed_on=failed_on(each)) for each in promises if each["outcome"] in ("late", "broken")]
    rows: dict[str, dict[str, Any]] = {each["promise_kind"]: {} for each in failed}

    def add(kind: str, **amounts: Any) -> None:
        for name, amount in amounts.items():
            rows[kind][name] = rows[kind].get(name, 0) + amount

    for each in failed:
        when = each["kept_on"] if each["outcome"] == "late" else each["failed_on"]
        if first <= when <= last:
            add(each["promise_kind"], **{each["outcome"]: 1})
    for one in entries:
        blamed = [rank for each in failed if (rank := blame(one, each))]
        if not first <= one["occurred_on"] <= last or not blamed:
            continue
        best = max(blamed, key=lambda rank: (rank[0], rank[1], [-ord(letter) for letter in rank[2]]))
        kind = next(each["promise_kind"] for each in failed if each["promise_id"] == best[2])
        if one["kind"] in MESSAGES:
            add(kind, messages=1, message_cost=EACH)
            continue
        what = "refund" if one["kind"] == "order.refunded" else "remedy"
        add(kind, **{"refunds" if what == "refund" else "remedies": 1, f"{what}_amount": one["own_amount"] or 0})
        add(kind, left_out=int(one["amount"] is not None and one["own_amount"] is None))
        add(kind, not_told=int(one["amount"] is None))
    return {kind: {name: value for name, value in row.items() if value} for kind, row in rows.items()}


def failed_on(each: dict[str, Any]) -> date:
    return each["due_on"] if each["said"] is None else min(each["due_on"], day(each["said"]))


def blame(one: dict[str, Any], each: dict[str, Any]) -> tuple[int, date, str] | None:
    """How well an entry fits a failed promise, or None: by its name before by its user, then the last one failed."""
    on, is_message = one["occurred_on"], one["kind"] in MESSAGES
    followed = on > each["due_on"] or (each["said"] is not None and on >= day(each["said"]))
    if not followed or not (is_message or one["kind"] in ("order.refunded", "remedy.given")):
        return None
    if one["subject"] == each["subject"]:
        owed = one["kind"] == "order.refunded" and each["promise_kind"] == "refund"
        return None if owed else (1, each["failed_on"], each["promise_id"])
    names_order = (one["subject"] or "").startswith("order:")
    theirs = one["user_key"] is not None and one["user_key"] == each["user_key"]
    if is_message and not names_order and theirs and on <= each["failed_on"] + timedelta(days=60):
        return (0, each["failed_on"], each["promise_id"])
    return None
