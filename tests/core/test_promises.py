"""What becomes of a promise: the book judged as of a day."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keptword.core.promises import OUTCOMES, AsOf, oddities, outcomes, tallies
from keptword.core.schema import FACT_SCHEMA
from keptword.engines.duckdb import Engine
from ledger import facts


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as opened:
        yield opened


def as_of(day: str) -> AsOf:
    on = date.fromisoformat(day)
    return AsOf(on, datetime.combine(on, time.max))


@pytest.fixture
def outcome(engine: Engine, request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Judge the test's own docstring as of a day: the outcome of its only promise."""
    table = facts(engine, inspect.getdoc(request.function) or "")

    def judge(day: str) -> Any:
        rows = engine.rows(outcomes(table, as_of=as_of(day)))
        assert len(rows) == 1
        return rows[0]["outcome"]

    return judge


@pytest.fixture
def odd(engine: Engine, request: pytest.FixtureRequest) -> Callable[[str], list[tuple[str, str]]]:
    """List what is odd in the test's own docstring as of a day."""
    table = facts(engine, inspect.getdoc(request.function) or "")

    def list_them(day: str) -> list[tuple[str, str]]:
        rows = engine.rows(oddities(table, as_of=as_of(day)))
        return sorted((row["source"], row["problem"]) for row in rows)

    return list_them


def test_a_promise_is_open_until_its_due_day_is_over(outcome):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    """
    assert outcome("2031-03-03") == "open"
    assert outcome("2031-03-04") == "broken"


def test_a_promise_kept_on_its_due_day_is_kept(outcome):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-04 23:59 rosa keep P1
    """
    assert outcome("2031-03-05") == "kept"


def test_a_promise_kept_after_it_was_due_is_late_not_kept(outcome):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-06 rosa keep P1
    """
    assert outcome("2031-03-05") == "broken"
    assert outcome("2031-03-07") == "late"


def test_a_promise_that_names_an_hour_is_judged_at_the_instant(outcome):
    """
    2031-03-01 09:00 rosa promise reply P1 due 2031-03-01 17:00
    2031-03-01 17:01 rosa keep P1
    """
    assert outcome("2031-03-01") == "late"


def test_a_promise_moved_before_it_was_due_is_judged_by_the_new_day(outcome):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-04 rosa move P1 due 2031-03-10
    2031-03-09 rosa keep P1
    """
    assert outcome("2031-03-05") == "open"
    assert outcome("2031-03-09") == "kept"


def test_a_promise_moved_after_it_was_due_stays_late(outcome):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-05 rosa move P1 due 2031-03-10
    2031-03-09 rosa keep P1
    """
    assert outcome("2031-03-08") == "broken"
    assert outcome("2031-03-09") == "late"


def test_a_second_move_counts_only_if_it_came_before_the_moment_then_in_force(outcome):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-03 rosa move P1 due 2031-03-06
    2031-03-07 rosa move P1 due 2031-03-20
    2031-03-08 rosa move P1 due 2031-03-30
    2031-03-09 rosa keep P1
    """
    assert outcome("2031-03-09") == "late"


def test_a_move_after_the_keeping_changes_nothing(outcome):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-10
    2031-03-05 rosa keep P1
    2031-03-06 rosa move P1 due 2031-03-04
    """
    assert outcome("2031-03-07") == "kept"


def test_a_promise_called_off_is_released(outcome):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-03 rosa release P1
    """
    assert outcome("2031-03-02") == "open"
    assert outcome("2031-03-09") == "released"


def test_a_promise_said_to_be_broken_is_broken_before_it_is_due(outcome):
    """
    2031-03-01 rosa promise reward P1 due 2031-03-31
    2031-03-03 rosa break P1
    """
    assert outcome("2031-03-04") == "broken"


def test_a_vague_promise_is_open_until_it_is_kept(outcome):
    """
    2031-03-01 rosa promise roadmap P1
    2033-03-01 rosa keep P1
    """
    assert outcome("2033-02-28") == "open"
    assert outcome("2033-03-01") == "kept"


def test_a_vague_promise_kept_after_it_was_said_to_be_broken_is_late(outcome):
    """
    2031-03-01 rosa promise roadmap P1
    2031-04-01 rosa break P1
    2031-05-01 rosa keep P1
    """
    assert outcome("2031-04-30") == "broken"
    assert outcome("2031-05-01") == "late"


def test_what_happens_after_the_day_asked_for_is_not_known(outcome):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-09
    2031-03-03 rosa keep P1
    """
    assert outcome("2031-03-02") == "open"


def test_kept_twice_is_reported_and_the_first_time_counts(outcome, odd):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-03 rosa keep P1
    2031-03-08 rosa keep P1
    """
    assert outcome("2031-03-09") == "kept"
    assert odd("2031-03-09") == [("ledger:2", "kept twice")]
    assert odd("2031-03-07") == []


def test_kept_before_made_is_reported(odd):
    """
    2031-03-03 rosa promise delivery P1 due 2031-03-04
    2031-03-01 rosa keep P1
    """
    assert odd("2031-03-09") == [("ledger:1", "kept before made")]


