"""What a drafted note says: what was promised, what happened, when it will be; sorry where we are to be."""

from __future__ import annotations

from datetime import date

import pytest

from keptword.core.schema import PROMISE_KINDS
from keptword.office.drafting import LONGEST, Asked, Owed, drafted
from keptword.words import LANGUAGES, words

DAY, NEW = date(2031, 3, 4), date(2031, 3, 12)
ROSA = Asked("Rosa Lind", business="Alder Tea", by="Ben", new_day=None)


def late(kind: str, *, days: int | None = 3, **more) -> Owed:
    """A promise past its day."""
    return Owed(kind, "order:1042", since_on=date(2031, 3, 1), due_on=DAY, days_late=days, **more)


def test_it_says_what_was_promised_what_happened_and_that_we_are_sorry():
    note = drafted(words("en"), [late("dispatch")], asked=ROSA)
    assert note.subject == "Your order 1042"
    assert note.body == (
        "Hello Rosa Lind,\n\n"
        "We promised that your order 1042 would leave us by 4 March 2031. It has not left us yet. That is 3 days late. "
        "We cannot name a new day yet. As soon as we can, we will write to you; you need not ask.\n\n"
        "We did not keep our word to you, and you should have heard of it from us first. We are sorry.\n\n"
        "If you would rather have it another way, just answer this message and tell us.\n\n"
        "Ben\nAlder Tea"
    )
    assert note.apologises


def test_it_names_the_new_day_where_there_is_one():
    asked = Asked("", business="Alder Tea", by="Ben", new_day=NEW)
    body = drafted(words("en"), [late("refund")], asked=asked).body
    assert body.startswith("Hello,\n")
    assert "The money will be back with you by 12 March 2031." in body
    assert "cannot name" not in body


def test_what_is_not_due_yet_is_no_reason_to_be_sorry():
    note = drafted(words("en"), [late("delivery", days=None)], asked=ROSA)
    assert not note.apologises
    assert "sorry" not in note.body
    assert "still to come" in note.body


def test_a_promise_in_its_own_words_is_told_in_them():
    body = drafted(words("en"), [late("resolution", what="a new lid for the teapot. ")], asked=ROSA).body
    assert "We promised you this by 4 March 2031: a new lid for the teapot. It is not settled yet." in body


def test_an_hour_that_passed_today_is_told_with_its_hour():
    body = drafted(words("en"), [late("reply", days=0, due_time="14:00")], asked=ROSA).body
    assert "an answer by 4 March 2031, 14:00. You have had no answer yet. We cannot" in body


def test_several_things_are_one_note_with_one_apology():
    wrote = Owed("", "conversation:7", since_on=DAY)
    note = drafted(words("en"), [late("dispatch"), wrote], asked=Asked("Rosa", "Alder Tea", by="Ben", new_day=NEW))
    assert note.subject == "What we promised you"
    assert note.body.count("sorry") == 1
    assert note.body.count("12 March 2031") == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*PROMISE_KINDS, ""])
def test_there_are_words_for_every_kind_in_every_case(kind, language):
    said = words(language)
    for owed in (
        Owed(kind, "order:7", since_on=DAY, due_on=DAY, days_late=2),
        Owed(kind, "", since_on=DAY, due_on=DAY, days_late=None),
        Owed(kind, "", since_on=DAY),
    ):
        for new_day in (None, NEW):
            note = drafted(said, [owed], asked=Asked("Rosa", "Alder Tea", by="Ben", new_day=new_day))
            assert "{" not in note.body + note.subject
            assert "\ue000" not in note.body


def test_a_long_word_is_no_longer_than_a_note_may_be():
    assert len(drafted(words("en"), [late("reply", what="x" * 20_000)], asked=ROSA).body) <= LONGEST


def test_what_somebody_is_called_is_not_read_as_a_place_to_fill():
    asked = Asked("{name}", "B", by="C", new_day=None)
    body = drafted(words("en"), [late("reply", what="{day} **x**")], asked=asked).body
    assert body.startswith("Hello {name},")
    assert "{day} **x**" in body
