"""What there is to say about a mailbox that stopped nothing: whose it seems to be, and what was left out of it."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from keptword.core.problems import Problem
from keptword.engines.duckdb import Engine

_WHERE = "mailbox"
_OWN = "give yours with --own-address (an address or a domain, several where there are several)"


def whose(engine: Engine, found: Table, *, own: Sequence[str], is_guess: bool) -> list[Problem]:
    """Return which addresses were taken for the business's own, and whether any message is from one of them."""
    counts = engine.rows(found.agg(messages=found.count(), own=found.from_own.sum().coalesce(0)))[0]
    named = ", ".join(own)
    problems = []
    if is_guess:
        said = (
            f"{named} was taken for your own, because most people write with it: {counts['own']:,} messages come"
            f" from there. If that is not so, {_OWN}."
        )
        problems.append(Problem(_WHERE, said, counts["own"]))
    if counts["messages"] and not counts["own"]:
        said = (
            f"None of the {counts['messages']:,} messages comes from {named or 'you'}, so nobody seems to be answered."
            f" Give the folder of sent mail as well, or {_OWN}."
        )
        problems.append(Problem(_WHERE, said, counts["messages"]))
    return problems


def noticed(engine: Engine, *, mail: Table, found: Table, replies: Table) -> list[Problem]:
    """Return what was left out and how much: copies, automatic mail, mail within the house, mail passed on."""
    copies = engine.rows(mail.filter(mail.reason == "").agg(count=lambda rows: rows.count()))[0]["count"]
    seen = engine.rows(
        found.agg(
            messages=found.count(),
            automatic=found.is_automatic.sum().coalesce(0),
            internal=(found.is_internal & ~found.is_automatic).sum().coalesce(0),
        )
    )[0]
    passed_on = engine.rows(replies.agg(count=replies.customer.isnull().sum().coalesce(0)))[0]["count"]
    said = (
        (copies - seen["messages"], "messages came twice, in the same file or in two. They count once."),
        (
            seen["automatic"],
            "messages were left out because a program sent them and nobody waits for an answer: newsletters, mailing"
            " lists, confirmations, and senders that take no mail.",
        ),
        (
            seen["internal"],
            "messages were left out because they went from you to yourself. Messages of a contact form often do; the"
            " customers who wrote them are not known then.",
        ),
        (
            passed_on,
            "messages of yours went to somebody who had not written in that conversation before. They were taken as"
            " passed on, and answer nobody.",
        ),
    )
    return [Problem(_WHERE, f"{count:,} {what}", count) for count, what in said if count]
