"""What stands in a file of figures: every table, its columns, and what each of them means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FORMAT: Final = 2
"""The layout of the file; figures of another one are not read, but made anew."""


@dataclass(frozen=True)
class Column:
    """One column: its DuckDB type and what it holds."""

    name: str
    type: str
    meaning: str


_PROMISES: Final = (
    Column("promise_id", "VARCHAR", "The promise, unique; one by rule is named by the rule and the subject."),
    Column("id_hash", "UBIGINT", "DuckDB's hash of `promise_id`, by which one is found fast (`Reader.promises`)."),
    Column("promise_kind", "VARCHAR", "What was promised: dispatch, delivery, reply, …"),
    Column("user_key", "VARCHAR", "To whom; empty where nobody is known."),
    Column("subject", "VARCHAR", "What it is about: `order:1042`, `conversation:7`; may be empty."),
    Column("made_at", "TIMESTAMP", "When it was made, UTC."),
    Column("made_on", "DATE", "The local day of it."),
    Column(
        "due_at", "TIMESTAMP", "When it is due, UTC: the end of the day where it names a day; empty for a vague one."
    ),
    Column("due_on", "DATE", "The local day it is due, where it names a day and not an hour."),
    Column("due_day", "DATE", "The local day it is due, whether it names a day or an hour; empty for a vague one."),
    Column("kept_at", "TIMESTAMP", "When it was kept, UTC."),
    Column("kept_on", "DATE", "The local day it was kept."),
    Column("broken_on", "DATE", "The local day on which it was said that it will not be kept."),
    Column("vague", "BOOLEAN", "Whether it names no day at all."),
    Column("outcome", "VARCHAR", "open, kept, late, broken or released, at the moment the figures were made."),
    Column("rule", "VARCHAR", "The identity of the rule that made it; empty where it was told by itself."),
    Column("rule_id", "VARCHAR", "The rule with its version, as the document `rules` has it."),
    Column("said", "VARCHAR", "What was promised in words, where it was told by itself and says so."),
    Column("shown_at", "VARCHAR", "Where customers read it, where that is known."),
    Column("channel", "VARCHAR", "Through what it was made, else through what its subject came."),
    Column("member", "VARCHAR", "The colleague who made it, a pseudonym; mostly empty."),
    Column("carrier", "VARCHAR", "Who carries the order it is about."),
    Column("country", "VARCHAR", "The country of the order it is about."),
)

_WAITS: Final = (
    Column("what", "VARCHAR", "`promise`, or `conversation` for one without an answer."),
    *_PROMISES,
    Column("since_on", "DATE", "The local day since when they wait: the promise was made, or they wrote."),
    Column("let_down", "INTEGER", "How many other promises to this person had been late or broken by then."),
)

TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "about": (
        Column("name", "VARCHAR", "The name of a document."),
        Column("content", "JSON", "The document."),
    ),
    "promises": _PROMISES,
    "promises_of": _PROMISES,
    "waiting": _WAITS,
    "still_owed": _WAITS,
    "people": (
        Column("user_key", "VARCHAR", "The customer."),
        Column("first_on", "DATE", "The local day of their first entry."),
        Column("last_on", "DATE", "The local day of their last entry."),
        Column("entries", "BIGINT", "How many entries there are of them."),
        Column("orders", "INTEGER", "Orders placed, without those called off."),
        Column("made", "INTEGER", "Promises made to them."),
        Column("open", "INTEGER", "Of these, waiting to be kept and not due yet."),
        Column("kept", "INTEGER", "Of these, kept."),
        Column("late", "INTEGER", "Of these, kept late."),
        Column("broken", "INTEGER", "Of these, due and not kept, or said not to be kept."),
        Column("released", "INTEGER", "Of these, called off."),
        Column(
            "let_down_last_on",
            "DATE",
            "The last day on which a promise to them failed: fell due, or was said before not to be kept.",
        ),
    ),
    "subjects": (
        Column("subject", "VARCHAR", "The order: `order:1042`."),
        Column("number", "VARCHAR", "Its number alone: `1042`."),
        Column("user_key", "VARCHAR", "Who ordered."),
        Column("placed_at", "TIMESTAMP", "When it was placed, UTC."),
        Column("placed_on", "DATE", "The local day it was placed."),
        Column("shipped_on", "DATE", "The local day it left."),
        Column("delivered_on", "DATE", "The local day it arrived."),
        Column("cancelled_on", "DATE", "The local day it was called off, or a part of it."),
        Column(
            "called_off", "BOOLEAN", "Whether all of it was called off before it left: such an order counts nowhere."
        ),
        Column("returned_on", "DATE", "The local day it was sent back."),
        Column("refunded_on", "DATE", "The local day money went back."),
        Column("amount", "DECIMAL(18,4)", "What it came to, in `currency`."),
        Column("currency", "VARCHAR", "ISO 4217."),
        Column("channel", "VARCHAR", "Through what it was placed."),
        Column("carrier", "VARCHAR", "Who carries it."),
        Column("country", "VARCHAR", "Where it goes."),
        Column("products", "VARCHAR[]", "What is in it, by name; empty where not known."),
        Column("vendors", "VARCHAR[]", "Who makes what is in it."),
    ),
    "entries_of": (
        Column("user_key", "VARCHAR", "The customer."),
        Column("occurred_at", "TIMESTAMP", "When, UTC."),
        Column("occurred_on", "DATE", "The local day."),
        Column("kind", "VARCHAR", "What happened, from the catalogue."),
        Column("subject", "VARCHAR", "What it is about."),
        Column("promise_id", "VARCHAR", "The promise it makes, moves or ends."),
        Column("channel", "VARCHAR", "Through what."),
        Column("amount", "DECIMAL(18,4)", "Money, in `currency`."),
        Column("currency", "VARCHAR", "ISO 4217."),
        Column("score", "DOUBLE", "A rating, 0 to 1."),
        Column("source", "VARCHAR", "Where it came from: file and line."),
    ),
    "broken_down": (
        Column("name", "VARCHAR", "What is broken down by: product, carrier, country, vendor or channel."),
        Column("value", "VARCHAR", "Which one."),
        Column(
            "due",
            "INTEGER",
            "Promises about its orders that fell due in the last 12 months; due = kept + late + not_kept.",
        ),
        Column("kept", "INTEGER", "Of these, kept."),
        Column("late", "INTEGER", "Of these, kept late."),
        Column("not_kept", "INTEGER", "Of these, not kept."),
        Column("orders", "INTEGER", "Orders placed in the last 12 months, without those called off."),
        Column("returned", "INTEGER", "Of these, sent back."),
        Column("refunded", "INTEGER", "Of these, with money that went back."),
        Column("rated", "INTEGER", "Ratings in the last 12 months."),
        Column("score_sum", "DOUBLE", "Their scores, 0 to 1, added up."),
        Column("failed_share", "DOUBLE", "Late and not kept of those due, drawn towards that of the other values."),
        Column("failed_low", "DOUBLE", "The low end of its range (90 in 100)."),
        Column("failed_high", "DOUBLE", "The high end of it."),
        Column("failed_stands", "VARCHAR", "`more` or `less` where it differs from the others beyond chance."),
        Column("returned_share", "DOUBLE", "Returned of the orders, drawn towards that of the others."),
        Column("returned_low", "DOUBLE", "The low end of its range."),
        Column("returned_high", "DOUBLE", "The high end of it."),
        Column("returned_stands", "VARCHAR", "`more` or `less`."),
        Column("refunded_share", "DOUBLE", "Refunded of the orders, drawn towards that of the others."),
        Column("refunded_low", "DOUBLE", "The low end of its range."),
        Column("refunded_high", "DOUBLE", "The high end of it."),
        Column("refunded_stands", "VARCHAR", "`more` or `less`."),
    ),
    "product_months": (
        Column("product", "VARCHAR", "The product, by name."),
        Column("month", "DATE", "The first day of the month."),
        Column("due", "INTEGER", "Promises about its orders that fell due in it; due = kept + late + not_kept."),
        Column("kept", "INTEGER", "Of these, kept."),
        Column("late", "INTEGER", "Of these, kept late."),
        Column("not_kept", "INTEGER", "Of these, not kept."),
        Column("orders", "INTEGER", "Orders with it placed in the month, without those called off."),
        Column("returned", "INTEGER", "Of these, sent back."),
        Column("refunded", "INTEGER", "Of these, with money that went back."),
        Column("rated", "INTEGER", "Ratings in the month."),
        Column("score_sum", "DOUBLE", "Their scores, 0 to 1, added up."),
    ),
    "months": (
        Column("month", "DATE", "The first day of the month."),
        Column("promise_kind", "VARCHAR", "What was promised, or `all` for all of them together."),
        Column("made", "INTEGER", "Promises made in the month."),
        Column("due", "INTEGER", "Promises that fell due in it; due = kept + late + not_kept."),
        Column("kept", "INTEGER", "Of these, kept."),
        Column("late", "INTEGER", "Of these, kept late."),
        Column("not_kept", "INTEGER", "Of these, not kept."),
        Column("kept_share", "DOUBLE", "Kept of those due; empty where none was."),
        Column("kept_low", "DOUBLE", "The low end of its range (90 in 100)."),
        Column("kept_high", "DOUBLE", "The high end of it."),
    ),
    "steps": (
        Column("month", "DATE", "The first day of the month."),
        Column("orders", "INTEGER", "Orders placed in it, without those called off."),
        Column(
            "left_median", "DOUBLE", "Days from ordering to leaving the house, of those that left: half took no longer."
        ),
        Column("left_ninety", "DOUBLE", "The same: nine in ten took no longer."),
        Column("left_count", "INTEGER", "How many left."),
        Column("arrived_median", "DOUBLE", "Days from ordering to arriving, of those known to have arrived."),
        Column("arrived_ninety", "DOUBLE", "The same: nine in ten took no longer."),
        Column("arrived_count", "INTEGER", "How many arrived."),
        Column("answered_median", "DOUBLE", "Hours from a message to its first answer, by the clock, nights too."),
        Column("answered_ninety", "DOUBLE", "The same: nine in ten took no longer."),
        Column("answered_count", "INTEGER", "How many were answered."),
        Column("messages", "INTEGER", "Messages of customers in the month."),
        Column("messages_per_100", "DOUBLE", "Messages per 100 orders of the month."),
        Column("returns", "INTEGER", "Orders of the month that were sent back."),
        Column("returns_per_100", "DOUBLE", "Returns per 100 orders of the month."),
    ),
    "crossings": (
        Column("check", "VARCHAR", "Which check found it, or `told` where a colleague recorded it."),
        Column("user_key", "VARCHAR", "To whom it was done; empty where nobody is known."),
        Column("subject", "VARCHAR", "What it is about."),
        Column("occurred_on", "DATE", "The local day of it."),
        Column("promise_id", "VARCHAR", "The promise that shows it."),
        Column("fact_id", "VARCHAR", "The entry that shows it."),
    ),
    "stages": (
        Column("month", "DATE", "The first day of the month."),
        Column("stage", "VARCHAR", "Where on the customer's way: attention, attraction, registration, …"),
        Column("kind", "VARCHAR", "What happened, from the catalogue."),
        Column("entries", "BIGINT", "How often."),
        Column("people", "BIGINT", "To how many different customers."),
        Column("seconds", "DOUBLE", "Seconds they spent, added up over the entries that tell them."),
        Column("seconds_told", "BIGINT", "How many entries tell them."),
        Column("steps", "BIGINT", "Steps they took, added up over the entries that tell them."),
        Column("steps_told", "BIGINT", "How many entries tell them."),
    ),
}
"""The tables by name.

`promises` is ordered newest due first; `promises_of`, `people` and `entries_of` by customer; `subjects` by number;
`product_months` by product and month;
`waiting` soonest due first, then most often let down; `months`, `steps` and `stages` by month.
`still_owed` is as `waiting`: promises neither kept nor called off, but so long past their day that nobody is taken to
wait for them any more (`waiting.LONGEST_DAYS`).
"""
