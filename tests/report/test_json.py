"""The report for programs: the figures most asked for at the top, shares unrounded, null where nothing is known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keptword.report.json import as_json
from report.samples import ALL, made_promises, no_promise, nothing, ordinary

TOP = (
    *("orders", "customers", "due", "kept", "late", "waiting", "kept_share", "kept_share_low", "kept_share_high"),
    *("can_promise_days", "as_of", "first_on", "newest_on", "promise", "currency", "months", "what_ifs", "waiting_now"),
    *(
        "breakdowns",
        "products",
        "returning",
        "replies",
        "law",
        "tallies",
        "left_out",
        "files",
        "problems",
        "not_enough",
    ),
)


def shares(value: Any) -> list[float]:
    """Every share in it, however deep."""
    if isinstance(value, dict):
        own = [found for name, found in value.items() if "_share" in name and found is not None]
        return own + [share for found in value.values() for share in shares(found)]
    return [share for found in value for share in shares(found)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", ALL)
def test_every_report_has_the_same_top(name):
    values = json.loads(json.dumps(as_json(ALL[name]()), allow_nan=False))
    assert set(TOP) <= set(values)
    assert set(values) == set(as_json(ordinary()))


@pytest.mark.parametrize("name", ALL)
def test_every_share_lies_between_0_and_1(name):
    assert all(0 <= share <= 1 for share in shares(as_json(ALL[name]())))


def test_the_figures_add_up_and_are_not_rounded():
    values = as_json(ordinary())
    assert values["due"] == values["kept"] + values["late"] + values["waiting"] == 412
    assert values["kept_share"] == 297 / 412
    assert values["kept_share_low"] < values["kept_share"] < values["kept_share_high"]
    assert values["can_promise_days"] == 5
    assert values["promise"] == "We ship within 2 working days, ordered before 14:00."
    assert sum(month["kept"] for month in values["months"]) == 297
    assert values["months"][0]["month"] == "2030-12"
    assert values["what_ifs"][5] == {
        "within": 5,
        "unit": "working days",
        "kept_share": pytest.approx(0.931, abs=0.01),
        "kept_share_low": pytest.approx(0.908, abs=0.01),
        "kept_share_high": pytest.approx(0.949, abs=0.01),
    }
    assert values["waiting_now"]["longest"][0] == {
        "subject": "order:#1387",
        "since": "2031-11-18",
        "due_on": "2031-11-21",
        "waited_days": 6,
    }


def test_what_is_not_known_is_null():
    """No promise told: nothing is due; nothing at all: not even what could be promised."""
    untold, empty = as_json(no_promise()), as_json(nothing())
    assert [untold[name] for name in ("due", "kept", "kept_share", "promise")] == [None] * 4
    assert untold["can_promise_days"] == 5
    assert [empty[name] for name in ("can_promise_days", "waiting_now", "products", "first_on")] == [None] * 4
    assert empty["orders"] == 0
    assert empty["months"] == []


def test_promises_out_of_files_are_tallied():
    tally = as_json(made_promises())["tallies"][0]
    assert tally["made"] == sum(tally[what] for what in ("open", "kept", "late", "broken", "released"))
