"""What the law promises: every row stands on a provision, and every country asked for is answered honestly."""

from __future__ import annotations

import re
from datetime import date

import pytest

from keptword.core.law import (
    GRADES,
    KEPT_BY,
    UNITS,
    LegalPromise,
    LegalRemark,
    covered,
    promised_by_law,
    read_law,
    remarks_on,
)
from keptword.core.problems import KeptwordError
from keptword.core.schema import KINDS, PROMISE_KINDS

EU_MEMBERS = [
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
]

ROW = """
[[group]]
code = "XX"
countries = ["XX"]
name = "Examplia"
name_zh = "示例国"

[[promise]]
group = "XX"
kind = "refund"
days = 14
unit = "days"
from = "order.returned"
sentence = "The money goes back within 14 days."
sentence_zh = "须在14天内退款。"
source = "Consumer Act, Art. 5"
note = "Unless agreed otherwise."
note_zh = "另有约定的除外。"
grade = "wording"
read = "the Act in full"
checked = 2031-03-01
"""


def figures(country: str) -> set[tuple[str, int, str, str]]:
    """Return kind, days, unit and where they count from, for each promise of a country."""
    return {(p.kind, p.days, p.unit, p.from_kind) for p in promised_by_law(country)}


@pytest.mark.parametrize("country", covered())
def test_every_row_names_its_source_and_how_it_was_checked(country: str) -> None:
    """The source is more than a name, the grade is a known one, and the day of checking is there."""
    rows: list[LegalPromise | LegalRemark] = [*promised_by_law(country), *remarks_on(country)]
    assert rows, f"{country} is covered and nothing is said about it"
    for row in rows:
        assert re.search(r"\d", row.source), row.source
        assert row.grade in GRADES
        assert row.read
        assert row.checked >= date(2026, 11, 22)


@pytest.mark.parametrize("country", covered())
def test_every_promise_says_its_days_in_both_languages(country: str) -> None:
    for promise in promised_by_law(country):
        assert re.search(rf"\b{promise.days} {promise.unit}\b", promise.sentence), promise.sentence
        assert re.search(rf"(?<!\d){promise.days}(天|个工作日)", promise.sentence_zh), promise.sentence_zh
        assert ("工作日" in promise.sentence_zh) == (promise.unit == "working days")
        assert promise.note
        assert promise.note_zh


@pytest.mark.parametrize("country", covered())
def test_every_promise_is_counted_and_kept_by_kinds_of_the_catalogue(country: str) -> None:
    for promise in promised_by_law(country):
        assert promise.unit in UNITS
        assert promise.from_kind in KINDS
        assert promise.kept_by == KEPT_BY[promise.kind]
        if promise.kind == "withdrawal":
            assert promise.kept_by is None
        else:
            assert promise.kind in PROMISE_KINDS
            assert promise.kept_by in KINDS


@pytest.mark.parametrize("country", covered())
def test_no_country_is_promised_the_same_thing_twice(country: str) -> None:
    starts = [(p.kind, p.from_kind) for p in promised_by_law(country)]
    assert len(starts) == len(set(starts))


@pytest.mark.parametrize("country", [*EU_MEMBERS, "IS", "LI", "NO"])
def test_every_member_of_the_european_union_and_the_eea_resolves(country: str) -> None:
    """Directive 2011/83/EU: Art. 18 delivery 30 days, Art. 13 refund 14 days, Art. 9 withdrawal 14 days."""
    assert figures(country) == {
        ("delivery", 30, "days", "order.placed"),
        ("refund", 14, "days", "order.cancelled"),
        ("withdrawal", 14, "days", "order.delivered"),
    }
    assert all("2011/83/EU" in promise.source for promise in promised_by_law(country))


def test_the_figures_are_those_of_the_provisions() -> None:
    """
    GB  Consumer Rights Act s. 28: 30 days; Consumer Contracts Regulations regs. 30, 34: 14 days
    US  16 CFR 435.2: ships within 30 days; 435.1(b): refunds within seven working days
    CN  消费者权益保护法 Art. 25: seven days to return, seven to refund
    KR  E-Commerce Act Arts. 15, 17, 18: three business days, seven days, three business days
    BR  CDC Art. 49: seven days; Decreto 7.962 Art. 4: five days to answer
    """
    assert figures("GB") == {
        ("delivery", 30, "days", "order.placed"),
        ("refund", 14, "days", "order.returned"),
        ("refund", 14, "days", "order.cancelled"),
        ("withdrawal", 14, "days", "order.delivered"),
    }
    assert figures("US") == {
        ("dispatch", 30, "days", "order.placed"),
        ("refund", 7, "working days", "order.cancelled"),
    }
    assert figures("CN") == {
        ("refund", 7, "days", "order.returned"),
        ("withdrawal", 7, "days", "order.delivered"),
    }
    assert figures("KR") == {
        ("dispatch", 3, "working days", "order.paid"),
        ("refund", 3, "working days", "order.returned"),
        ("withdrawal", 7, "days", "order.delivered"),
    }
    assert figures("BR") == {
        ("withdrawal", 7, "days", "order.delivered"),
        ("reply", 5, "days", "contact.opened"),
    }
    assert figures("JP") == {("withdrawal", 8, "days", "order.delivered")}
    assert figures("MX") == {("withdrawal", 5, "working days", "order.delivered")}
    assert figures("IN") == {("reply", 2, "days", "complaint.made")}


