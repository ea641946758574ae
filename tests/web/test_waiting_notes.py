"""Notes to those who wait: drafted, changed, mailed or marked as written; refused in a sentence where need be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import quote

import pytest

from keptword.office import acts
from keptword.office.acts import HOLD
from keptword.office.models import Act, Letter
from web.asking import do, drafted, html, said
from web.forty import SCRIPT
from web.invented import today


def test_one_note_is_drafted_to_each_person_and_says_all_they_wait_for(monday):
    place = drafted(monday, "p:p1", "p:vague", "p:p0", "p:p39", "c:conversation:0")
    page = said(monday.client("ben").get(place))
    letters = {each.user_key: each for each in Letter.objects.all()}
    assert sorted(letters) == ["c0", "c1", "c39", "w0"]
    assert letters["c1"].promise_ids == ["p:p1", "p:vague"] or sorted(letters["c1"].promise_ids) == ["p:p1", "p:vague"]
    assert "Hello 王芳," in page
    assert f"Hello {SCRIPT}," in page
    assert "We promised that the money for your order 1001 would be back with you by" in page
    assert "That is 5 days late." in page
    assert "you have had no answer yet" in letters["w0"].body
    assert "sorry" not in letters["c39"].body


def test_a_note_is_changed_copied_and_marked_as_written(monday):
    place = drafted(monday, "p:p0", "p:p1")
    first = Letter.objects.order_by("pk").first()
    page = html(monday, place)
    assert f"mailto:c0@example.org?subject={quote(first.subject)}" in page
    do(monday, f"/waiting/note/{first.pk}/", subject="Your  parcel", body="Dear one,\r\nit comes.")
    first.refresh_from_db()
    assert (first.subject, first.body) == ("Your parcel", "Dear one,\nit comes.")
    answer = do(monday, f"{place}written/", note=[first.pk], sorry=[first.pk])
    assert "One note is marked as written." in answer
    assert [act.kind for act in Act.objects.all()] == ["apology.sent"]
    assert "Ben wrote to them just now" in said(monday.client("ada").get("/waiting/"))
    assert "You have one drafted note that is not sent." in said(monday.client("ben").get("/waiting/"))
    first.refresh_from_db()
    assert "All" not in do(monday, f"/waiting/undo/{first.group}/")
    first.refresh_from_db()
    assert first.state == "drafted"
    assert not Act.objects.filter(undone_at=None).exists()


def test_notes_are_written_anew_with_the_day_it_will_be(monday):
    place = drafted(monday, "p:p0", "p:p1")
    both = list(Letter.objects.order_by("pk").values_list("pk", flat=True))
    day = today() + timedelta(days=3)
    do(monday, f"{place}anew/", note=both[:1], day=f"{day}")
    first, second = Letter.objects.order_by("pk")
    assert f"It will be with you by {day.day} {day:%B %Y}." in first.body
    assert "cannot name a new day" in second.body
    past = monday.client("ben").post(f"{place}anew/", {"note": both, "day": f"{today() - timedelta(days=1)}"})
    assert past.status_code == 422
    assert "A promise cannot be due before it is made" in past.content.decode()


def test_without_a_mail_server_nothing_can_be_mailed_and_it_says_so(monday):
    place = drafted(monday, "p:p0")
    assert "Mail the ticked notes" not in html(monday, place)
    answer = do(monday, f"{place}mail/", note=list(Letter.objects.values_list("pk", flat=True)))
    assert "No mail can be sent from here yet." in answer
    assert Letter.objects.get().state == "drafted"


def test_with_one_notes_are_mailed_in_ten_minutes_to_whoever_has_an_address(monday):
    from keptword.office.chosen import choose

    choose("mail", {"host": "127.0.0.1", "port": 9, "security": "none", "sender": "tea@example.org"})
    place = drafted(monday, "p:p0", "p:p9")
    ids = list(Letter.objects.order_by("pk").values_list("pk", flat=True))
    answer = do(monday, f"{place}mail/", note=ids, sorry=ids)
    assert "One note will be mailed in ten minutes." in answer
    assert "One note stays here: its customer has no mail address." in answer
    assert sorted(Letter.objects.values_list("state", flat=True)) == ["drafted", "waiting"]
    assert "Ben has a note on its way to them" in said(monday.client("ada").get("/waiting/"))
    assert acts.post_due(datetime.now(UTC) + HOLD) == 0


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"subject": "", "body": "x"}, "Write in a few words what the note is about."),
        ({"subject": "x", "body": "  "}, "Write the note before you keep it."),
        ({"subject": "x" * 201, "body": "x"}, "This has 201 characters; at most 200 can be kept."),
        ({"subject": "x", "body": "x" * 10_001}, "This has 10,001 characters; at most 10,000 can be kept."),
    ],
)
def test_a_note_that_cannot_be_kept_says_why(monday, told, sentence):
    drafted(monday, "p:p0")
    letter = Letter.objects.get()
    answer = monday.client("ben").post(f"/waiting/note/{letter.pk}/", told)
    assert answer.status_code == 422
    assert sentence in unescape(answer.content.decode())
    letter.refresh_from_db()
    assert letter.subject != "x"


def test_ten_megabytes_in_a_note_are_refused_in_a_sentence(monday):
    drafted(monday, "p:p0")
    letter = Letter.objects.get()
    answer = monday.client("ben").post(f"/waiting/note/{letter.pk}/", {"subject": "x", "body": "x" * 10_000_000})
    assert answer.status_code == 413
    assert "This is more than can be taken at once." in answer.content.decode()
    letter.refresh_from_db()
    assert len(letter.body) < 10_000


def test_a_note_to_one_customer_is_begun_from_what_they_wait_for(monday):
    page = said(monday.client("ben").get("/waiting/letter/?to=c1"))
    assert "A note to 王芳" in page
    assert not Letter.objects.exists()
    answer = do(monday, "/waiting/letter/", to="c1", subject="Hello", body="We look at it.")
    assert "Nothing is sent before you say so." in answer
    assert monday.client("ben").get("/waiting/letter/").status_code == 404
    assert monday.client("ben").get("/waiting/letter/?to=nobody").status_code == 200


def test_notes_and_groups_that_are_none_are_not_found(monday):
    ben = monday.client("ben")
    for address in ("/waiting/notes/nothing/", "/waiting/note/99999999/"):
        assert ben.get(address).status_code == 404
    for act in ("mail", "written", "throw-away", "anew"):
        answer = ben.post(f"/waiting/notes/nothing/{act}/", {"note": ["1", "-1", "x", "9" * 30], "sorry": ["x"]})
        assert answer.status_code in (303, 404, 422)


def test_a_draft_is_of_its_own_group_only(monday):
    """A number of another group's note, put into the form by hand, sends nothing."""
    other = drafted(monday, "p:p0")
    place = drafted(monday, "p:p1")
    stranger = Letter.objects.get(user_key="c0")
    for act in ("written", "throw-away", "mail"):
        do(monday, f"{place}{act}/", note=[stranger.pk])
    stranger.refresh_from_db()
    assert stranger.state == "drafted"
    assert other != place
