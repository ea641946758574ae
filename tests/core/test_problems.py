"""Sentences that know what they were made of: finished in English, never read as templates twice, kept as JSON."""

from __future__ import annotations

import copy
import pickle
from datetime import date

import pytest

from keptword.core.problems import (
    KeptwordError,
    Sentence,
    either,
    listed,
    sentence_as_json,
    sentence_from_json,
)
from keptword.intake.lease import LeaseBusy, LeaseLost
from keptword.journal.failures import JournalMoved

DAY = date(2031, 12, 24)


def nested() -> KeptwordError:
    inner = KeptwordError('"{text}" is no day.', text="{day}")
    return KeptwordError("{where}, line {line:,}: {inner} Try {day}.", where="a.csv", line=1206, inner=inner, day=DAY)


def test_a_value_with_braces_stays_as_it_was_typed():
    """A rule called "{rule}", a day called "{0}": neither is read as a place."""
    assert str(KeptwordError('"{text}" is no day.', text="{0} {text} {{")) == '"{0} {text} {{" is no day.'


def test_a_sentence_without_values_is_never_filled():
    assert str(KeptwordError("Write { fate = hash } or {}.")) == "Write { fate = hash } or {}."
    assert str(KeptwordError()) == ""


def test_an_error_is_its_finished_sentence_and_keeps_what_it_was_made_of():
    error = nested()
    assert str(error) == 'a.csv, line 1,206: "{day}" is no day. Try 2031-12-24.'
    assert error.template == "{where}, line {line:,}: {inner} Try {day}."
    assert (error.values["line"], error.values["day"]) == (1206, DAY)
    assert error.args == (str(error),)


def test_what_was_finished_already_is_taken_as_it_is():
    """A sentence made elsewhere and raised here keeps its template."""
    made = Sentence("{name} is full.", name="{disk}")
    assert KeptwordError(made).template == "{name} is full."
    assert Sentence(made) is made


@pytest.mark.parametrize("kind", [KeptwordError, LeaseBusy, LeaseLost, JournalMoved])
@pytest.mark.parametrize("again", [copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_of_every_kind_go_from_process_to_process_whole(kind, again):
    error = again(kind("{folder} is full of {what}.", folder="{books}", what=nested()))
    assert type(error) is kind
    assert str(error) == '{books} is full of a.csv, line 1,206: "{day}" is no day. Try 2031-12-24..'
    assert error.template == "{folder} is full of {what}."
    assert error.values["what"].template == nested().template


def test_a_sentence_is_kept_as_json_and_read_back():
    kept = sentence_from_json(sentence_as_json(nested().sentence))
    assert (kept, kept.template, kept.values) == (str(nested()), nested().template, nested().values)
    assert sentence_from_json(sentence_as_json("Plain {text}.")) == "Plain {text}."


def test_texts_are_changed_within_and_places_are_not():
    """Where files lie on the disk says nothing to whoever dropped them."""
    moved = nested().sentence.changed(lambda text: text.replace("a.csv", "b.csv"))
    assert str(moved) == str(nested()).replace("a.csv", "b.csv")
    assert moved.template == nested().template


def test_names_are_told_as_one_phrase():
    assert (listed(["a"]), listed(["a", "b", "c"]), either(["a", "b", "c"])) == ("a", "a, b and c", "a or b or c")
