"""The door: what is a fact, what is refused and with which sentence, and what equal and unequal repeats become."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from intake.desk import Desk, line
from keptword.intake.door import Posted, posting
from keptword.intake.models import Quarantined, Waiting


def content(number: int) -> dict[str, object]:
    return json.loads(Waiting.objects.get(fact_id=f"shop:order.placed:{number}").content)


def test_a_fact_is_accepted_once(desk):
    assert desk.post([line(1), line(2), line(1)]) == Posted(accepted=2, known=1, refused=0)
    assert desk.post([line(2)]) == Posted(known=1)
    assert desk.waiting() == ["shop:order.placed:1", "shop:order.placed:2"]


def test_the_local_day_and_clock_are_decided_on_the_way_in(desk):
    """Half past ten in the evening in New York is the next day in UTC."""
    desk.post([line(1, occurred_at="2031-03-02T03:30:00Z")], timezone="America/New_York")
    assert content(1)["occurred_on"] == "2031-03-01"
    assert content(1)["clock_seconds"] == 22 * 3600 + 1800


def test_a_day_given_stays_and_gets_no_clock(desk):
    desk.post([line(1, occurred_on="2031-02-28")])
    assert content(1)["occurred_on"] == "2031-02-28"
    assert "clock_seconds" not in content(1)


def test_a_repeat_after_the_business_changed_its_time_zone_is_known(desk):
    """The moment is the same; the day it was booked on does not move."""
    desk.post([line(1, occurred_at="2031-03-02T03:30:00Z")], timezone="America/New_York")
    assert desk.post([line(1, occurred_at="2031-03-02T03:30:00Z")], timezone="Asia/Tokyo") == Posted(known=1)
    assert content(1)["occurred_on"] == "2031-03-01"


def test_when_and_where_it_was_learned_makes_no_other_fact(desk):
    desk.post([line(1, recorded_at="2031-03-02T00:00:00Z")])
    again = line(1, recorded_at="2031-03-05T00:00:00Z", source="other.jsonl line 9", attributes={"more": 1})
    assert desk.post([again]) == Posted(known=1)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (0.1, "0.1"),
        ("0.10", "0.1"),
        (12, "12"),
        ("-0.00", "0"),
        ("1e3", "1000"),
        ("12.50000", "12.5"),
        ("-007.5", "-7.5"),
        ("1E-4", "0.0001"),
        (99999999999999.9999, None),
        ("99999999999999.9999", "99999999999999.9999"),
    ],
)
def test_an_amount_never_goes_through_a_binary_fraction(desk, written, kept):
    desk.post([line(1, amount=written)])
    if kept is None:
        assert desk.reasons() == [
            '"amount" is 100000000000000.0; an amount has at most 14 digits before the point and 4 after it.'
        ]
    else:
        assert content(1)["amount"] == kept


def test_digits_of_a_number_are_read_as_they_are_written(desk):
    """A double cannot hold 12345678901234.5678."""
    desk.post([line(1).replace("12.5", "12345678901234.5678")])
    assert content(1)["amount"] == "12345678901234.5678"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "order.payed"}, 'Did you mean "order.paid"?'),
        ({"ammount": 1}, '"ammount" is not a known column. Did you mean "amount"?'),
        ({"ammount": None, "colour": "red"}, '"colour" is not a known column.'),
        ({"subject": None}, 'A "order.placed" entry needs "subject", which is missing.'),
        ({"fact_id": None, "source": None}, '"fact_id" and "source", which are missing'),
        ({"kind": None}, 'An entry needs "kind"'),
        ({"kind": 7}, '"kind" is the number 7; it has to be a text'),
        ({"fact_id": "x" * 513}, "513 characters"),
        ({"fact_id": ""}, '"fact_id" is an empty text'),
        ({"amount": "12,50"}, '"amount" is "12,50", which is no amount'),
        ({"amount": 0.00001}, "at most 14 digits before the point and 4 after it"),
        ({"amount": "1e999999999"}, "at most 14 digits"),
        ({"amount": "NaN"}, "no amount"),
        ({"amount": True}, '"amount" is true'),
        ({"amount": [1]}, '"amount" is a list'),
        ({"occurred_at": "yesterday"}, "which is no moment"),
        ({"occurred_at": "2031-03-01T10:00:00"}, "says no time zone"),
        ({"occurred_at": "2031-02-30T10:00:00.000000Z"}, "which is no moment"),
        ({"occurred_at": "1899-12-31T10:00:00Z"}, "outside the years 1900 to 2199"),
        ({"occurred_at": "2200-01-01T00:00:00.000000Z"}, "outside the years 1900 to 2199"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "outside the years 1900 to 2199"),
        ({"due_on": "1.3.2031"}, "which is no day"),
        ({"due_on": "2231-03-01"}, "outside the years"),
        ({"score": 1.01}, "rescaled to 0 to 1"),
        ({"score": "1"}, '"score" is the text "1"; it has to be a number'),
        ({"seconds": -1}, "time spent is not below 0"),
        ({"steps": 1.5}, "it has to be a whole number"),
        ({"steps": 2**31}, "it has to be between 0 and 2147483647"),
        ({"attributes": "DE"}, "it has to be an object"),
        ({"attributes": {"a": {"b": 1}}}, "it may hold texts, numbers and lists of texts"),
        ({"stage": "service2"}, 'Did you mean "service"?'),
        ({"user_key": "a\tb"}, "the control character U+0009"),
        ({"user_key": "a\x00b"}, "the control character U+0000"),
        ({"attributes": {"a": "b\x07"}}, "the control character U+0007"),
        ({"user_key": "\ud800"}, "half a character"),
        ({"kind": "import.withdrawn", "subject": "7"}, "it names the import taken back: import:7"),
    ],
    ids=str,
)
def test_what_is_no_fact_is_laid_aside_with_the_reason(desk, changed, said):
    assert desk.post([line(1, **changed), line(2)]) == Posted(accepted=1, refused=1)
    (reason,) = desk.reasons()
    assert said in reason
    assert reason.endswith((".", "?", "…}."))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json", "no JSON"),
        ('{"fact_id": "a"', "no JSON"),
        (line(1) + line(2), "something follows"),
        ("[1]", "is a list, not an object"),
        ('"text"', "not an object"),
        ('{"score": NaN}', "no JSON"),
        ('{"amount": 1, "amount": 2}', '"amount" is given twice'),
        ('{"attributes": ' + "[" * 100_000, "nested too deeply"),
        ('{"steps": ' + "9" * 5000 + "}", "no JSON"),
        ('{"a": "' + "x" * 1_000_000 + '"}', "1,000,009 characters"),
        ("\udcff\udcfe", "no JSON"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_a_line_that_cannot_be_read_is_laid_aside(desk, text, said):
    assert desk.post([text]) == Posted(refused=1)
    assert said in desk.reasons()[0]


def test_the_same_fact_with_another_amount_is_laid_aside_naming_both(desk):
    desk.post([line(1)])
    assert desk.post([line(1, amount=99)]) == Posted(refused=1)
    assert 'amount was "12.5" and is "99" here' in desk.reasons()[0]
    assert content(1)["amount"] == "12.5"


def test_what_is_refused_again_is_laid_aside_once(desk):
    for _ in range(2):
        desk.post([line(1), "nonsense", line(1, amount=99)])
    assert len(desk.reasons()) == 2


def test_refused_lines_share_transactions(desk, django_commits):
    """A million refused facts must not take a million transactions; they go with the hundred they came with."""
    desk.post(f"nonsense {number}" for number in range(1000))
    assert Quarantined.objects.count() == 1000
    assert django_commits() <= 12


def test_each_hundred_is_durable_when_it_is_told(desk):
    told = posting((line(number) for number in range(250)), timezone=None, now=datetime.now(UTC))
    counts = []
    for done in told:
        counts.append((done.lines, Waiting.objects.count()))
    assert counts == [(100, 100), (100, 200), (50, 250)]


def test_empty_lines_are_passed_over(desk):
    assert desk.post(["", "  \n", line(1) + "\r\n"]) == Posted(accepted=1)


def test_where_a_line_came_from_is_remembered(desk):
    desk.post([line(1), "nonsense"])
    assert Quarantined.objects.get().place == "line 2"


def test_what_the_command_writes_is_taken(desk, engine, tmp_path):
    """`keptword facts` writes every column, empty ones as null."""
    from keptword.sources.facts import as_lines

    desk.post([line(1), line(2, score=0.5, seconds=3, steps=2, due_on="2031-03-04", amount=None)])
    desk.pump(engine)
    columns = desk.journal.facts(engine).drop("import_number", "batch", "fact_hash")
    out = tmp_path / "facts.jsonl"
    engine.write(as_lines(columns), out, form="jsonl")
    other = Desk.made(tmp_path / "other")
    with out.open(encoding="utf-8") as lines:
        assert other.post(lines) == Posted(accepted=2)
    desk.open()
    with out.open(encoding="utf-8") as lines:
        desk.post(lines)
    assert desk.pump(engine).known == 2
