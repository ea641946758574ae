"""The address book: people are found by any part of what they are called, the newest counts, the erased stay away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from keptword.intake import tombstones
from keptword.intake.checking import canonical
from keptword.office import forgetting, people
from keptword.office.correcting import correct
from keptword.office.models import Act, Letter, Note, Person, PersonWord

NOW = datetime(2031, 3, 9, 12, 0, tzinfo=UTC)
MARCH = datetime(2031, 3, 1, 10, 0)


@pytest.fixture(autouse=True)
def _empty(office: str) -> None:
    """Nobody is in the book."""
    from keptword.intake.models import Tombstone

    for table in (PersonWord, Person, Note, Letter, Act, Tombstone):
        table.objects.all().delete()


def row(key: str, name="", mail="", phone="", *, country="", language="", at: datetime | None = MARCH):
    """What a file tells of one person."""
    return (key, name or None, mail or None, phone or None, country or None, language or None, at)


def remember(*rows) -> int:
    return people.remember(rows, now=NOW)


def found(text: str, limit: int = 20) -> list[str]:
    """The keys of whom a text finds."""
    return [one.user_key for one in people.found(text, limit=limit)]


def words(key: str) -> list[str]:
    return sorted(PersonWord.objects.filter(person=key).values_list("word", flat=True))


def test_somebody_is_found_by_any_part_of_what_they_are_called():
    remember(
        row("r", "Rosa Müller-Kern", "Rosa.Mueller@mail.example", "+49 170 1234567"),
        row("t", "Tom Kern", "tom@mail.example"),
    )
    for text in (
        "rosa",
        "MÜL",
        "Muller",
        "kern rosa",
        "rosa.mueller@mail.ex",
        "mueller",
        "0170/1234567",
        "ro kern",
        "(rosa)_",
    ):
        assert found(text) == ["r"], text
    assert sorted(found("kern")) == ["r", "t"]
    for text in ("osa", "rosa tom", "mail.example", "", "  ", "%", "_", "*", "r%a"):
        assert found(text) == [], text


def test_a_chinese_name_is_found_by_each_of_its_characters_and_by_the_whole():
    remember(row("w", "王小明", "ming@mail.example"), row("l", "李小红"), row("d", "欧阳娜娜"))
    assert {text: found(text) for text in ("王小明", "小明", "明", "王", "阳娜", "王 明")} == {
        "王小明": ["w"],
        "小明": ["w"],
        "明": ["w"],
        "王": ["w"],
        "阳娜": ["d"],
        "王 明": ["w"],
    }
    assert sorted(found("小")) == ["l", "w"]


def test_the_exact_word_comes_first_and_there_is_an_end():
    remember(*[row(f"k{number:03}", f"Rosalind {number}") for number in range(50)], row("z", "Rosa"))
    assert found("rosa")[0] == "z"
    assert len(found("rosa", limit=7)) == 7
    assert len(found("rosa 4", limit=50)) == 11


def test_all_words_count_however_common_they_are():
    """A thousand Annas and Kerns, of whom one is both and comes last; and single letters."""
    remember(
        *[row(f"a{number:04}", "Anna Bach") for number in range(1_000)],
        *[row(f"k{number:04}", "Karl Kern") for number in range(1_000)],
        row("z", "Anna Kern"),
    )
    assert found("anna kern") == found("ke an") == ["z"]
    assert found("anna karl") == []
    assert len(found("a b")) == 20


def test_of_each_part_the_newest_that_is_not_empty_counts_in_whatever_order():
    """March tells a name and a number, April another name; they come in both orders, and again."""
    march = row("r", "Rosa Maier", phone="030 1234567", country="at")
    april = row("r", "Rosa Kern", "rosa@mail.example", at=datetime(2031, 4, 1))
    for first, second in ((march, april), (april, march)):
        Person.objects.all().delete()
        assert (remember(first), remember(second), remember(first), remember(second)) == (1, 1, 0, 0)
        one = people.person("r")
        assert (one.name, one.mail, one.phone, one.country) == (
            "Rosa Kern",
            "rosa@mail.example",
            "030 1234567",
            "AT",
        )
        # April is still to come: it is no newer than now.
        assert one.updated_at == NOW
        assert words("r") == ["01234567", "kern", "rosa", "rosa@mail.example"]
    assert found("maier") == []


def test_what_a_colleague_wrote_stays_until_something_newer_is_told():
    remember(row("r", "R. Maier"))
    Person.objects.update(name="Rosa Maier", updated_at=NOW - timedelta(days=2))
    assert remember(row("r", "R. Maier")) == 0
    assert people.person("r").name == "Rosa Maier"
    remember(row("r", "Rosa Kern", at=datetime(2031, 3, 8)))
    assert people.person("r").name == "Rosa Kern"


def test_a_person_told_twice_at_once_is_one():
    assert remember(row("r", "Rosa"), row("r", mail="rosa@mail.example"), row("x")) == 1
    assert (people.person("r").name, people.person("r").mail) == ("Rosa", "rosa@mail.example")
    assert people.person("x") is None


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)',
    "statement": "Robert'); DROP TABLE office_person;--",
    "percent": "100 %s %(name)s {0} \\ \\' % _",
    "zero byte": "Ro\0sa",
    "direction": "\u202emoc.live\u202c Rosa",
    "a megabyte": "x" * 1_000_000,
    "halves of signs": "Rosa \ud83d",
    "lines": "Rosa\r\nBcc: all@mail.example",
    "combining": "R" + "\u0301" * 5_000 + "osa",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_name_is_kept_as_a_text_and_breaks_nothing(what):
    """As name, address, number, country and language at once; and it is searched for."""
    name = HOSTILE[what]
    remember(row("k", "Kind"), row("h", name, name + "@mail.example", name, country=name, language=name))
    one = people.person("h")
    assert one is not None
    for part in (one.name, one.mail, one.phone, one.country, one.language):
        assert len(part) <= 255
        assert not set(part) & {"\0", "\n", "\r", "\u202e", "\ud83d"}
    assert " " not in one.mail
    found(name)
    found(name[:50])
    assert found("kind") == ["k"]
    assert Person.objects.count() == 2


def test_whoever_was_erased_stays_away():
    tombstones.bury(["r"], now=NOW)
    assert remember(row("r", "Rosa"), row("t", "Tom")) == 1
    assert people.person("r") is None
    assert found("rosa") == []


def test_what_is_written_can_be_held_off():
    """The transaction given is the one written in: where it refuses, nobody is written."""
    from contextlib import contextmanager

    @contextmanager
    def lost() -> Iterator[None]:
        raise RuntimeError("another has taken over")
        yield

    with pytest.raises(RuntimeError):
        people.remember([row("r", "Rosa")], now=NOW, within=lost)
    assert Person.objects.count() == 0


def test_several_are_looked_up_at_once():
    remember(*[row(f"k{number:04}", f"Rosa {number}") for number in range(2_000)])
    keys = [f"k{number:04}" for number in range(3_000)]
    assert set(people.several(keys)) == set(keys[:2_000])
    assert people.several([]) == {}


def test_all_that_is_kept_of_somebody_is_handed_out_and_forgotten():
    """Rosa's row, note, letter and act go; Tom's stay, and the act about Tom that names Rosa stays without her."""
    remember(row("rosa-key", "Rosa", "rosa@mail.example"), row("t", "Tom"))
    for key in ("rosa-key", "t"):
        Note.objects.create(user_key=key, text=f"about {key}", at=NOW)
        Letter.objects.create(user_key=key, subject="Sorry", body=f"Dear {key}", at=NOW)
        content = f'{{"user_key":"{key}","other_user":"rosa-key"}}'
        Act.objects.create(
            fact_id=f"f:{key}", kind="apology.sent", user_key=key, content=content, at=NOW, hold_until=NOW
        )
    assert forgetting.kept("rosa-key") == forgetting.Kept(1, 1, 1, 1)
    told = forgetting.everything("rosa-key")
    assert told["address_book"]["mail"] == "rosa@mail.example"
    assert [len(told[name]) for name in ("notes_about_them", "letters_to_them", "done_at_the_desk")] == [1, 1, 1]
    assert forgetting.keys() == {"rosa-key", "t"}

    assert forgetting.forget(["rosa-key", "nobody"]) == forgetting.Kept(1, 1, 1, 1)
    assert not forgetting.kept("rosa-key")
    assert forgetting.keys() == {"t"}
    assert found("rosa") == []
    assert set(PersonWord.objects.values_list("person_id", flat=True)) == {"t"}
    assert Act.objects.get().content == '{"user_key":"t"}'
    assert forgetting.everything("rosa-key")["address_book"] == {}


def test_where_an_act_names_the_erased_only_texts_about_them_change():
    """Key "12" goes: a number, a moment and an amount hold it too, "12-b" is another; Ada's act names nobody."""
    adas = canonical({"fact_id": "desk:12:0", "user_key": "ada", "subject": "order:12", "steps": 12})
    named = {
        "fact_id": "desk:12:1",
        "user_key": "t",
        "other_user": "12",
        "occurred_at": "2026-11-12T08:12:33.000000Z",
        "subject": "invitation:12:12-b",
        "amount": "12.12",
        "attributes": {"by": ["12", "t"], "12": 12, "why": "told by 12."},
    }
    for number, (key, content) in enumerate((("ada", adas), ("t", canonical(named)))):
        Act.objects.create(fact_id=str(number), kind="x", user_key=key, content=content, at=NOW, hold_until=NOW)
    forgetting.forget(["12"], namesakes=["12-b"])
    attributes = {"by": ["erased", "t"], "12": 12, "why": "told by erased."}
    texts = {"subject": "invitation:erased:12-b", "attributes": attributes}
    without = {name: value for name, value in named.items() if name != "other_user"}
    assert list(Act.objects.order_by("fact_id").values_list("content", flat=True)) == [adas, canonical(without | texts)]


def test_words_of_an_earlier_version_go_too():
    remember(row("r", "Rosa"))
    PersonWord.objects.create(word="old word of rosa", person_id="r")
    assert people.forget(["r"]) == 1
    assert PersonWord.objects.count() == 0


def test_what_a_colleague_emptied_is_filled_by_newer_files_only():
    """A wrong address is taken out by hand; last year's file does not bring it back, next year's may bring another."""
    remember(row("r", "Rosa", "wrong@mail.example"))
    correct("r", name="Rosa", mail="", phone="", language="", country="", now=NOW)
    remember(row("r", "Rosa", "wrong@mail.example", "+49 170 1234567"))
    person = Person.objects.get(pk="r")
    assert (person.mail, person.phone) == ("", "+49 170 1234567")
    people.remember([row("r", mail="right@mail.example", at=datetime(2032, 1, 1))], now=NOW + timedelta(days=400))
    person = Person.objects.get(pk="r")
    assert (person.mail, person.emptied) == ("right@mail.example", "")
    assert found("right@mail.example") == ["r"]
