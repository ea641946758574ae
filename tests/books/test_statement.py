"""The statement: what there was at the beginning and what moved come to what there is at the end, exactly."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from books.invented import AUTUMN, Shop, fact
from keptword.books.invariants import balanced
from keptword.books.statement import Statement, stated
from keptword.books.statement_figures import as_json, figures
from keptword.books.statement_tables import tables
from keptword.closing.compute import Closer
from keptword.closing.sealed import sealed_closings
from keptword.engines.duckdb import Engine
from report.test_words import code_words


def statement(shop: Shop, *, begin: int | None = 0, end: int = -1) -> Statement:
    done = sealed_closings(shop.folder)
    return stated(
        shop.engine,
        shop.facts,
        before=None if begin is None else done[begin],
        now=done[end],
        configuration=shop.configuration,
        business="Alder Tea",
    )


@pytest.fixture(scope="module")
def autumn(engine, tmp_path_factory):
    made = Shop(engine, tmp_path_factory.mktemp("closings"), list(AUTUMN))
    made.close("2031-09-30", batch=1)
    made.close("2031-10-31")
    return made


@pytest.fixture(scope="module")
def october(autumn):
    return statement(autumn)


def counts(made: Statement, kind: str) -> dict[str, int]:
    found = next(each for each in made.promises if each.kind == kind)
    return {name: value for name, value in found.counts.items() if value}


def adds_up(made: Statement) -> bool:
    for kind in (*made.promises, made.total):
        each = kind.counts
        decided = each["kept"] + each["late"] + each["broken"] + each["released"]
        assert each["waiting_before"] + each["made"] + each["corrected"] - decided == each["waiting_after"]
        assert each["corrected"] == each["came_to_light"] - each["taken_back"] + each["reopened"]
    for line in made.lines:
        assert line.before + line.added + line.corrected + line.faded == line.after
    return True


def test_a_month_adds_up(october):
    assert (october.first, october.last) == (date(2031, 10, 1), date(2031, 10, 31))
    assert adds_up(october)


def test_promises_are_told_by_what_became_of_them(october):
    """
    Refund P1 waited and was kept. Prize P2 was not kept before October and done after all. Orders 3 and 4 were
    promised to be sent in time: one was, one was not. Order 0 of September came to light, never sent.
    """
    assert counts(october, "refund") == {"waiting_before": 1, "kept": 1}
    assert counts(october, "reward") == {"after_all": 1}
    assert counts(october, "dispatch") == {"made": 2, "came_to_light": 1, "corrected": 1, "kept": 1, "broken": 2}
    assert october.notes[0] == "1 promise not kept before was done after all."


def test_the_share_kept_is_of_those_decided_in_the_period(october):
    assert (october.total.share.count, october.total.share.of) == (2, 4)
    assert october.total.share.low < 0.5 < october.total.share.high


def test_lines_tell_added_in_full_and_corrected_by_what_was_left(october):
    """Two orders of October; one of 28 September that nobody had told, two days old at the end of that month."""
    orders = next(line for line in october.lines if line.line.name == "purchase")
    assert orders.added == 2
    assert float(orders.corrected) == pytest.approx(2 ** (-2 / 180), abs=1e-6)
    assert orders.faded < 0
    spend = next(line for line in october.lines if line.line.name == "spend")
    assert spend.added == 70
    assert float(spend.corrected) == pytest.approx(12 * 2 ** (-2 / 180), abs=1e-6)


def test_what_fades_is_what_time_took(october):
    """Rosa's and li's orders of 3 and 10 September, faded through October, and the new ones since their day."""
    orders = next(line for line in october.lines if line.line.name == "purchase")
    days = [date(2031, 9, 3), date(2031, 9, 10), date(2031, 9, 28), date(2031, 10, 2), date(2031, 10, 20)]
    left = sum(2 ** (-(date(2031, 10, 31) - day).days / 180) for day in days)
    before = sum(2 ** (-(date(2031, 9, 30) - day).days / 180) for day in days[:3]) + 2
    assert float(orders.faded) == pytest.approx(left - before, abs=2e-6)


def test_what_never_fades_does_not(october):
    line = next(line for line in october.lines if line.line.name == "referred")
    assert (line.before, line.added, line.faded, line.after) == (0, 1, 0, 1)


def test_effort_costs_ratings_and_word_of_mouth_are_of_the_period(october):
    assert {(row["kind"], row["channel"], row["facts"]) for row in october.effort if row["seconds_told"]} == {
        ("contact.opened", "mail", 1)
    }
    costs = {row["promise_kind"]: row for row in october.at_once}
    assert costs["dispatch"]["remedy_amount"] == Decimal(5)
    assert costs["dispatch"]["messages"] == 1
    assert costs["dispatch"]["message_cost"] == Decimal("2.75")
    assert october.message_cost_assumed
    assert [(row["user_key"], row["brought"]) for row in october.bringers] == [("rosa", 1)]
    assert [(row["kind"], row["ratings"], row["good"]) for row in october.ratings] == [("review.posted", 1, 1)]


def test_money_without_a_rate_is_counted_and_left_out(engine, tmp_path):
    rows = [fact("o1", "order.placed", "2031-10-02", user="rosa", subject="order:1", amount="7.00", currency="USD")]
    shop = Shop(engine, tmp_path, rows)
    shop.close("2031-10-31")
    made = statement(shop, begin=None)
    assert [(row["currency"], row["entries"], row["amount"]) for row in made.missing] == [("USD", 1, Decimal(7))]
    costs = next(shown for shown in tables(made) if "COST" in shown.title)
    assert costs.sentences[-1] == "Left out, not taken as 1: 1 entry in USD without a rate, 7.00 in all."


def test_from_the_beginning_everything_is_new(autumn):
    made = statement(autumn, begin=None)
    assert made.opening is None
    assert made.first == date(2031, 9, 3)
    assert adds_up(made)
    assert made.total.counts["waiting_before"] == 0
    assert made.total.counts["made"] == 7
    assert all(line.before == line.corrected == 0 for line in made.lines)


def test_a_year_that_changes_moves_nothing(engine, tmp_path):
    """An order of November, closed at the end of December and of January: what is left only fades."""
    shop = Shop(engine, tmp_path, [fact("o1", "order.placed", "2031-11-01", user="rosa", subject="order:1")])
    shop.close("2031-12-31")
    shop.close("2032-01-31")
    made = statement(shop)
    assert adds_up(made)
    orders = next(line for line in made.lines if line.line.name == "purchase")
    assert (orders.added, orders.corrected) == (0, 0)
    assert float(orders.before) == pytest.approx(2 ** (-60 / 180), abs=1e-6)
    assert float(orders.after) == pytest.approx(2 ** (-91 / 180), abs=1e-6)
    assert any(note.startswith("The year changed") for note in made.notes)


def test_an_import_taken_back_is_a_correction_and_nothing_else(engine, tmp_path):
    rows = [
        fact("o1", "order.placed", "2031-09-03", user="rosa", subject="order:1", amount="40.00", by=1),
        fact("p1", "promise.made", "2031-09-20", user="rosa", promise_id="P1", promise_kind="stock", by=1),
        fact("w", "import.withdrawn", "2031-10-02", subject="import:1", batch=2),
    ]
    shop = Shop(engine, tmp_path, rows)
    shop.close("2031-09-30", batch=1)
    shop.close("2031-10-31")
    made = statement(shop)
    assert adds_up(made)
    assert counts(made, "stock") == {"waiting_before": 1, "taken_back": 1, "corrected": -1}
    spend = next(line for line in made.lines if line.line.name == "spend")
    assert (spend.added, spend.corrected, spend.faded, spend.after) == (0, -spend.before, 0, 0)


def test_every_figure_has_its_period_and_its_grade(october):
    for row in figures(october):
        assert (row["from"], row["to"]) == (october.first, october.last)
        assert row["grade"] == ("assumed" if row["figure"] == "message_cost" else "counted")
    said = as_json(october)
    for section in ("promises", "lines", "effort", "ratings"):
        assert all(row["period"] and row["grade"] == "counted" for row in said[section])
    assert all(row["grades"]["message_cost"] == "assumed" for row in said["at_once"])


def test_the_tables_speak_peoples_words(october):
    for shown in tables(october):
        text = " ".join(
            [shown.title, *shown.sentences, *(str(cell) for row in shown.rows for cell in (*row, *row.values()))]
        )
        assert code_words(text) == []


# --- Any facts, any two closings -------------------------------------------------------------------

START = date(2031, 11, 1)
DAYS = st.integers(0, 120)
USERS = st.sampled_from(["rosa", "li", "mia"])


@st.composite
def journals(draw):
    """Orders, dispatches, promises and what becomes of them, in batches and imports, some of them taken back."""
    rows = []
    for number in range(draw(st.integers(1, 12))):
        kind = draw(
            st.sampled_from(
                [
                    "order.placed",
                    "order.shipped",
                    "promise.made",
                    "promise.kept",
                    "promise.broken",
                    "promise.released",
                    "review.posted",
                    "contact.opened",
                ]
            )
        )
        cells = {"user": draw(USERS), "batch": draw(st.integers(1, 3)), "by": draw(st.sampled_from([None, 1, 2]))}
        on = (START + timedelta(days=draw(DAYS))).isoformat()
        if kind.startswith("promise."):
            cells["promise_id"] = draw(st.sampled_from(["P1", "P2", "P3"]))
            if kind == "promise.made":
                cells["promise_kind"] = draw(st.sampled_from(["refund", "stock"]))
                if draw(st.booleans()):
                    cells["due_on"] = (START + timedelta(days=draw(DAYS))).isoformat()
        elif kind.startswith("order."):
            cells |= {"subject": f"order:{draw(st.integers(1, 3))}", "amount": draw(st.sampled_from([None, "3.33"]))}
        elif kind == "review.posted":
            cells |= {"subject": "shop", "score": draw(st.sampled_from([0.0, 1.0]))}
        else:
            cells |= {"subject": "conversation:1", "seconds": draw(st.sampled_from([None, 7.7]))}
        rows.append(fact(f"f{number:02}", kind, on, **cells))
    for taken in draw(st.sets(st.sampled_from([1, 2]))):
        rows.append(
            fact(
                f"w{taken}", "import.withdrawn", "2031-11-05", subject=f"import:{taken}", batch=draw(st.integers(2, 3))
            )
        )
    return rows


@pytest.mark.slow
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(rows=journals(), days=st.tuples(DAYS, DAYS), batches=st.tuples(st.integers(1, 3), st.integers(1, 3)))
def test_opening_and_movements_are_the_closing_whatever_came_when(rows, days, batches):
    """Any two closings, the later one sometimes sealed first (having read less), over a year's end or not."""
    first, second = sorted(days)
    ends = [START + timedelta(days=first), START + timedelta(days=second + 1)]
    with Engine() as engine, tempfile.TemporaryDirectory() as folder:
        shop = Shop(engine, Path(folder), rows)
        for end, batch in zip(ends, batches, strict=True):
            shop.close(end.isoformat(), batch=batch, full=True)
        assert adds_up(statement(shop))
        before, now = sealed_closings(shop.folder)
        closer = Closer(engine, shop.facts, configuration=shop.configuration, upto=now.input)
        assert [check.said for check in balanced(closer, now, before=before) if not check.holds] == []
