"""The lines of an account: each stands on a source with a grade, and a row that does not is refused in a sentence."""

from __future__ import annotations

import pytest

from keptword.core import lines as lines_module
from keptword.core.lines import (
    GRADES,
    GROUPS,
    MAGNITUDES,
    OUTCOME_LINES,
    Line,
    Threshold,
    lines,
    lines_hash,
    read_lines,
)
from keptword.core.problems import KeptwordError
from keptword.core.schema import KINDS

ROW = """
[[line]]
name = "review_good"
title = "good reviews"
title_zh = "好评"
group = "word_of_mouth"
from = "review.posted"
where = "score >= 0.75"
magnitude = "one"
half_life_days = 365
prior_mean = 0.1
prior_sd = 0.15
source = "four or five stars of five [G]"
grade = "P"
"""


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.name)
def test_every_line_has_a_source_a_grade_and_something_to_post(line: Line):
    """The source says what it stands on and how it was read: [M], [S], [R] or [G]."""
    assert any(mark in line.source for mark in ("[M]", "[S", "[R]", "[G]")), line.source
    assert line.grade in GRADES
    assert line.group in GROUPS
    assert line.magnitude in MAGNITUDES
    assert bool(line.kinds) != bool(line.outcome)
    assert set(line.kinds) <= set(KINDS)
    assert line.half_life_days is None or line.half_life_days >= 7
    assert line.prior_sd > 0


def test_every_outcome_of_a_promise_is_posted_to_one_line():
    """Kept, kept early and failed: none forgotten, none twice."""
    assert sorted(line.outcome for line in lines() if line.outcome) == sorted(OUTCOME_LINES)


def test_the_bundled_lines_carry_the_priors_of_the_model():
    """A few rows of the table of priors, by name: half-life, mean, spread."""
    rows = {line.name: (line.half_life_days, line.prior_mean, line.prior_sd) for line in lines()}
    assert rows["purchase"] == (180, 2.0, 0.7)
    assert rows["purchase_recent"] == (21, 0.5, 0.5)
    assert rows["broken"] == (180, -0.13, 0.13)
    assert rows["kept_early"] == (120, 0.07, 0.06)
    assert rows["referred"] == (None, 0.15, 0.15)
    assert len(rows) == 15


def test_a_row_is_read_as_it_is_written():
    """One row with a condition."""
    (line,) = read_lines(ROW, where="mine.toml")
    assert line.kinds == ("review.posted",)
    assert line.where == Threshold("score", ">=", 0.75)
    assert (line.outcome, line.half_life_days, line.prior_mean, line.grade) == (None, 365, 0.1, "P")


def test_a_line_may_be_posted_from_several_kinds():
    (line,) = read_lines(ROW.replace('"review.posted"', '["review.posted", "survey.answered"]'), where="mine.toml")
    assert line.kinds == ("review.posted", "survey.answered")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('source = "four or five stars of five [G]"\n', "", "names no source"),
        ('"four or five stars of five [G]"', '""', "names no source"),
        ('grade = "P"\n', "", "has no grade"),
        ('grade = "P"', 'grade = "D"', '"D" is not a known grade'),
        ("review.posted", "review.post", 'Did you mean "review.posted"?'),
        ("review.posted", "promise:keep", 'Did you mean "promise:kept"?'),
        ('"review.posted"', "[]", "Write a kind of fact"),
        ('"review.posted"', '["review.posted", "review.posted"]', "names a kind twice"),
        ("half_life_days = 365", "half_life_days = 6", "from 7 to 3650"),
        ("half_life_days = 365", "half_life_days = 10.5", "Write whole days"),
        ('magnitude = "one"', 'magnitude = "severity"', "which a fact does not have"),
        ("score >= 0.75", "score near 1", "Compare one of"),
        ("score >= 0.75", "user_key >= 1", "Compare one of"),
        ("prior_sd = 0.15", "prior_sd = 0", "Write a number above 0"),
        ("prior_mean = 0.1", "prior_mean = true", "Write a number between"),
        ("prior_mean = 0.1\n", "", "it lacks prior_mean"),
        ('name = "review_good"', 'name = "Review good"', "cannot be the name of a line"),
        ('group = "word_of_mouth"', 'group = "mouth"', "is not a known group"),
        ("prior_sd", "prior_spread", "is not a known column"),
        ("[[line]]", "[[lines]]", "Begin each row with [[line]]"),
        ("[[line]]", "[[line", "is not TOML"),
    ],
)
def test_a_row_that_is_not_right_is_refused_with_its_place(old: str, new: str, said: str):
    """The row above with one thing changed."""
    assert old in ROW
    with pytest.raises(KeptwordError) as refused:
        read_lines(ROW.replace(old, new), where="mine.toml")
    assert said in str(refused.value)
    assert "mine.toml" in str(refused.value)
    assert str(refused.value).endswith((".", "?"))


def test_a_promise_posts_one_or_its_severity_and_nothing_else():
    with pytest.raises(KeptwordError, match="which a promise does not have"):
        read_lines(
            ROW.replace("review.posted", "promise:kept").replace('"one"', '"amount"').replace("where", "#"), where="x"
        )


def test_two_lines_of_one_name_are_refused():
    with pytest.raises(KeptwordError, match='two lines are called "review_good"'):
        read_lines(ROW + ROW, where="mine.toml")


def test_the_hash_changes_with_what_decides_the_sums_and_with_nothing_else(monkeypatch: pytest.MonkeyPatch):
    """The same row with a comment and another prior, then with another half-life."""
    hashes = []
    for text in (ROW, "# a remark\n" + ROW.replace("0.1\n", "0.2\n"), ROW.replace("365", "180")):
        monkeypatch.setattr(lines_module, "_bundled", lambda text=text: read_lines(text, where="mine.toml"))
        hashes.append(lines_hash())
    assert hashes[0] == hashes[1] != hashes[2]
    assert len(hashes[0]) == 64
