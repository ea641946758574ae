"""The customers: since when, how many orders, how we kept our word to them; and every entry of each of them."""

from __future__ import annotations

from typing import Final

from keptword.engines.duckdb import literal
from keptword.figures.draft import Draft, named, stored
from keptword.figures.ordering import write_in_order

LOOKING: Final = ("page.viewed", "product.viewed", "content.read", "checkout.started")
"""What somebody looked at or only began: more than all the rest together; it is counted, but not listed one by one."""

SORTED: Final = 5_000_000
"""About so many entries are put in order at once."""


def people(draft: Draft) -> None:
    """Write `people`, from the promises and orders that are written: one row a customer with any entry."""
    draft.say("Counting by customer …")
    draft.store(
        "people",
        f"""
        WITH there AS (
            SELECT user_key, min(occurred_on) AS first_on, max(occurred_on) AS last_on, count(*) AS entries
            FROM {named(draft.told)} WHERE user_key IS NOT NULL GROUP BY user_key),
        bought AS (
            SELECT user_key, count(*) AS orders FROM {stored("subjects")}
            WHERE placed_on IS NOT NULL AND NOT called_off GROUP BY user_key),
        promised AS (
            SELECT user_key, count(*) AS made,
                count(*) FILTER (outcome = 'open') AS open,
                count(*) FILTER (outcome = 'kept') AS kept,
                count(*) FILTER (outcome = 'late') AS late,
                count(*) FILTER (outcome = 'broken') AS broken,
                count(*) FILTER (outcome = 'released') AS released,
                max(least(coalesce(due_day, broken_on), coalesce(broken_on, due_day)))
                    FILTER (outcome IN ('late', 'broken')) AS let_down_last_on
            FROM {stored("promises")} WHERE user_key IS NOT NULL GROUP BY user_key)
        SELECT user_key, first_on, last_on, coalesce(entries, 0) AS entries, coalesce(orders, 0) AS orders,
            coalesce(made, 0) AS made, coalesce(open, 0) AS open, coalesce(kept, 0) AS kept, coalesce(late, 0) AS late,
            coalesce(broken, 0) AS broken, coalesce(released, 0) AS released, let_down_last_on
        FROM there FULL JOIN bought USING (user_key) FULL JOIN promised USING (user_key)
        WHERE user_key IS NOT NULL
        ORDER BY user_key
    """,
    )


def entries_of(draft: Draft) -> None:
    """Write `entries_of`, after `people`: one row an entry of a customer, but for mere looking."""
    draft.say("Writing the entries by customer …")
    kinds = ", ".join(literal(kind) for kind in LOOKING)
    ends = draft.rows(f"""
        SELECT max(user_key) AS last FROM (
            SELECT user_key, sum(entries) OVER (ORDER BY user_key) // {SORTED} AS slice FROM {stored("people")})
        GROUP BY slice ORDER BY last
    """)
    theirs = f"SELECT * FROM {named(draft.told)} WHERE user_key IS NOT NULL AND kind NOT IN ({kinds})"
    cuts = [row["last"] for row in ends[:-1]]
    write_in_order(draft, "entries_of", select=theirs, by="user_key", cuts=cuts, then="occurred_at")
