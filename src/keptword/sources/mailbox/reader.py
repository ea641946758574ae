"""Reads a mailbox: what customers wrote, and what the business answered, from the headers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import ibis
from ibis.expr.types import IntegerValue, StringValue, Table, TimestampValue

from keptword.engines.duckdb import Engine
from keptword.sources import cells
from keptword.sources.contacts import contacts_of
from keptword.sources.facts import fact, union
from keptword.sources.files import Opened
from keptword.sources.mailbox.notices import noticed, whose
from keptword.sources.mailbox.own import guessed, is_own
from keptword.sources.mailbox.storing import exploded, once, stored
from keptword.sources.source import Read, Reading, Source


def read(reading: Reading, files: Sequence[Opened]) -> Read:
    """Turn mailboxes of one business into facts about conversations: opened by a customer, replied to by the business.

    Every message of a customer opens its conversation, or opens it again; a message of the business replies where
    one of its receivers wrote earlier in the same conversation. Newsletters, confirmations and what stays within
    the house are left out, and counted among the problems. A message found twice counts once.
    """
    engine = reading.engine
    mail, threads = stored(reading, files)
    found = engine.load("mail_once", once(mail, threads))
    by_hand = found.filter(~found.is_automatic)
    guess = None if reading.own_addresses else guessed(engine, exploded(by_hand))
    own = reading.own_addresses or ((guess,) if guess else ())
    found = engine.load("mail_told", _told(found, own))
    by_hand = found.filter(~found.is_automatic & ~found.is_internal)
    offsets = _offsets(engine, by_hand)
    timed = engine.load("mail_timed", _timed(engine, by_hand, timezone=reading.timezone))
    replies = engine.load("mail_replies", _replies(timed))
    counted = {row["file"]: row["messages"] for row in engine.rows(mail.group_by("file").agg(messages=mail.count()))}
    refused = mail.filter(mail.reason != "")
    return Read(
        facts=engine.load("facts", union(_facts(reading, timed, replies, [file.name for file in files]))),
        rows={file: counted.get(number, 0) for number, file in enumerate(files)},
        refused={
            file: refused.filter(refused.file == number).select("line", "reason") for number, file in enumerate(files)
        },
        problems=[
            *whose(engine, found, own=own, is_guess=guess is not None),
            *noticed(engine, mail=mail, found=found, replies=replies),
        ],
        offsets=offsets,
        contacts=_contacts(reading, timed) if reading.contacts else None,
    )


def _told(found: Table, own: Sequence[str]) -> Table:
    """Every message with whether it is the business's own (`from_own`), and stays within the house (`is_internal`)."""
    each = exploded(found.select("message", "receivers"))
    outside = each.filter(~is_own(each.receiver, own)).group_by("message").agg(outside=lambda rows: rows.count())
    rows = found.left_join(outside, "message").drop("message_right")
    rows = rows.mutate(from_own=is_own(rows.sender, own))
    return rows.mutate(is_internal=rows.from_own & rows.outside.isnull() & (rows.receivers != "")).drop("outside")


def _offsets(engine: Engine, by_hand: Table) -> Mapping[int, int]:
    """Return how many of the business's own stamps stand at which minutes east of UTC."""
    stamps = by_hand.filter(by_hand.from_own)
    rows = engine.rows(stamps.group_by("offset").agg(stamps=stamps.count()))
    return {row["offset"]: row["stamps"] for row in rows if row["offset"] is not None}


def _timed(engine: Engine, by_hand: Table, *, timezone: str | None) -> Table:
    """Every message with what the business's clock showed (`shown`).

    Where no time zone is given, that clock is the one most of the business's own messages of the same month are
    on, so that summer time is met; in a month without any, the one most of them all are on.
    """
    if timezone is not None:
        return by_hand.mutate(shown=cells.local(cast(TimestampValue, by_hand.at), timezone=timezone))
    rows = by_hand.mutate(month=by_hand.at.year() * 12 + by_hand.at.month())
    stamps = rows.filter(rows.from_own) if engine.rows(rows.agg(own=rows.from_own.any()))[0]["own"] else rows
    months = engine.rows(stamps.group_by("month", "offset").agg(stamps=stamps.count()))
    usual: dict[int, dict[int, int]] = {}
    for row in months:
        for month in (row["month"], 0):
            counts = usual.setdefault(month, {})
            counts[row["offset"]] = counts.get(row["offset"], 0) + row["stamps"]
    most = {month: max(counts, key=lambda each: (counts[each], -abs(each))) for month, counts in usual.items()}
    table = engine.put("mail_offsets", {"month": "int32", "usual": "int32"}, rows=sorted(most.items()))
    rows = rows.left_join(table, "month").drop("month_right", "month")
    minutes = rows.usual.coalesce(most.get(0, 0))
    return rows.mutate(shown=rows.at + cast(IntegerValue, minutes).as_interval("m")).drop("usual")


def _replies(timed: Table) -> Table:
    """The business's messages in a conversation that a customer wrote in before: `message`, `customer`.

    `customer` is the receiver who wrote before, or where the receivers are not told, whoever did; it is empty
    where the message went to others only, as one passed on to a supplier does: that answers nobody.
    """
    theirs = timed.filter(~timed.from_own)
    asked = theirs.group_by("thread", "sender").agg(since=theirs["at"].min())
    mine = timed.filter(timed.from_own).select("message", "thread", "receivers", "at")
    rows = mine.inner_join(asked.rename(asker="sender"), "thread")
    rows = rows.filter(rows.since <= rows["at"])
    reached = (rows.receivers == "") | (" " + rows.receivers + " ").contains(" " + rows.asker + " ")
    return rows.group_by("message").agg(customer=rows.asker.min(where=reached))


def _facts(reading: Reading, timed: Table, replies: Table, names: Sequence[str]) -> list[Table]:
    theirs = timed.filter(~timed.from_own)
    answers = timed.inner_join(replies.filter(replies.customer.notnull()), "message")

    def one(kind: str, rows: Table, *, customer: StringValue) -> Table:
        name = ibis.cases(*((rows.file == number, name) for number, name in enumerate(names)), else_="")
        common: dict[str, Any] = {
            "subject": rows.subject,
            "user_key": cells.pseudonym(customer, key=reading.key),
            "channel": "mail",
            "source": name + ":" + rows.line.cast("string"),
        }
        moment = cells.of_local(rows.shown, at=rows["at"])
        fact_id = "mail/" + kind + "/" + rows.message
        return fact(rows, kind=kind, fact_id=fact_id, moment=moment, recorded_at=reading.recorded_at, **common)

    return [
        one("contact.opened", theirs, customer=theirs.sender),
        one("contact.replied", answers, customer=answers.customer),
    ]


def _contacts(reading: Reading, timed: Table) -> Table:
    """Who wrote, a row a customer, by the name they gave last."""
    theirs = timed.filter(~timed.from_own)
    mail = theirs.sender
    return contacts_of(
        theirs, by=cells.pseudonym(mail, key=reading.key), told_at=theirs["at"], name=theirs["name"], mail=mail
    )


SOURCE = Source(
    name="mailbox",
    title="mailbox",
    adds="how fast customers are answered, who still waits, and how many messages late orders bring",
    required=frozenset(),
    read=read,
    form="mbox",
)
