"""Mailboxes: who asked and who was answered, from the headers alone, whatever the letters say."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from keptword.engines.duckdb import Engine
from keptword.simulate.texts import PRIVATE
from keptword.sources.files.opened import Pace
from keptword.sources.mailbox import scanning
from keptword.sources.mailbox.headers import addresses, headers_of
from keptword.sources.mailbox.scanning import header_blocks
from keptword.sources.mailbox.threads import conversations

ASKED = """\
From rosa@mail.example Mon Mar  3 09:00:00 2031
From: Rosa <rosa@mail.example>
To: Shop <help@shop.example>
Date: Mon, 3 Mar 2031 10:00:00 +0100
Message-ID: <q1@mail.example>
Subject: secret

Where is it?

"""
ANSWERED = """\
From help@shop.example Mon Mar  3 14:00:00 2031
From: Shop <help@shop.example>
To: Rosa <Rosa@mail.example>
Date: Mon, 3 Mar 2031 15:00:00 +0100
Message-ID: <a1@shop.example>
In-Reply-To: <q1@mail.example>
Subject: Re: secret

On its way.

"""
OWN = {"own_addresses": ("shop.example",)}


def letter(sender: str, to: str, at: str, *more: str, name: str = "", line: str = "From x@y Mon Mar  3 09:00:00 2031"):
    """One message; `at` as `3 Mar 2031 10:00:00 +0100`, `name` its id, `more` further headers."""
    heads = [line, f"From: {sender}", f"To: {to}", f"Date: {at}", *([f"Message-ID: <{name}>"] if name else []), *more]
    return "\n".join(heads) + "\n\nletter\n\n"


def mailbox(folder: Path, *letters: str, name: str = "mail.mbox") -> Path:
    path = folder / name
    path.write_bytes("".join(letters).encode())
    return path


def said(found) -> str:
    return "\n".join(str(problem) for problem in found.problems)


def test_a_customers_message_opens_and_the_businesss_reply_answers(tmp_path, gathered, entries):
    """
    2031-03-03 10:00 +0100 rosa asks
    2031-03-03 15:00 +0100 the shop replies
    """
    opened, replied = entries(gathered(mailbox(tmp_path, ASKED, ANSWERED)))
    assert (opened["kind"], replied["kind"]) == ("contact.opened", "contact.replied")
    assert opened["subject"] == replied["subject"]
    assert opened["user_key"] == replied["user_key"]
    assert (opened["occurred_at"], opened["occurred_on"]) == (datetime(2031, 3, 3, 9), date(2031, 3, 3))
    assert (opened["clock_seconds"], opened["channel"], opened["source"]) == (36_000, "mail", "mail.mbox:1")
    assert replied["source"] == "mail.mbox:10"


def test_what_the_invented_shop_wrote_is_counted_as_it_is(exports, told, gathered, entries):
    """The messages, the conversations, those unanswered, and the median hours to a first answer, of truth.json."""
    found = gathered(exports / "shopify" / "mailbox.mbox")
    opened, replied = entries(found, "contact.opened"), entries(found, "contact.replied")
    assert found.files[0].rows == told["messages"]["in_the_file"]
    assert len(opened) == told["messages"]["from_customers"]
    assert len(replied) == told["messages"]["from_the_shop"]
    first, answered = {}, {}
    for row in opened:
        first.setdefault(row["subject"], row["occurred_at"])
    for row in replied:
        answered.setdefault(row["subject"], row["occurred_at"])
    assert len(first) == told["messages"]["conversations"]
    assert len(first.keys() - answered.keys()) == told["answers"]["unanswered"]
    hours = [(at - first[subject]).total_seconds() / 3600 for subject, at in answered.items()]
    assert np.median(hours) == pytest.approx(told["answers"]["median_hours"], abs=1e-5)


def test_customers_are_the_same_in_the_mailbox_as_in_the_orders(exports, gathered, entries):
    found = gathered(exports / "shopify" / "mailbox.mbox", exports / "shopify" / "orders_export.csv")
    buyers = {row["user_key"] for row in entries(found, "order.placed")}
    writers = {row["user_key"] for row in entries(found, "contact.opened")}
    assert len(writers & buyers) > len(writers) / 2


def test_no_word_of_a_letter_gets_anywhere(exports, tmp_path, gathered, engine: Engine):
    """Every subject and body of the invented shop's mail holds one word; no table, file or entry may."""
    path = tmp_path / "mailbox.mbox"
    damaged = f"From x@y Mon Mar  3 09:00:00 2031\nSubject: {PRIVATE}\nFrom: a@b.example\n\n{PRIVATE}\n"
    path.write_bytes((exports / "shopify" / "mailbox.mbox").read_bytes() + damaged.encode())
    assert PRIVATE in path.read_text(encoding="utf-8")
    found = gathered(path)
    assert found.files[0].refused == 1
    tables = [name for (name,) in engine.sql("SELECT table_name FROM duckdb_tables()").fetchall()]
    assert len(tables) > 5
    for name in tables:
        held = engine.sql(
            f'SELECT count(*) FROM "{name}" AS held WHERE contains(held::VARCHAR, ?)', [PRIVATE]
        ).fetchone()
        assert held == (0,), name
    written = [each for folder in (tmp_path, engine.folder) for each in folder.rglob("*") if each.is_file()]
    assert tmp_path / "mailbox.mbox.rejected.csv" in written
    assert not [each for each in written if each != path and PRIVATE.encode() in each.read_bytes()]


