"""The invented shop's mailbox is a real one, and its headers alone tell what the truth says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from keptword.simulate.texts import PRIVATE
from simulate import recount

AS_OF = date(2031, 11, 24)


def test_answers_are_found_by_either_header(shopify: Path, truth: dict[str, Any]) -> None:
    """Some answers carry only In-Reply-To, some only References; every one has the message it answers before it."""
    found = recount.letters(shopify / "mailbox.mbox")
    known: set[str] = set()
    for letter in found:
        assert not letter.answers or letter.answers in known
        known.add(letter.key)
    assert len(known) == len(found) == truth["messages"]["in_the_file"]
    messages = recount.messages(shopify / "mailbox.mbox")
    assert any(message["In-Reply-To"] and not message["References"] for message in messages)
    assert any(message["References"] and not message["In-Reply-To"] for message in messages)
    assert [letter.sent for letter in found] == sorted(letter.sent for letter in found)


def test_how_soon_the_shop_answers_is_the_truth(shopify: Path, truth: dict[str, Any]) -> None:
    """Answered, unanswered, and the medians in hours and in working hours."""
    found = recount.answers(recount.letters(shopify / "mailbox.mbox"), AS_OF)
    assert found == pytest.approx({name: truth["answers"][name] for name in found}, abs=1e-6)
    assert truth["answers"]["unanswered"] > 0


def test_messages_per_late_and_per_kept_order_are_the_truth(shopify: Path, truth: dict[str, Any]) -> None:
    """A message belongs to the customer's latest order of before it, whoever wrote the address in capitals."""
    letters = recount.letters(shopify / "mailbox.mbox")
    orders = recount.shopify_orders(shopify / "orders_export.csv")
    found = recount.messages_by_latest_order(letters, orders, as_of=AS_OF)
    for state, tally in found.items():
        given = truth["messages"]["by_latest_order"][state]
        assert {name: tally[name] for name in ("messages", "conversations")} == {
            name: given[name] for name in ("messages", "conversations")
        }
    from_shop = sum(letter.sender == "service@haiwen.example" for letter in letters)
    assert from_shop == truth["messages"]["from_the_shop"]
    assert len(letters) - from_shop == truth["messages"]["from_customers"]
    assert sum(not letter.answers for letter in letters) == truth["messages"]["conversations"]


def test_every_letter_says_something_that_no_reader_of_headers_may_pass_on(shopify: Path) -> None:
    """Subject and body hold a word that appears in no other file of the shop's."""
    for message in recount.messages(shopify / "mailbox.mbox"):
        body = message.get_payload(decode=True)
        assert isinstance(body, bytes)
        assert PRIVATE in body.decode("utf-8")
        assert not message.defects
    for path in shopify.iterdir():
        assert path.name == "mailbox.mbox" or PRIVATE not in path.read_text(encoding="utf-8")


def test_a_body_line_that_begins_like_a_message_does_not_split_it(shopify: Path) -> None:
    """ "From the office they keep asking." is marked, so that no message is cut in two."""
    text = (shopify / "mailbox.mbox").read_text(encoding="ascii")
    assert "\n>From the office" in text
    assert text.count("\nMessage-ID: ") == text.count("\n\nFrom ") + 1
