"""The promises: every one made by now, with what became of it, in the order they are due and by customer."""

from __future__ import annotations

from typing import Final

from ibis.expr.types import Table

from keptword.figures.draft import Draft, named, stored
from keptword.figures.ordering import cuts_of, write_in_order

_RULES: Final = {"rule_id": "string", "rule": "string", "shown_at": "string"}


def promises(draft: Draft) -> None:
    """Write `promises` and `promises_of`."""
    draft.say("Judging the promises …")
    book = draft.book
    draft.say("Writing the promises …")
    known = _known(draft, book)
    all_of_them, promised = f"SELECT *, hash(promise_id) AS id_hash FROM {named(known)}", stored("promises")
    cuts = cuts_of(draft, named(known), by="due_at")
    write_in_order(draft, "promises", select=all_of_them, by="due_at", cuts=cuts, descending=True)
    draft.engine.drop(known)
    cuts = cuts_of(draft, promised, by="user_key")
    write_in_order(draft, "promises_of", select=f"SELECT * FROM {promised}", by="user_key", cuts=cuts, then="made_at")


def _known(draft: Draft, book: Table) -> Table:
    """Store the promises with all that is known of each, in no order."""
    came = draft.came()
    hours = draft.days_of(draft.view("hours", book.filter(book.due_on.isnull()).select(instant="due_at")))
    known = _joined(draft, book, made=_made(draft), came=came, hours=hours)
    if draft.count(known) > draft.count(book):
        # Somebody told a promise twice at the same instant: the entry whose id comes first counts.
        draft.engine.drop(known)
        known = _joined(draft, book, made=_made(draft, once=True), came=came, hours=hours)
    draft.engine.drop(came)
    return known


def _joined(draft: Draft, book: Table, *, made: Table, came: Table, hours: Table) -> Table:
    known = draft.table(
        "known",
        f"""
        SELECT book.*, coalesce(book.due_on, hours.day) AS due_day,
            rules.rule, rules.rule_id, made.said,
            coalesce(made.shown_at, rules.shown_at) AS shown_at,
            coalesce(made.channel, came.channel) AS channel,
            made.member, about.carrier, about.country
        FROM {named(book)} AS book
        LEFT JOIN {named(made)} AS made ON made.promise_id = book.promise_id AND made.occurred_at = book.made_at
        LEFT JOIN {named(_rules(draft))} AS rules
            ON rules.rule_id || '/' = left(book.promise_id, -length(book.subject)) AND made.promise_id IS NULL
        LEFT JOIN {named(hours)} AS hours ON hours.instant = book.due_at AND book.due_on IS NULL
        LEFT JOIN {named(came)} AS came ON came.subject = book.subject
        LEFT JOIN {named(draft.known_about)} AS about ON about.subject = book.subject
    """,
    )
    draft.engine.drop(made)
    return known


def _made(draft: Draft, *, once: bool = False) -> Table:
    """Store what the entries that make promises say beside the promise; one row an entry, or `once` a moment."""
    first = "QUALIFY row_number() OVER (PARTITION BY promise_id, occurred_at ORDER BY fact_id) = 1" if once else ""
    return draft.table(
        "made",
        f"""
        SELECT promise_id, occurred_at, channel, member,
            coalesce(json_extract_string(attributes, '$.what'), json_extract_string(attributes, '$.prize')) AS said,
            json_extract_string(attributes, '$.shown_at') AS shown_at
        FROM {named(draft.told)} WHERE kind = 'promise.made' {first}
    """,
    )


def _rules(draft: Draft) -> Table:
    told = (each.rule for each in draft.closer.configuration.rules)
    return draft.engine.put("rules", _RULES, rows=[(rule.rule_id, rule.identity, rule.shown_at) for rule in told])
