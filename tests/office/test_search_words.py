"""The words a customer is found by: what is cut, folded and put together, for names of every kind."""

from __future__ import annotations

import pytest

from keptword.office.search_words import LONGEST, MOST, asked, cleaned, folded, words_of

FOLDED = {
    "Müller": "muller",
    "MÜLLER": "muller",
    "Mu\u0308ller": "muller",
    "Straße": "strasse",
    "Sørensen": "sorensen",
    "Łukasz": "lukasz",
    "İstanbul": "istanbul",
    "Ｒｏｓａ": "rosa",
    "Ángel": "angel",
    "王小明": "王小明",
    "홍길동": "홍길동",
    "O’Brien": "o'brien",
    "עברית": "עברית",
}


@pytest.mark.parametrize("text", FOLDED)
def test_accents_and_letter_case_count_for_nothing(text):
    assert folded(text) == FOLDED[text]


def words(name: str = "", mail: str = "", phone: str = "") -> list[str]:
    return words_of(name=name, mail=mail, phone=phone)


def test_a_name_gives_its_parts():
    assert words("Dr. Rosa Müller-Lüdenscheidt") == ["dr", "rosa", "muller", "ludenscheidt"]
    assert words("Conan O'Brien") == ["conan", "o", "brien"]


def test_a_name_in_ideographs_gives_what_begins_with_each_of_them():
    assert words("王小明") == ["王小明", "小明", "明"]
    assert words("李 Ming") == ["李", "ming"]
    assert words("李Ming") == ["李", "ming"]


def test_an_address_gives_itself_and_parts_that_no_name_begins():
    assert words(mail="Rosa.Maier+tea@Mail.example") == ["rosa.maier+tea@mail.example", "maier", "tea"]
    assert words("Rosa Maier", "rosa.maier82@mail.example") == ["rosa.maier82@mail.example", "rosa", "maier"]


def test_a_phone_number_gives_its_last_digits():
    assert words(phone="+49 (0)170 / 12-34567") == ["01234567"]
    assert words(phone="110") == []


def test_there_is_an_end_to_words():
    long = words("x" * 1_000_000, mail="y" * 1_000_000 + "@mail.example")
    assert {len(word) for word in long} == {LONGEST}
    assert len(words(" ".join(f"name{number}" for number in range(1_000)))) == MOST
    assert len(words("王" * 1_000_000)) <= MOST
    assert words("x y " * 1_000, "rosa@mail.example", "030 1234567")[:2] == ["rosa@mail.example", "01234567"]


ASKED = {
    "": [],
    "  \t\0 ": [],
    "!?": [],
    "Rosa": ["rosa"],
    "ma Rosa": ["rosa", "ma"],
    "Rosa.Maier@Mail.example": ["rosa.maier@mail.example"],
    "@": [],
    "+49 170 1234567": ["01234567"],
    "0170-1234567": ["01234567"],
    "1234567": ["1234567"],
    "1042": ["1042"],
    "小明": ["小明"],
    "O'Brien": ["brien", "o"],
}


@pytest.mark.parametrize("text", ASKED)
def test_what_is_asked_for(text):
    assert asked(text) == ASKED[text]


CLEANED = {
    "  Rosa   Maier ": "Rosa Maier",
    "Rosa\nMaier\r\n": "Rosa Maier",
    "Ro\0sa": "Ro sa",
    "\u202erosa\u202c": "rosa",
    "\ufeffRosa\u200b": "Rosa",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "שרה כהן": "שרה כהן",
    "می‌خواهم": "می‌خواهم",
    "R\ud800osa": "R?osa",
}


@pytest.mark.parametrize("text", CLEANED)
def test_what_may_stand_in_the_address_book(text):
    """On one line, without signs that show nothing or turn the direction; letters of every language stay."""
    assert cleaned(text, longest=100) == CLEANED[text]


def test_what_goes_on_is_cut():
    assert cleaned("x" * 1_000_000, longest=255) == "x" * 255
    assert cleaned(None, longest=255) == ""