def test_the_same_day_without_hours_is_not_before(odd):
    """
    2031-03-03 10:00 rosa promise delivery P1 due 2031-03-04
    2031-03-03 rosa keep P1
    """
    assert odd("2031-03-09") == []


def test_a_promise_nobody_made_is_reported_for_each_entry_about_it(odd):
    """
    2031-03-03 rosa keep P9
    2031-03-04 rosa release P9
    """
    assert odd("2031-03-09") == [("ledger:0", "unknown promise"), ("ledger:1", "unknown promise")]


def test_a_move_that_came_too_late_is_reported(odd):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-05 rosa move P1 due 2031-03-10
    """
    assert odd("2031-03-06") == [("ledger:1", "moved too late")]


def test_a_promise_made_twice_counts_once(engine, outcome, odd):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-02 rosa promise delivery P1 due 2031-03-20
    """
    assert outcome("2031-03-05") == "broken"
    assert odd("2031-03-05") == [("ledger:1", "made twice")]


def test_broken_after_kept_is_reported_and_stays_kept(outcome, odd):
    """
    2031-03-01 rosa promise delivery P1 due 2031-03-04
    2031-03-03 rosa keep P1
    2031-03-08 rosa break P1
    """
    assert outcome("2031-03-09") == "kept"
    assert odd("2031-03-09") == [("ledger:2", "broken after kept")]


FIRST = date(2031, 3, 1)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["promise.renegotiated", "promise.kept", "promise.broken", "promise.released"]),
        st.integers(0, 12),
        st.integers(0, 14),
    ),
    max_size=6,
)


FACT_KINDS = ["promise.broken", "promise.kept", "promise.made", "promise.released", "promise.renegotiated"]


def plain_outcome(due: int | None, events: list[tuple[str, int, int]], last: int) -> str:
    """Judge one promise event by event, as a person with a calendar would."""
    state, broken = "open", False
    for kind, on, new_due in [event for event in events if event[1] <= last]:
        if kind == "promise.renegotiated" and state == "open" and not (due is not None and on > due):
            due = new_due
        elif kind == "promise.released" and state == "open":
            state = "released"
        elif kind == "promise.broken":
            broken = True
        elif kind == "promise.kept" and state == "open":
            state = "late" if (on > due if due is not None else broken) else "kept"
    if state == "open" and (broken or (due is not None and due <= last)):
        return "broken"
    return state


@settings(max_examples=15)
@given(
    promises=st.lists(st.tuples(st.none() | st.integers(0, 10), EVENTS), min_size=1, max_size=25),
    last=st.integers(0, 14),
    shuffle=st.randoms(use_true_random=False),
)
def test_every_promise_is_judged_as_a_person_with_a_calendar_would(engine, promises, last, shuffle):
    """Random promises with random moves and ends, on whole days, in any order of arrival.

    Of several things on one day the alphabet decides the order, the same here and there; and the sums add up.
    """
    rows: list[dict[str, Any]] = []

    def add(kind: str, promise: int, on: int, **more: Any) -> None:
        day = FIRST + timedelta(days=on)
        # One microsecond a kind, so that "of two on one day" has one answer in both computations.
        at = datetime.combine(day, time()) + timedelta(microseconds=sorted(FACT_KINDS).index(kind))
        common = {"fact_id": f"{len(rows):05}", "kind": kind, "promise_id": f"P{promise:03}", "source": "t"}
        rows.append(common | {"occurred_at": at, "recorded_at": at, "occurred_on": day} | more)

    def due_columns(due: int | None) -> dict[str, Any]:
        if due is None:
            return {}
        day = FIRST + timedelta(days=due)
        return {"due_on": day, "due_at": datetime.combine(day, time.max)}

    expected = {}
    for number, (due, events) in enumerate(promises):
        unique = {(kind, on): (kind, on, new) for kind, on, new in events}
        told = sorted(unique.values())
        add("promise.made", number, 0, promise_kind="delivery", user_key="rosa", **due_columns(due))
        for kind, on, new_due in sorted(told, key=lambda event: event[1]):
            add(kind, number, on, **(due_columns(new_due) if kind == "promise.renegotiated" else {}))
        in_order = sorted(told, key=lambda event: (event[1], sorted(FACT_KINDS).index(event[0])))
        expected[f"P{number:03}"] = plain_outcome(due, in_order, last)
    shuffle.shuffle(rows)
    table = engine.put("random", FACT_SCHEMA, rows=[tuple(row.get(column) for column in FACT_SCHEMA) for row in rows])
    day = FIRST + timedelta(days=last)
    judged = outcomes(table, as_of=AsOf(day, datetime.combine(day, time.max)))
    assert {row["promise_id"]: row["outcome"] for row in engine.rows(judged)} == expected
    for tally in engine.rows(tallies(judged)):
        assert tally["made"] == sum(tally[outcome] for outcome in OUTCOMES) == len(promises)
