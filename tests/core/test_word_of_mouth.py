"""Word of mouth: who brought whom, and how the business and its goods are rated."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fact_rows import day, only_portable, put_facts
from keptword.core.word_of_mouth import bringers, ratings, recommended
from keptword.engines.duckdb import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(watch=only_portable) as opened:
        yield opened


def sent(by: str | None, on: int) -> dict[str, Any]:
    return {"kind": "referral.sent", "user_key": by, "occurred_on": day(on)}


def joined(who: str, by: str | None, on: int) -> dict[str, Any]:
    return {"kind": "referral.joined", "user_key": who, "other_user": by, "occurred_on": day(on)}


def test_those_who_joined_count_with_whoever_brought_them(engine):
    """
    rosa recommends twice, ada and li join on her word, li twice; li brings max; max recommends and nobody comes.
    """
    rows = [
        sent("rosa", 1),
        sent("rosa", 2),
        joined("ada", "rosa", 3),
        joined("li", "rosa", 4),
        joined("li", "rosa", 6),
    ]
    rows += [joined("max", "li", 5), sent("max", 7)]
    facts = put_facts(engine, rows)
    assert engine.rows(bringers(facts, first=day(0), last=day(9))) == [
        {"user_key": "li", "brought": 1, "sent": 0, "first_on": day(5), "last_on": day(5)},
        {"user_key": "max", "brought": 0, "sent": 1, "first_on": day(7), "last_on": day(7)},
        {"user_key": "rosa", "brought": 2, "sent": 2, "first_on": day(1), "last_on": day(6)},
    ]
    assert engine.rows(recommended(facts, first=day(0), last=day(9))) == [
        {"senders": 2, "sent": 3, "bringers": 2, "brought": 3}
    ]


def test_nobody_brings_themselves(engine):
    facts = put_facts(engine, [joined("rosa", "rosa", 1)])
    assert engine.rows(bringers(facts, first=day(0), last=day(9))) == []


def test_nothing_at_all_is_one_row_of_nothing(engine):
    assert engine.rows(recommended(put_facts(engine, []), first=day(0), last=day(9))) == [
        {"senders": 0, "sent": 0, "bringers": 0, "brought": 0}
    ]


PEOPLE = st.sampled_from(["rosa", "li", "ada", "max"])
WORD = st.builds(sent, st.none() | PEOPLE, st.integers(0, 9)) | st.builds(
    joined, PEOPLE, st.none() | PEOPLE, st.integers(0, 9)
)


@settings(max_examples=25)
@given(rows=st.lists(WORD, max_size=25), first=st.integers(0, 9), last=st.integers(0, 9), seed=st.integers())
def test_word_of_mouth_is_what_plain_python_counts_in_any_order(engine, rows, first, last, seed):
    shuffled = [dict(row, fact_id=f"f{number}") for number, row in enumerate(rows)]
    random.Random(seed).shuffle(shuffled)
    facts = put_facts(engine, shuffled)
    within = [row for row in rows if day(first) <= row["occurred_on"] <= day(last)]
    sends = [row for row in within if row["kind"] == "referral.sent" and row["user_key"]]
    joins = [row for row in within if row.get("other_user") and row["other_user"] != row["user_key"]]
    by = {row["user_key"] for row in sends} | {row["other_user"] for row in joins}
    expected = []
    for user in sorted(by):
        theirs = [row for row in sends if row["user_key"] == user]
        brought = [row for row in joins if row["other_user"] == user]
        days = [row["occurred_on"] for row in theirs + brought]
        new = len({row["user_key"] for row in brought})
        expected.append(
            {"user_key": user, "brought": new, "sent": len(theirs), "first_on": min(days), "last_on": max(days)}
        )
    assert engine.rows(bringers(facts, first=day(first), last=day(last))) == expected
    (total,) = engine.rows(recommended(facts, first=day(first), last=day(last)))
    assert total == {
        "senders": len({row["user_key"] for row in sends}),
        "sent": len(sends),
        "bringers": len({row["other_user"] for row in joins}),
        "brought": len({row["user_key"] for row in joins}),
    }


def rated(subject: str, score: float | None, *, on: int = 1, kind: str = "review.posted") -> dict[str, Any]:
    return {"kind": kind, "subject": subject, "score": score, "occurred_on": day(on)}


def test_four_stars_are_good_and_three_are_bad(engine):
    """
    Goods rated with 5, 4, 3 and 1 of 5 stars; the shop itself with 3.5; the same question asked in a survey.
    """
    rows = [rated(f"product:{stars}", (stars - 1) / 4) for stars in (5, 4, 3, 1)]
    rows += [rated("shop", 0.625), rated("shop", 1.0, kind="survey.answered"), rated("shop", None)]
    assert engine.rows(ratings(put_facts(engine, rows), first=day(0), last=day(9))) == [
        {
            "kind": "review.posted",
            "target": "product",
            "ratings": 4,
            "score_sum": Decimal("2.25"),
            "good": 2,
            "bad": 2,
            "good_share": 0.5,
            "bad_share": 0.5,
        },
        {
            "kind": "review.posted",
            "target": "shop",
            "ratings": 1,
            "score_sum": Decimal("0.625"),
            "good": 0,
            "bad": 0,
            "good_share": 0.0,
            "bad_share": 0.0,
        },
        {
            "kind": "survey.answered",
            "target": "shop",
            "ratings": 1,
            "score_sum": Decimal(1),
            "good": 1,
            "bad": 0,
            "good_share": 1.0,
            "bad_share": 0.0,
        },
    ]


SCORED = st.builds(
    rated,
    st.sampled_from(["order:1", "order:1:2", "product:a", "shop"]),
    st.none() | st.integers(0, 1000).map(lambda parts: parts / 1000),
    on=st.integers(0, 9),
    kind=st.sampled_from(["review.posted", "survey.answered"]),
)


@settings(max_examples=25)
@given(rows=st.lists(SCORED, max_size=25), first=st.integers(0, 9), last=st.integers(0, 9))
def test_ratings_are_what_plain_python_counts(engine, rows, first, last):
    within = [row for row in rows if day(first) <= row["occurred_on"] <= day(last) and row["score"] is not None]
    groups = sorted({(row["kind"], row["subject"].split(":")[0]) for row in within})
    expected = []
    for kind, target in groups:
        scores = [
            Decimal(str(row["score"]))
            for row in within
            if (row["kind"], row["subject"].split(":")[0]) == (kind, target)
        ]
        good = sum(score >= Decimal("0.75") for score in scores)
        bad = sum(score <= Decimal("0.5") for score in scores)
        shares = {"good_share": good / len(scores), "bad_share": bad / len(scores)}
        counts = {"ratings": len(scores), "score_sum": sum(scores), "good": good, "bad": bad}
        expected.append({"kind": kind, "target": target} | counts | shares)
    assert engine.rows(ratings(put_facts(engine, rows), first=day(first), last=day(last))) == expected