def test_entries_carry_neither_ids_nor_addresses_of_messages(tmp_path, gathered, entries):
    for row in entries(gathered(mailbox(tmp_path, ASKED, ANSWERED))):
        assert "example" not in "".join(str(value) for value in row.values())


def test_the_same_mailbox_given_twice_counts_once(tmp_path, gathered, entries):
    again = mailbox(tmp_path, ANSWERED, ASKED, name="again.mbox")
    found = gathered(mailbox(tmp_path, ASKED, ANSWERED), again)
    assert len(entries(found)) == 2
    assert "2 messages came twice" in said(found)


def test_what_the_business_began_is_no_answer_until_the_customer_wrote(tmp_path, gathered, entries):
    """
    1 March the shop writes first, and once more
    3 March rosa replies
    4 March the shop answers
    """
    shop, rosa = "help@shop.example", "rosa@mail.example"
    path = mailbox(
        tmp_path,
        letter(shop, rosa, "1 Mar 2031 10:00:00 +0100", name="1"),
        letter(shop, rosa, "2 Mar 2031 10:00:00 +0100", "References: <1>", name="2"),
        letter(rosa, shop, "3 Mar 2031 10:00:00 +0100", "References: <1> <2>", name="3"),
        letter(shop, rosa, "4 Mar 2031 10:00:00 +0100", "In-Reply-To: <3>", name="4"),
    )
    found = entries(gathered(path, **OWN))
    assert [(row["kind"], row["occurred_on"].day) for row in found] == [("contact.opened", 3), ("contact.replied", 4)]


def test_messages_belong_together_over_one_that_is_missing(tmp_path, gathered, entries):
    """Rosa's first letter is not in the mailbox; her second and the answer both name it."""
    shop, rosa = "help@shop.example", "rosa@mail.example"
    path = mailbox(
        tmp_path,
        letter(rosa, shop, "3 Mar 2031 10:00:00 +0100", "In-Reply-To: <lost@mail.example>", name="2"),
        letter(shop, rosa, "4 Mar 2031 10:00:00 +0100", "References: <lost@mail.example>\n <x@y>", name="3"),
    )
    opened, replied = entries(gathered(path, **OWN))
    assert opened["subject"] == replied["subject"]


def test_newsletters_confirmations_and_machines_are_left_out_and_counted(tmp_path, gathered, entries):
    shop, at = "help@shop.example", "3 Mar 2031 10:00:00 +0100"
    path = mailbox(
        tmp_path,
        ASKED,
        letter("news@other.example", shop, at, "List-Unsubscribe: <mailto:x@other.example>", name="1"),
        letter("list@other.example", shop, at, "Precedence: Bulk", name="2"),
        letter("no-reply@pay.example", shop, at, name="3"),
        letter("rosa@mail.example", shop, at, "Auto-Submitted: auto-replied (holiday)", name="4"),
        letter(
            shop, "rosa@mail.example", at, "Auto-Submitted: auto-replied", "In-Reply-To: <q1@mail.example>", name="5"
        ),
        letter("ben@mail.example", shop, at, "Auto-Submitted: no", name="6"),
    )
    found = gathered(path, **OWN)
    assert [row["kind"] for row in entries(found)] == ["contact.opened", "contact.opened"]
    assert "5 messages were left out because a program sent them" in said(found)


def test_what_is_passed_on_within_the_house_or_to_a_supplier_answers_nobody(tmp_path, gathered, entries):
    shop, at = "help@shop.example", "4 Mar 2031 10:00:00 +0100"
    path = mailbox(
        tmp_path,
        ASKED,
        letter(shop, "lena@shop.example", at, "References: <q1@mail.example>", name="2"),
        letter(shop, "depot@carrier.example", at, "References: <q1@mail.example>", name="3"),
    )
    found = gathered(path, **OWN)
    assert [row["kind"] for row in entries(found)] == ["contact.opened"]
    assert "1 messages were left out because they went from you to yourself" in said(found)
    assert "1 messages of yours went to somebody who had not written" in said(found)


