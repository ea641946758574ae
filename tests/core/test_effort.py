"""What it takes to deal with the business: exact sums by stage and touchpoint, and days waited."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fact_rows import day, night, only_portable, put_facts, put_promises
from keptword.core.effort import effort, waiting_by_kind
from keptword.core.schema import KINDS
from keptword.engines.duckdb import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(watch=only_portable) as opened:
        yield opened


def test_time_and_steps_are_added_by_stage_and_touchpoint(engine):
    """
    rosa and li look at goods on the web, 10.5 s, 20.25 s and not told; rosa pays by phone in 3 steps.
    """
    viewed = {"kind": "product.viewed", "occurred_on": day(1), "channel": "web", "subject": "product:1"}
    rows = [
        viewed | {"user_key": "rosa", "seconds": 10.5, "steps": 1},
        viewed | {"user_key": "rosa", "seconds": 20.25},
        viewed | {"user_key": "li"},
        {"kind": "order.paid", "occurred_on": day(2), "channel": "phone", "user_key": "rosa", "steps": 3},
        viewed | {"occurred_on": day(3), "user_key": "too late"},
        viewed | {"occurred_on": day(0), "user_key": "too early"},
    ]
    none = {"seconds": Decimal(0), "seconds_told": 0}
    assert engine.rows(effort(put_facts(engine, rows), first=day(1), last=day(2))) == [
        {
            "stage": "attraction",
            "kind": "product.viewed",
            "channel": "web",
            "facts": 3,
            "users": 2,
            "seconds": Decimal("30.75"),
            "seconds_told": 2,
            "steps": 1,
            "steps_told": 1,
        },
        {
            "stage": "transaction",
            "kind": "order.paid",
            "channel": "phone",
            "facts": 1,
            "users": 1,
            **none,
            "steps": 3,
            "steps_told": 1,
        },
    ]


def test_a_stage_the_fact_names_goes_before_that_of_its_kind(engine):
    rows = [{"kind": "page.viewed", "occurred_on": day(0), "stage": stage} for stage in ("service", "", None)]
    seen = engine.rows(effort(put_facts(engine, rows), first=day(0), last=day(0)))
    assert [(row["stage"], row["facts"]) for row in seen] == [("attention", 2), ("service", 1)]


def test_every_kind_of_the_catalogue_has_its_stage(engine):
    rows = [{"kind": kind, "occurred_on": day(0)} for kind in KINDS]
    seen = engine.rows(effort(put_facts(engine, rows), first=day(0), last=day(0)))
    assert {row["kind"]: row["stage"] for row in seen} == {kind.name: kind.stage for kind in KINDS.values()}


def test_time_that_is_no_number_counts_as_not_told(engine):
    """Infinity, no number at all, and more seconds than there were since the world began."""
    odd = [float("inf"), float("nan"), 1e300, 2.5]
    rows = [{"kind": "page.viewed", "occurred_on": day(0), "seconds": seconds} for seconds in odd]
    (seen,) = engine.rows(effort(put_facts(engine, rows), first=day(0), last=day(0)))
    assert (seen["facts"], seen["seconds_told"], seen["seconds"]) == (4, 1, Decimal("2.5"))


SPENT = st.tuples(
    st.sampled_from(["page.viewed", "order.paid", "contact.opened"]),
    st.sampled_from(["web", "mail", None]),
    st.sampled_from(["rosa", "li", "ada", None]),
    st.none() | st.floats(0, 1e7),
    st.none() | st.integers(0, 2**31 - 1),
    st.integers(0, 5),
)


@settings(max_examples=25)
@given(spent=st.lists(SPENT, max_size=30), first=st.integers(0, 5), last=st.integers(0, 5), seed=st.integers())
def test_effort_is_what_plain_python_adds_in_any_order(engine, spent, first, last, seed):
    names = ("kind", "channel", "user_key", "seconds", "steps")
    rows: list[dict[str, Any]] = [dict(zip(names, row[:5], strict=True), occurred_on=day(row[5])) for row in spent]
    shuffled = rows[:]
    random.Random(seed).shuffle(shuffled)
    seen = engine.rows(effort(put_facts(engine, rows), first=day(first), last=day(last)))
    assert seen == engine.rows(effort(put_facts(engine, shuffled), first=day(first), last=day(last)))
    within = [row for row in rows if day(first) <= row["occurred_on"] <= day(last)]
    assert {(row["kind"], row["channel"]) for row in seen} == {(row["kind"], row["channel"]) for row in within}
    for group in seen:
        of_it = [row for row in within if (row["kind"], row["channel"]) == (group["kind"], group["channel"])]
        seconds = [_six(row["seconds"]) for row in of_it if row["seconds"] is not None]
        steps = [row["steps"] for row in of_it if row["steps"] is not None]
        assert (group["facts"], group["seconds_told"], group["steps_told"]) == (len(of_it), len(seconds), len(steps))
        assert (group["steps"], type(group["steps"])) == (sum(steps), int)
        assert group["users"] == len({row["user_key"] for row in of_it} - {None})
        assert abs(group["seconds"] - sum(seconds)) <= Decimal("0.000001") * len(seconds)


def _six(seconds: float) -> Decimal:
    return Decimal(seconds).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def test_counts_of_a_stored_table_are_whole_numbers(engine):
    """A sum wider than 64 bits would become a fraction in a Parquet file."""
    rows = [{"kind": "page.viewed", "occurred_on": day(0), "steps": 2}]
    stored = engine.create("effort", effort(put_facts(engine, rows), first=day(0), last=day(0)))
    assert {name: str(stored[name].type()) for name in ("facts", "users", "steps", "seconds")} == {
        "facts": "int64",
        "users": "int64",
        "steps": "int64",
        "seconds": "decimal(38, 6)",
    }


def promise(outcome: str, due: int | datetime, *, kept: int | datetime | None = None) -> dict[str, Any]:
    """A judged delivery: due at the end of a day or at an instant, kept on a day or at an instant."""
    by_hour = isinstance(due, datetime)
    kept_at = kept if kept is None or isinstance(kept, datetime) else night(day(kept))
    return {
        "promise_id": f"{outcome}/{due}/{kept}",
        "promise_kind": "reply" if by_hour else "delivery",
        "due_at": due if isinstance(due, datetime) else night(day(due)),
        "outcome": outcome,
        "due_on": None if isinstance(due, datetime) else day(due),
        "kept_at": kept_at,
        "kept_on": kept_at.date() if kept_at else None,
    }


def test_days_waited_are_those_beyond_the_due_day(engine):
    """
    In March up to the 11th: one kept, two late by 3 and 1 days, one due on the 5th and still not kept, one open.
    """
    rows = [
        promise("kept", 4, kept=3),
        promise("late", 4, kept=7),
        promise("late", -5, kept=-4),
        promise("late", -1, kept=0),
        promise("broken", 4),
        promise("broken", -3),
        promise("open", 20),
        promise("released", 4),
    ]
    assert engine.rows(waiting_by_kind(put_promises(engine, rows), first=day(0), last=day(10))) == [
        {"promise_kind": "delivery", "kept": 1, "late": 2, "days_late": 4, "broken": 1, "days_overdue": 6}
    ]


def test_a_promise_of_hours_counts_the_midnights_passed(engine):
    """
    Due at noon of the 2nd: answered at six, at one the next morning; one never.
    """
    due = datetime(2031, 3, 2, 12)
    rows = [
        promise("late", due, kept=datetime(2031, 3, 2, 18)),
        promise("late", due, kept=datetime(2031, 3, 3, 1)),
        promise("broken", due),
    ]
    assert engine.rows(waiting_by_kind(put_promises(engine, rows), first=day(0), last=day(10))) == [
        {"promise_kind": "reply", "kept": 0, "late": 2, "days_late": 1, "broken": 1, "days_overdue": 9}
    ]
