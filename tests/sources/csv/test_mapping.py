"""The mapping language: what it accepts, and that whatever it refuses is told in a sentence with the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from keptword.core.problems import KeptwordError
from keptword.core.schema import KINDS
from keptword.sources.csv import load, parse
from keptword.sources.csv.grammar import Column, Comparison, Junction, Operation, parse_condition, parse_formula

SMALL = """
[file]
name = "shop"

[[fact]]
kind = "order.placed"
when = "Ordered"
subject = "order:{Order}"
"""


def refusal(text: str) -> str:
    with pytest.raises(KeptwordError) as error:
        parse(text, file="mapping.toml")
    return str(error.value)


def test_the_smallest_mapping_needs_a_name_a_kind_a_moment_and_a_subject() -> None:
    mapping = parse(SMALL, file="mapping.toml")
    assert [(fact.kind, fact.when.texts) for fact in mapping.facts] == [("order.placed", ("Ordered",))]


REFUSED = {
    "no TOML": ("[file\n", "mapping.toml is no readable TOML"),
    "no name": (SMALL.replace('name = "shop"', ""), '[file] needs a "name"'),
    "no facts": ('[file]\nname = "x"\n', "There is no [[fact]] table"),
    "unknown table": (SMALL + "[fiel]\n", 'Did you mean "file"?'),
    "unknown entry": (
        SMALL + 'amout = "Total"\n',
        '[[fact]] number 1: "amout" is not a known entry there. Did you mean "amount"?',
    ),
    "unknown kind": (SMALL.replace("order.placed", "order.place"), 'Did you mean "order.placed"?'),
    "no moment": (SMALL.replace('when = "Ordered"', ""), '[[fact]] number 1 (order.placed) needs "when"'),
    "no subject": (SMALL.replace('subject = "order:{Order}"', ""), 'needs "subject"'),
    "wrong type": (SMALL.replace('"order:{Order}"', "5"), '"subject" is the number 5, but it has to be a text'),
    "money without currency": (SMALL + 'amount = "Total"\n', "money without a currency"),
    "date format of a spreadsheet": (SMALL.replace("[[fact]]", 'dates = "DD.MM.YYYY"\n[[fact]]'), 'Write "%d.%m.%Y"'),
    "date format without a year": (SMALL.replace("[[fact]]", 'dates = "%d.%m."\n[[fact]]'), "names no year"),
    "date format with an unknown letter": (SMALL.replace("[[fact]]", 'dates = "%d.%m.%Y %Q"\n[[fact]]'), "%Q"),
    "unknown time zone": (SMALL.replace("[[fact]]", 'timezone = "Europe/Berln"\n[[fact]]'), "Europe/Berlin"),
    "broken condition": (SMALL + 'if = "Status shipped"\n', "cannot be read as a condition"),
    "scale without ends": (
        SMALL.replace("order.placed", "review.posted") + 'score = { column = "Stars", scale = "5" }\n',
        "two ends",
    ),
    "rating without score": (SMALL.replace("order.placed", "review.posted"), 'needs "score"'),
    "promise that is none": (SMALL + 'promise = { kind = "delivery" }\n', "a [[fact]] table of its own"),
    "promise of nothing": (SMALL.replace("order.placed", "promise.made"), "says not which promise"),
    "promise of an unknown kind": (
        SMALL.replace("order.placed", "promise.made") + 'promise = { kind = "delivry", vague = true }\n',
        'Did you mean "delivery"?',
    ),
    "promise without a date": (
        SMALL.replace("order.placed", "promise.made") + 'promise = { kind = "delivery" }\n',
        "vague = true",
    ),
    "promise released by nobody's act": (
        SMALL.replace("order.placed", "promise.released") + 'promise = { kind = "delivery" }\n',
        "by an act of their own",
    ),
    "way to take cells": (SMALL + '[rows]\ngroup_by = "Order"\ntake = { Total = "summ" }\n', 'Did you mean "sum"?'),
    "taken without groups": (SMALL + '[rows]\ntake = { Total = "sum" }\n', 'need "group_by"'),
    "decimal sign": (SMALL.replace("[[fact]]", 'decimal = ";"\n[[fact]]'), "decimal"),
    "same sign twice": (SMALL.replace("[[fact]]", 'thousands = "."\n[[fact]]'), "differs from the sign for decimals"),
    "fate": (SMALL + '[personal]\nName = "hashed"\n', 'Did you mean "hash"?'),
    "one name twice": (SMALL + '[columns]\nSum = "a + b"\nsum = "a"\n', '"Sum" is the name of another column too'),
    "trait with a quote": (SMALL + 'traits = { \'a"b\' = "A" }\n', "cannot be a trait's name"),
    "two values": (SMALL + 'channel = { column = "A", value = "web" }\n', 'either "column" or "value"'),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_in_a_mapping_is_refused_with_the_remedy(case: str) -> None:
    text, expected = REFUSED[case]
    said = refusal(text)
    assert expected in said
    assert said.startswith("mapping.toml")
    assert said.endswith((".", "?"))


def test_a_mapping_that_is_not_there_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(KeptwordError, match="keptword mapping guess"):
        load(tmp_path / "none.toml")


def test_every_kind_of_the_catalogue_can_be_mapped_but_the_taking_back_of_an_import() -> None:
    """An import is taken back by a command: its number means something only in its own books."""
    with pytest.raises(KeptwordError, match="keptword import --undo"):
        parse('[file]\nname = "x"\n[[fact]]\nkind = "import.withdrawn"\n', file="mapping.toml")
    for kind in set(KINDS) - {"import.withdrawn"}:
        fact = f'[file]\nname = "x"\n[[fact]]\nkind = "{kind}"\nwhen = "At"\nsubject = "s:{{Id}}"\nuser = "Who"\n'
        fact += 'other_user = "Friend"\nscore = "Points"\n'
        if kind.startswith("promise."):
            due = ', due_on = "Due"' if kind in ("promise.made", "promise.renegotiated") else ""
            fact += f'promise = {{ kind = "delivery"{due} }}\n'
        if kind in ("promise.renegotiated", "promise.released"):
            fact += "agreed = true\n"
        assert parse(fact, file="mapping.toml").facts[0].kind == kind


def test_and_binds_closer_than_or() -> None:
    tree = parse_condition("A = 1 or B = 2 and not (C is empty)")
    assert isinstance(tree, Junction)
    assert tree.word == "or"
    assert tree.parts[0] == Comparison(Column("A"), "=", ("1",))
    assert isinstance(tree.parts[1], Junction)
    assert tree.parts[1].word == "and"


def test_names_and_texts_of_several_words_need_no_quotes() -> None:
    assert parse_condition("Fulfill Via = Direct Drop") == Comparison(Column("Fulfill Via"), "=", ("Direct Drop",))
    assert parse_condition("{Cost (EUR)} >= 3.5") == Comparison(Column("Cost (EUR)"), ">=", ("3.5",))
    assert parse_condition("Town in (Köln, 'Bonn, Rhein')") == Comparison(Column("Town"), "in", ("Köln", "Bonn, Rhein"))
    assert parse_condition("Sent > {Due}") == Comparison(Column("Sent"), ">", (Column("Due"),))


@pytest.mark.parametrize(
    "text", ["", "A", "A =", "= 1", "A = 1 and", "A in DE", "(A = 1", "A = 1 B = 2", "A starts DE"]
)
def test_a_broken_condition_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(KeptwordError, match="Write it like"):
        parse_condition(text)


def test_times_binds_closer_than_plus() -> None:
    assert parse_formula("a + b * {unit price}") == Operation(
        "+", Column("a"), Operation("*", Column("b"), Column("unit price"))
    )


@pytest.mark.parametrize("text", ["", "a +", "a b", "a ^ 2", "(a", "a; drop"])
def test_a_broken_formula_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(KeptwordError, match="Write it like"):
        parse_formula(text)