@pytest.mark.parametrize(
    ("host", "own"), [("shop.example", "shop.example"), ("gmail.com", "help@gmail.com")], ids=["domain", "everybody's"]
)
def test_whose_mailbox_it_is_is_guessed_and_said(host, own, tmp_path, gathered, entries):
    """The address most people write with is the business; its domain too, unless that is everybody's."""
    letters = []
    for number in range(3):
        rosa = f"rosa{number}@gmail.com"
        letters.append(letter(rosa, f"help@{host}", "3 Mar 2031 10:00:00 +0100", name=f"q{number}"))
        letters.append(letter(f"help@{host}", rosa, "4 Mar 2031 10:00:00 +0100", f"In-Reply-To: <q{number}>"))
    found = gathered(mailbox(tmp_path, *letters))
    assert len(entries(found, "contact.opened")) == len(entries(found, "contact.replied")) == 3
    assert f"{own} was taken for your own" in said(found)
    assert "--own-address" in said(found)


def test_a_mailbox_without_sent_mail_says_so(tmp_path, gathered, entries):
    found = gathered(mailbox(tmp_path, ASKED), **OWN)
    assert [row["kind"] for row in entries(found)] == ["contact.opened"]
    assert "Give the folder of sent mail as well" in said(found)


def test_the_day_is_the_businesss_own(tmp_path, gathered, entries):
    """
    2031-07-01 23:30 +0000 rosa asks: in Berlin, where the shop's own messages come from, that is 2 July already
    2031-01-02 10:00 +0100 the shop wrote in winter
    """
    path = mailbox(
        tmp_path,
        letter("rosa@mail.example", "help@shop.example", "1 Jul 2031 23:30:00 +0000", name="q"),
        letter("help@shop.example", "rosa@mail.example", "2 Jul 2031 10:00:00 +0200", "In-Reply-To: <q>", name="a"),
        letter("help@shop.example", "ben@mail.example", "2 Jan 2031 10:00:00 +0100", name="b"),
        letter("help@shop.example", "ben@mail.example", "3 Jan 2031 10:00:00 +0100", name="c"),
    )
    guessed, _ = entries(gathered(path, **OWN))
    assert (guessed["occurred_on"], guessed["clock_seconds"]) == (date(2031, 7, 2), 90 * 60)
    told, _ = entries(gathered(path, timezone="America/New_York", **OWN))
    assert (told["occurred_on"], told["clock_seconds"]) == (date(2031, 7, 1), (19 * 60 + 30) * 60)


def test_letters_without_date_or_sender_are_refused_by_name(tmp_path, gathered, entries):
    path = mailbox(
        tmp_path,
        letter("rosa@mail.example", "help@shop.example", "31 Feb 2031 10:00:00 +0100"),
        letter("rosa", "help@shop.example", "3 Mar 2031 10:00:00 +0100"),
        ASKED,
    )
    found = gathered(path, **OWN)
    assert (found.files[0].rows, found.files[0].refused, len(entries(found))) == (3, 2, 1)
    rejected = (tmp_path / "mail.mbox.rejected.csv").read_text(encoding="utf-8").splitlines()
    assert rejected[1].startswith('1,"The message\'s date reads ""31 Feb 2031 10:00:00 +0100""')
    assert rejected[2] == "8,The message does not say who sent it."


def test_letters_without_an_id_are_told_apart_and_found_again(tmp_path, gathered, entries):
    one, other = (letter("rosa@mail.example", "help@shop.example", f"{day} Mar 2031 10:00:00 +0100") for day in (3, 4))
    found = gathered(mailbox(tmp_path, one, other, one), **OWN)
    assert len(entries(found)) == 2


def test_line_ends_marks_and_compression_change_nothing(tmp_path, gathered, entries):
    plain = entries(gathered(mailbox(tmp_path, ASKED, ANSWERED)))
    text = (ASKED + ANSWERED).encode()
    (tmp_path / "crlf.mbox").write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    (tmp_path / "packed.mbox.gz").write_bytes(gzip.compress(text))
    for name in ("crlf.mbox", "packed.mbox.gz"):
        found = entries(gathered(tmp_path / name))
        assert [row["fact_id"] for row in found] == [row["fact_id"] for row in plain]


TRICKY = (
    "From alice my sister, Monday.\nNote: she said 10:30\n",
    ">From bob Mon Mar  3 09:00:00 2031\nFrom: nobody\n",
    "From eve Mon Mar  3 09:00:00 2031\nwent home.\n",
    "\nFrom the office we keep asking.\n",
    "x" * 5_000 + "From y Mon Mar  3 09:00:00 2031\nTo: z\n",
)


