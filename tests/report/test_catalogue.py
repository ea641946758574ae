"""The words of both languages: complete, alike in what they say, and right about numbers and days."""

from __future__ import annotations

import ast
import json
import re
import string
from datetime import UTC, date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import keptword
from keptword.core.problems import KeptwordError
from keptword.core.rates import Share, wilson
from keptword.intake.checking import Refused, checked
from keptword.sources.csv.building import _SPOKEN
from keptword.words import LANGUAGES, without_marks, words
from keptword.words.catalogue import retold_sentences
from keptword.words.retelling import parts_of

SOURCE = Path(keptword.__file__).parent
ENGLISH, CHINESE = words("en"), words("zh")


def texts(entry: object) -> list[str]:
    """The forms of an entry."""
    return list(entry.values()) if isinstance(entry, dict) else [str(entry)]


def places(text: str) -> set[str]:
    """The names of the places in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@cache
def nodes() -> list[ast.AST]:
    """The texts and the calls of the code."""
    asked = (ast.Call, ast.Constant, ast.JoinedStr)
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py"))
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, asked)]


def calls(*names: str) -> list[ast.Call]:
    """Every call in the code of a function of these names."""
    found = (node for node in nodes() if isinstance(node, ast.Call))
    return [call for call in found if isinstance(call.func, ast.Name) and call.func.id in names]


def said(share: Share, *, language: str = "en") -> str:
    """The share in words, without weight."""
    return without_marks(words(language).share(share))


def test_both_languages_have_the_same_keys():
    assert sorted(ENGLISH.entries) == sorted(CHINESE.entries)


def test_a_sentence_has_the_same_places_in_both_languages():
    for key in ENGLISH.entries.keys() - {"date.short_day"}:
        english, chinese = (set().union(*map(places, texts(each.entries[key]))) for each in (ENGLISH, CHINESE))
        assert english == chinese, key


def test_forms_differ_only_by_number():
    """{ one = "One order", other = "{count} orders" }: `one` may leave places out, but needs none of its own."""
    for language in (ENGLISH, CHINESE):
        for key, entry in language.entries.items():
            if isinstance(entry, dict):
                assert set(entry) == {"one", "other"}, key
                assert places(entry["one"]) <= places(entry["other"]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_weight_is_begun_and_ended(language):
    for key, entry in words(language).entries.items():
        for text in texts(entry):
            assert text.count("**") % 2 == 0, key


def test_chinese_is_chinese():
    """Every sentence with letters has Chinese signs in it; only places, codes and figures may stand alone."""
    for key, entry in CHINESE.entries.items():
        for text in texts(entry):
            if key.startswith("language."):
                continue
            bare = re.sub(r"\{\w+\}|[\d\s%*––:：，。、“”()（）…-]", "", text)
            assert not bare or re.search("[\u4e00-\u9fff]", bare), f"{key}: {text}"


def told_keys() -> tuple[set[str], set[str]]:
    """The keys that the code says by their whole name, and the beginnings of those it puts together."""
    # How a span of time is named: amount.working_days, within.same_day.
    whole, begun = set(), {"amount.", "within."}
    for path in SOURCE.rglob("*.jinja"):
        for key in re.findall(r"""["']([a-z_]+\.\w*)["']""", path.read_text(encoding="utf-8")):
            # What is put together there begins with a table's name and a dot.
            (begun if key.endswith((".", "_")) else whole).add(key)
    for node in nodes():
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            begun.add(str(node.values[0].value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            (begun if re.fullmatch(r"[a-z]+\.(?:\w+_)?", node.value) else whole).add(node.value)
    return whole, {part for part in begun if "." in part}


def test_every_key_is_used():
    whole, begun = told_keys()
    assert [key for key in ENGLISH.entries if key not in whole and not key.startswith(tuple(begun))] == []


def test_what_is_refused_in_another_language_stands_in_the_code_word_for_word():
    """None is stale: each English sentence of `refusals.toml` is a text of the code, with the same places."""
    texts_of_code = {node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    finished = {
        call.args[0].value
        for call in calls("Sentence", "KeptwordError")
        if not call.keywords and call.args and isinstance(call.args[0], ast.Constant)
    }
    for language in LANGUAGES:
        for english, said in words(language).refusals.items():
            assert english in texts_of_code, english
            # What has no places is never filled, and may hold braces.
            if english not in finished:
                assert places(english) == places(said), english


def clauses(sentence: str) -> list[list[str]]:
    """The words a sentence has between its places and stops."""
    found = (clause.split() for literal in parts_of(sentence)[0] for clause in re.split(r"[.,;:()]", literal))
    return [words for words in found if len(words) > 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_seen_in_files_is_retold_from_what_the_code_says(language):
    """None is stale: its words stand in the code, in parts where the code puts the sentence together."""
    texts_of_code = {node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    put_together = {f"Its {name} is empty." for name in _SPOKEN.values()}
    for english, said in retold_sentences(language).items():
        assert set(parts_of(said)[1]) <= set(parts_of(english)[1]), english
        if english not in texts_of_code | put_together:
            assert clauses(english), english
        for words_ in [] if english in texts_of_code | put_together else clauses(english):
            # Where the code puts a sentence together, what comes first may be of several beginnings.
            ends = [" ".join(words_[left_out:]) for left_out in range(min(5, len(words_) - 1))]
            assert any(end in text for text in texts_of_code for end in ends), f"{english}: {words_}"
        if language == "zh":
            assert re.search("[\u4e00-\u9fff]", said), english


def test_every_sentence_that_has_places_can_be_retold_with_them_filled():
    """Of files and of refusals: braces that are no places never stop a page."""
    for english in [*CHINESE.refusals, *retold_sentences("zh")]:
        first, *rest = parts_of(english)[0]
        text = first + "".join(f"x{literal}" for literal in rest)
        assert CHINESE.retold(text) != text or english not in retold_sentences("zh"), text


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            '"Day" reads "31/31/2031", which is no date like 31.12.2031, or not on the calendar.',
            "“Day”中是“31/31/2031”，不是31.12.2031这样的日期，或日历上没有这一天。",
        ),
        ("mailbox, line 7: The message carries no date.", "mailbox, line 7：这封邮件没有日期。"),
        ("This row has 3 cells, the header has 5.", "这一行有3个单元格，标题行有5个。"),
        (
            '"Day" reads "{0.__class__} \\1 %s", which is no number.',
            "“Day”中是“{0.__class__} \\1 %s”，不是数字。",
        ),
        ("What nobody has put into words: it stays.", "What nobody has put into words: it stays."),
        ("x" * 100_000, "x" * 100_000),
    ],
)
def test_what_was_kept_whole_is_retold_with_what_people_wrote_as_it_stands(english, chinese):
    assert CHINESE.retold(english) == chinese
    assert ENGLISH.retold(english) == english


GOOD = {"fact_id": "1", "kind": "order.placed", "occurred_at": "2031-03-01T10:00:00Z", "subject": "order:1"}
GOOD |= {"user_key": "rosa", "source": "till"}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        "{} {}",
        '{"kind": "x", "kind": "y"}',
        "[" * 100_000,
        "{" + " " * 2_000_000,
        *(
            json.dumps(GOOD | odd)
            for odd in (
                {"kind": "order.eaten"},
                {"kind": "zzz"},
                {"kind": 7},
                {"colour": "red"},
                {"subject": ""},
                {"subject": None},
                {"subject": None, "user_key": None},
                {"subject": "x" * 5_000},
                {"subject": "a\x00b"},
                {"subject": "\ud800"},
                {"occurred_at": "yesterday"},
                {"occurred_at": "2031-03-01T10:00:00"},
                {"occurred_at": "0001-03-01T10:00:00Z"},
                {"due_on": "2031-02-30"},
                {"due_on": "1066-10-14"},
                {"amount": "much"},
                {"amount": [1]},
                {"amount": 10**20},
                {"currency": "euro"},
                {"seconds": -1},
                {"seconds": True},
                {"score": 7},
                {"score": 10**400},
                {"steps": 1.5},
                {"steps": -3},
                {"attributes": "red"},
                {"attributes": {"a": {"b": 1}}},
                {"kind": "import.withdrawn", "subject": "the last one"},
            )
        ),
    ],
)
def test_why_a_line_is_no_entry_is_retold_in_chinese(line):
    """Outside of quotes and brackets no English is left."""
    with pytest.raises(Refused) as refused:
        checked(line, zone=UTC, now="2031-03-02T00:00:00Z")
    said = re.sub('“[^”]*”|"[^"]*"|（[^）]*）|[{].*[}]|：[a-z_., ]+。', "", CHINESE.retold(str(refused.value)))
    assert re.search("[\u4e00-\u9fff]", said)
    assert not set(re.findall(r"\b[a-z]+\b", said)) - {"attributes", "import"}, said


@given(st.text(max_size=400))
def test_whatever_stands_in_a_cell_is_retold_at_once_and_unchanged(cell):
    """Among the words of the sentence it stands sign by sign."""
    said = CHINESE.retold(f'The rating reads "{cell}", and Judge.me\'s go from 1 to 5.')
    assert cell in said


def test_what_is_refused_in_chinese_is_chinese():
    for english, said in CHINESE.refusals.items():
        bare = re.sub(r"\{\w+\}|[\d\s（）：，。、“”]", "", said)
        assert not bare or re.search("[\u4e00-\u9fff]", bare), english


def test_a_sentence_that_is_refused_is_given_the_values_it_has_places_for():
    for call in calls("KeptwordError", "Sentence", "LeaseBusy", "LeaseLost", "JournalMoved"):
        if call.keywords and isinstance(call.args[0], ast.Constant):
            given = {keyword.arg for keyword in call.keywords}
            assert {re.split(r"[.\[]", place)[0] for place in places(call.args[0].value)} == given, call.args[0].value


def test_a_refusal_is_said_in_the_language_of_its_reader():
    """Numbers and days as the language writes them, texts as they were typed, sentences within sentences too."""
    inner = KeptwordError('"{text}" is not a number. Write it like 4.5, or leave it empty.', text="{4}")
    outer = KeptwordError("{where}: {error}", where="a.toml", error=inner)
    assert CHINESE.refusal(outer) == "a.toml：“{4}”不是数字。请写成4.5这样，或留空。"
    assert ENGLISH.refusal(outer) == str(outer)
    late = KeptwordError(
        "There is nothing to close on {day}: the first entry is of {first}. Close that day or a later one.",
        day=date(2031, 3, 1),
        first=date(2031, 3, 4),
    )
    assert "2031年3月4日" in CHINESE.refusal(late)


def test_what_a_language_has_no_sentence_for_is_said_in_english():
    assert CHINESE.refusal(KeptwordError("Nobody says {this}.", this="so")) == "Nobody says so."
    assert CHINESE.refusal("Nobody says {so}.") == "Nobody says {so}."


def test_an_unknown_language_is_refused_in_a_sentence():
    with pytest.raises(KeptwordError, match='There are no words in "fr"'):
        words("fr")


@pytest.mark.parametrize(
    ("share", "english", "chinese"),
    [
        (wilson(297, 412), "72 in 100 (68 to 76)", "72%（68%至76%）"),
        (wilson(0, 37), "0 in 100 (0 to 7)", "0%（0%至7%）"),
        (wilson(138, 138), "100 in 100 (98 to 100)", "100%（98%至100%）"),
        (wilson(999, 1000), "99.9 in 100 (99.6 to 99.9)", "99.9%（99.6%至99.9%）"),
        (wilson(1, 1000), "0.1 in 100 (0.1 to 0.4)", "0.1%（0.1%至0.4%）"),
        (wilson(118_670, 127_460), "93.1 in 100 (93.0 to 93.2)", "93.1%（93.0%至93.2%）"),
        (wilson(596, 596), "100 in 100 (99.5 to 100)", "100%（99.5%至100%）"),
        (wilson(0, 0), "no figure yet", "尚无数据"),
        (Share(3, 4, 0.75, None, None), "75 in 100", "75%"),
    ],
)
def test_a_share_is_said_with_its_interval(share, english, chinese):
    """Nearly all is not all, hardly any is not none; a decimal only where whole numbers would hide the interval."""
    assert said(share) == english
    assert said(share, language="zh") == chinese


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_only_all_is_100_and_only_none_is_0(count, more):
    of = count + more
    if of:
        value = ENGLISH.in_100(count / of)
        assert (value == "100") == (count == of)
        assert (value == "0") == (count == 0)


@pytest.mark.parametrize(
    ("number", "written"), [(0, "0"), (1206, "1,206"), (402_118, "402,118"), (3.4, "3.4"), (2.0, "2")]
)
def test_numbers_are_written_with_thousands_apart(number, written):
    assert ENGLISH.number(number) == CHINESE.number(number) == written


def test_days_are_written_as_the_language_writes_them():
    day = date(2031, 11, 24)
    assert (ENGLISH.weekday(day), CHINESE.weekday(day)) == ("Monday, 24 November 2031", "2031年11月24日（星期一）")
    assert (ENGLISH.short_day(day), CHINESE.short_day(day)) == ("24 Nov 2031", "2031-11-24")
    assert (ENGLISH.month(day), CHINESE.month(day)) == ("November 2031", "2031年11月")
    assert (ENGLISH.quarter(date(2031, 10, 1)), CHINESE.quarter(date(2031, 10, 1))) == (
        "Oct to Dec 2031",
        "2031年10月至12月",
    )


def test_one_and_many_have_their_own_form():
    assert ENGLISH.say("count.order", count=1) == "1 order"
    assert ENGLISH.say("count.order", count=1206) == "1,206 orders"
    assert CHINESE.say("count.order", count=1) == "1笔订单"


def test_lists_read_as_sentences():
    assert ENGLISH.listed(["a", "b", "c"]) == "a, b and c"
    assert CHINESE.listed(["a", "b", "c"]) == "a、b和c"
    assert ENGLISH.listed(["a"]) == "a"


def test_a_value_is_never_read_as_a_sentence():
    """A product called "{count} **x**" stays what it is."""
    text = ENGLISH.say("products.stands_out", label="{count} **x**", share="")
    assert text.startswith("{count} **x** is paid back")
