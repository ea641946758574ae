"""What was laid aside: listed, shown, mended and posted again."""

from __future__ import annotations

import pytest

from intake.desk import NOW, line
from keptword.core.problems import KeptwordError
from keptword.intake import quarantine
from keptword.intake.door import Posted


def test_lines_are_listed_and_counted_by_reason(desk):
    desk.post(["nonsense 1", line(1, kind="order.payed"), "nonsense 2"])
    first, second, third = quarantine.listed()
    assert [each.place for each in (first, second, third)] == ["line 1", "line 2", "line 3"]
    assert quarantine.listed(limit=1, after=first.number) == [second]
    assert quarantine.count() == 3
    assert [(each.count, each.first) for each in quarantine.reasons()] == [(2, first.number), (1, second.number)]
    assert quarantine.shown(second.number).content == line(1, kind="order.payed")
    with pytest.raises(KeptwordError, match="no line numbered 99"):
        quarantine.shown(99)


def test_a_mended_line_is_accepted(desk, engine):
    desk.post([line(1, kind="order.payed"), "nonsense"])
    number = quarantine.listed()[0].number
    done = quarantine.replay([number], {number: line(1)}, timezone="Europe/Berlin", now=NOW)
    assert done == Posted(accepted=1)
    assert [each.content for each in quarantine.listed()] == ["nonsense"]
    assert desk.pump(engine).recorded == 1


def test_a_line_mended_badly_stays_under_its_number_with_the_new_reason(desk):
    desk.post(["nonsense"])
    (before,) = quarantine.listed()
    mended = line(1, score=7)
    assert quarantine.replay(None, {before.number: mended}, timezone=None, now=NOW) == Posted(refused=1)
    (after,) = quarantine.listed()
    assert (after.number, after.since, after.content) == (before.number, before.since, mended)
    assert "rescaled" in after.reason


def test_all_are_played_again_where_none_is_named(desk):
    """What is no better than before stays as it was, in whatever number."""
    desk.post([*(f"nonsense {number}" for number in range(250)), line(1)])
    before = quarantine.listed(limit=None)
    assert quarantine.replay(timezone=None, now=NOW) == Posted(refused=250)
    assert quarantine.listed(limit=None) == before


def test_an_entry_that_contradicts_goes_round_and_is_laid_aside_again(desk, engine):
    desk.post([line(1)])
    desk.pump(engine)
    desk.post([line(1, amount=3)])
    desk.pump(engine)
    assert quarantine.replay(timezone=None, now=NOW) == Posted(accepted=1)
    assert quarantine.count() == 0
    assert desk.pump(engine).refused == 1
    assert 'amount was "12.5" and is "3" here' in desk.reasons()[0]
    number = quarantine.listed()[0].number
    assert quarantine.replay([], {number: line(1)}, timezone="Europe/Berlin", now=NOW) == Posted(accepted=1)
    assert desk.pump(engine).known == 1


def test_two_lines_mended_to_the_same_become_one(desk):
    desk.post(["nonsense 1", "nonsense 2"])
    one, two = (each.number for each in quarantine.listed())
    assert quarantine.replay(None, {one: line(1), two: line(1)}, timezone=None, now=NOW) == Posted(1, known=1)
    assert quarantine.count() == 0
    desk.post(["nonsense 1", "nonsense 2"])
    one, two = (each.number for each in quarantine.listed())
    assert quarantine.replay(None, {one: "same", two: "same"}, timezone=None, now=NOW) == Posted(refused=2)
    assert [each.content for each in quarantine.listed()] == ["same"]