@pytest.mark.parametrize("country", ["CH", "CA", "AU", "NZ", "SG"])
def test_where_no_figure_holds_that_is_said_instead_of_guessed(country: str) -> None:
    assert country in covered()
    assert promised_by_law(country) == ()
    assert len(remarks_on(country)) == 1


@pytest.mark.parametrize("country", ["ZZ", "", "  ", "Germany", "EU", "HK", "D"])
def test_an_unknown_or_uncovered_country_is_promised_nothing(country: str) -> None:
    assert promised_by_law(country) == ()
    assert remarks_on(country) == ()


@pytest.mark.parametrize(
    ("written", "country"),
    [("us-ca", "US"), ("GB_SCT", "GB"), (" de ", "DE"), ("UK", "GB"), ("EL", "GR"), ("CN-44", "CN")],
)
def test_subdivision_case_and_usual_aliases_do_not_count(written: str, country: str) -> None:
    assert promised_by_law(written) == promised_by_law(country) != ()


def test_a_complete_row_loads() -> None:
    law = read_law(ROW)
    (promise,) = law.promises
    assert law.group_of == {"XX": "XX"}
    assert (promise.place, promise.kind, promise.days, promise.kept_by) == ("Examplia", "refund", 14, "order.refunded")
    assert promise.checked == date(2031, 3, 1)


@pytest.mark.parametrize("without", ['source = "Consumer Act, Art. 5"\n', '"Consumer Act, Art. 5"'])
def test_a_row_without_a_source_fails_to_load_with_a_sentence(without: str) -> None:
    """Left out, or left empty: the sentence names file and row, and what to do next."""
    empty = ROW.replace(without, '""' if without.startswith('"') else "")
    with pytest.raises(KeptwordError) as raised:
        read_law(empty, where="mine.toml")
    assert str(raised.value) == (
        "mine.toml, promise 1: it names no source. Name the statute and the article it stands on, or leave "
        "the row out: what the law promises is looked up, never guessed."
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "refund"', 'kind = "refnd"', 'Did you mean "refund"?'),
        ('from = "order.returned"', 'from = "order.retuned"', 'Did you mean "order.returned"?'),
        ('unit = "days"', 'unit = "hours"', "is not a known unit"),
        ('grade = "wording"', 'grade = "hearsay"', "is not a known grade"),
        ('group = "XX"\nkind', 'group = "XY"\nkind', "is not a known group"),
        ("days = 14", "days = 15", "does not say 15"),
        ("days = 14", "days = 4", "does not say 4"),
        ("days = 14", "days = 0", "1 or more"),
        ("days = 14", "days = true", "1 or more"),
        ("checked = 2031-03-01", 'checked = "2031-03-01"', "without quotes"),
        ("checked = 2031-03-01", "", "lacks checked"),
        ('note = "', 'notes = "', 'Did you mean "note"?'),
        ('countries = ["XX"]', 'countries = ["Examplia"]', "two capital letters"),
        ('countries = ["XX"]', 'countries = ["XX", "XX"]', "Leave it in one of them"),
        (
            "[[promise]]",
            '[[group]]\ncode = "XX"\ncountries = ["XY"]\nname = "X"\nname_zh = "X"\n[[promise]]',
            "there already",
        ),
        ("[[promise]]", "[[promises]]", 'Did you mean "promise"?'),
        ("[[promise]]", "[promise]", "Begin each row with [[promise]]"),
        ("days = 14", "days = ", "cannot be read as TOML"),
    ],
)
def test_a_faulty_row_is_refused_with_a_sentence_that_says_what_to_do(old: str, new: str, said: str) -> None:
    assert old in ROW
    with pytest.raises(KeptwordError, match=re.escape(said)):
        read_law(ROW.replace(old, new))
