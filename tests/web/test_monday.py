"""Monday's mail: when it goes out, to whom, what it says, how it is stopped; and the same to a chat."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keptword.core.problems import KeptwordError
from web.test_mail import Mailbox, chat, mailserver  # noqa: F401

MONDAY = datetime(2031, 11, 24, 6, 30, tzinfo=UTC)
"""Monday, half past seven in Berlin."""

HERE = MONDAY + timedelta(hours=1)
"""The same in UTC, where the shop with forty promises is."""


@pytest.fixture
def mailbox(monday, mailserver) -> Mailbox:  # noqa: F811
    """The desk with forty promises, whose colleagues have been here for long, and its mail."""
    from keptword.office.models import Member

    Member.objects.update(joined_at=MONDAY - timedelta(days=100))
    Member.objects.filter(mail="mia@example.org").update(language="zh")
    Member.objects.filter(mail="cleo@example.org").update(wants_monday=False)
    return mailserver()


@pytest.mark.parametrize(
    ("moment", "told", "week"),
    [
        (MONDAY, None, "2031-W48"),
        (MONDAY - timedelta(minutes=1), None, None),
        (MONDAY + timedelta(hours=30), None, "2031-W48"),
        (MONDAY + timedelta(hours=41), None, None),
        (MONDAY + timedelta(days=3), {"weekday": 3, "at": "07:30"}, "2031-W48"),
        (MONDAY, {"weekday": 0, "at": "09:00"}, None),
        # The year ends on a Wednesday; in summer the hour is another one in UTC.
        (datetime(2031, 12, 29, 7, 0, tzinfo=UTC), None, "2032-W01"),
        (datetime(2031, 7, 7, 5, 30, tzinfo=UTC), None, "2031-W28"),
        (MONDAY, {"weekday": "x", "at": "soon"}, "2031-W48"),
    ],
)
def test_it_goes_out_on_monday_at_half_past_seven_where_the_business_is(empty_desk, moment, told, week):
    from keptword.office.chosen import choose
    from keptword.web.monday.sending import due

    if told:
        choose("monday", told)
    found = due(moment, books=empty_desk.books)
    assert (found.name if found else None) == week


@pytest.mark.parametrize(("hours", "week"), [(-1, "2031-W48"), (1, None)])
def test_books_brought_back_do_not_send_again_what_those_before_them_may_have_sent(empty_desk, hours, week):
    """Brought back before its hour it goes out; brought back an hour after it, it waits for the next week."""
    from keptword.office.brought_back import hold_back
    from keptword.web.monday.sending import due

    hold_back(MONDAY + timedelta(hours=hours))
    found = due(MONDAY + timedelta(hours=2), books=empty_desk.books)
    assert (found.name if found else None) == week
    assert due(MONDAY + timedelta(days=7), books=empty_desk.books).name == "2031-W49"


def test_everybody_who_wants_it_has_it_once_in_their_language(monday, mailbox, monkeypatch):
    """Ada, Mia (in Chinese) and Ben; not Cleo, who does not want it, nor Dov, who has left. Nine lines, two links."""
    from keptword.web.monday.sending import send_monday

    monkeypatch.setenv("KEPTWORD_ADDRESS", "https://desk.example.org")
    for hour in range(3):
        send_monday(monday.books, HERE + timedelta(hours=hour))
    told = {envelope.rcpt_tos[0]: message for envelope, message in mailbox.taken}
    assert sorted(told) == ["ada@example.org", "ben@example.org", "mia@example.org"]
    assert len(mailbox.taken) == 3
    text = said(told["ada@example.org"], "plain")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    foot = lines[lines.index("--") + 1]
    del lines[lines.index("--") :]
    assert len(lines) <= 9
    assert [line.rsplit(" ", 1)[1] for line in lines if "https:" in line] == [
        "https://desk.example.org/", "https://desk.example.org/waiting/",
    ]  # fmt: skip
    assert "wait for something promised" in text
    assert max(map(len, lines)) < 400
    assert "等" in said(told["mia@example.org"], "plain")
    html = said(told["ada@example.org"], "html")
    assert all(line.split(": https")[0] in html.replace("&#39;", "'") for line in lines)
    assert not re.search(r"<(script|img|link)\b", html)
    stop = told["ada@example.org"]["list-unsubscribe"].strip(" <>")
    assert stop in foot
    assert told["ada@example.org"]["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    send_monday(monday.books, HERE + timedelta(days=7))
    assert len(mailbox.taken) == 6


def test_one_press_stops_it_and_nothing_else_does(monday, mailbox):
    """A mail program presses for the reader: no cookie, no form of ours. Opening the link stops nothing."""
    from keptword.office.models import Member
    from keptword.web.monday.sending import mail_to

    ada = Member.objects.get(mail="ada@example.org")
    mail_to(ada, day=HERE.date())
    ((_, message),) = mailbox.taken
    path = re.sub(r"https?://[^/]+", "", message["list-unsubscribe"].strip(" <>"))
    from django.test import Client

    outside = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    assert outside.get(path).status_code == 200
    assert Member.objects.get(pk=ada.pk).wants_monday
    assert outside.post(path[:-3] + "xx/", {"List-Unsubscribe": "One-Click"}).status_code == 410
    assert outside.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Member.objects.get(pk=ada.pk).wants_monday
    assert Member.objects.get(mail="ben@example.org").wants_monday


def test_whom_it_does_not_reach_is_tried_again_and_then_no_more(monday, mailbox):
    from keptword.office.models import Member, Told
    from keptword.web.monday.sending import TRIES, send_monday

    Member.objects.filter(mail="ben@example.org").update(mail="unknown@example.org")
    for number in range(TRIES):
        with pytest.raises(KeptwordError, match="Nobody of that name"):
            send_monday(monday.books, HERE + timedelta(minutes=number))
    send_monday(monday.books, HERE + timedelta(hours=1))
    assert len(mailbox.taken) == 2
    ben = Member.objects.get(mail="unknown@example.org")
    assert Told.objects.get(to=f"member:{ben.pk}").outcome.startswith(f"given up {TRIES}: ")


def test_it_is_quiet_where_there_is_nothing_to_say(empty_desk, mailserver):  # noqa: F811
    """New books; then books in which nobody waits and nothing has changed since it was said."""
    from keptword.books.recording import post
    from keptword.figures.make import make
    from keptword.office.models import Member, Told
    from keptword.web.monday.sending import send_monday
    from web.invented import fact, quiet, today

    mailbox, books = mailserver(), empty_desk.books
    Member.objects.update(joined_at=MONDAY - timedelta(days=100))
    send_monday(books, MONDAY)
    assert (mailbox.taken, Told.objects.count()) == ([], 0)
    order = {"user_key": "maria", "subject": "order:1", "amount": "20", "currency": "EUR"}
    lines = [fact("o1", "order.placed", today() - timedelta(days=1), **order)]
    import json

    post(books, [json.dumps(each) for each in lines], say=quiet)
    make(books, say=quiet)
    send_monday(books, MONDAY + timedelta(hours=1))
    assert len(mailbox.taken) == 4
    send_monday(books, MONDAY + timedelta(days=7))
    assert len(mailbox.taken) == 4
    assert Told.objects.get(week="2031-W49").outcome == "quiet"


def test_the_same_goes_to_a_chat_once(monday, chat):  # noqa: F811
    from keptword.office.chosen import choose
    from keptword.office.models import Told
    from keptword.web.monday.sending import send_message, try_message
    from keptword.words import words

    address, posted = chat
    send_message(monday.books, HERE)
    assert posted == []
    choose("message", {"url": address, "form": "wecom"})
    for hour in range(3):
        send_message(monday.books, HERE + timedelta(hours=hour))
    ((_, body),) = posted
    assert len(body["text"]["content"].splitlines()) <= 9
    assert "wait for something promised" in body["text"]["content"]
    assert Told.objects.get(to="chat").outcome == "sent"
    try_message(address, form="slack", words=words("en"), name="Alder Tea")
    assert "Alder Tea" in posted[1][1]["text"]


def test_it_reads_on_a_phone(browser, monday, mailbox, pictures):
    from keptword.office.models import Member
    from keptword.web.monday.sending import mail_to

    mail_to(Member.objects.get(mail="ada@example.org"), day=HERE.date())
    ((_, message),) = mailbox.taken
    for scheme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 380, "height": 700}, color_scheme=scheme)
        page.set_content(said(message, "html"))
        page.screenshot(path=pictures / f"monday-mail-{scheme}-380.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 380
        page.close()


def said(message: Any, form: str) -> str:
    """One of the two forms of a mail, as text."""
    return str(message.get_body((form,)).get_content())