@pytest.mark.parametrize("chunk", [6_000, 1 << 22])
def test_what_a_letter_says_never_begins_another(chunk, tmp_path, monkeypatch):
    """Sentences that begin with "From", quoted separators, separators no header follows; read in pieces of any size."""
    monkeypatch.setattr(scanning, "CHUNK", chunk)
    monkeypatch.setattr(scanning, "LONGEST_HEADERS", 1 << 13)
    monkeypatch.setattr(scanning, "_LONGEST_SEPARATOR", 1 << 10)
    letters = [ASKED.replace("q1@", f"{number}@") + "".join(TRICKY) * (number % 3 + 1) + "\n" for number in range(40)]
    path = mailbox(tmp_path, *letters)
    blocks = list(header_blocks(path, pace=Pace(None, doing="", size=1)))
    assert len(blocks) == 40
    text = path.read_text(encoding="utf-8").split("\n")
    for number, (line, block) in enumerate(blocks):
        assert text[line - 1].startswith("From rosa")
        assert f"<{number}@mail.example>".encode() in block
        assert b"letter" not in block
        assert b"Where is it" not in block


def test_a_letter_of_one_endless_line_takes_no_memory(tmp_path):
    """30 MB of an attachment without line ends: no more than two pieces of the file are ever held."""
    path = mailbox(tmp_path, ASKED, "x" * 30_000_000, "\n\n", ANSWERED)
    assert len(list(header_blocks(path, pace=Pace(None, doing="", size=1)))) == 2


def test_separators_without_a_time_as_thunderbird_writes_them_are_known(tmp_path):
    bare = [ASKED.replace(ASKED.splitlines()[0], first) for first in ("From - ", "From ", "From rosa@mail.example")]
    assert len(list(header_blocks(mailbox(tmp_path, *bare), pace=Pace(None, doing="", size=1)))) == 3


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Rosa <Rosa@Mail.example>", ("rosa@mail.example",)),
        ("rosa@mail.example (Rosa, at home)", ("rosa@mail.example",)),
        ('"ben@x.example via Shop" <shop@y.example>', ("shop@y.example",)),
        ("ben@x.example <shop@y.example>", ("shop@y.example",)),
        ('"Weber, Rosa" <rosa@a.example>, ben@b.example', ("rosa@a.example", "ben@b.example")),
        ("=?utf-8?q?J=C3=B6rg?= <joerg@a.example>", ("joerg@a.example",)),
        ("=?utf-8?q?joerg=40a=2Eexample?=", ("joerg@a.example",)),
        ("undisclosed-recipients:;", ()),
        ("Freunde: rosa@a.example, ben@b.example;", ("rosa@a.example", "ben@b.example")),
        ("=?unknown-8bit?q?=ff?=", ()),
        ("", ()),
    ],
)
def test_addresses_are_found_however_they_are_written(header, found):
    assert addresses(header) == found


def test_folded_and_repeated_headers_are_read_whole():
    block = (
        b"From x Mon Mar  3 09:00:00 2031\nReceived: by y;\n from: z@fold.example\nFROM: Rosa\r\n <rosa@mail.example>\n"
        b"To: a@shop.example\nTo: b@shop.example\ncc: c@shop.example\nDate: Mon, 3 Mar 2031\n 10:00:00 +0100\n"
        b"Message-ID:\n <long\n .id@mail.example>\nReferences: <r@x>\n\t<s@x>\nDate: nonsense"
    )
    found = headers_of(block)
    assert (found.sender, found.receivers) == ("rosa@mail.example", "a@shop.example b@shop.example c@shop.example")
    assert (found.seconds, found.offset, found.reason) == (1_930_294_800, 60, "")
    assert len(found.links) == 3
    assert found.message == headers_of(b"From x\nMessage-ID: <long.id@mail.example>").message


def test_long_chains_given_in_any_order_are_one_conversation():
    ids = np.random.default_rng(4).permutation(5_000).astype(np.int64) * 7
    pairs = np.stack([ids[:-1], ids[1:]], axis=1)
    pairs = pairs[np.random.default_rng(5).permutation(len(pairs))]
    apart = np.array([3, 5], np.int64)
    found = conversations(np.concatenate([ids, apart]), ones=pairs[:, 0], others=pairs[:, 1])
    assert len(set(found[:-2].tolist())) == 1
    assert len(set(found.tolist())) == 3


def test_an_empty_list_of_messages_has_no_conversations():
    nothing = np.array([], np.int64)
    assert len(conversations(nothing, ones=nothing, others=nothing)) == 0
