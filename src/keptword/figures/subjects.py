"""The orders: when each was placed, left, arrived or was called off, and what is known of it; searched by number."""

from __future__ import annotations

from keptword.engines.duckdb import quoted
from keptword.figures.draft import Draft, named


def subjects(draft: Draft) -> None:
    """Write `subjects`: one row a subject that any entry of an order is about."""
    draft.say("Gathering the orders …")
    traits = draft.traits
    lists = " ".join(
        f"LEFT JOIN (SELECT subject, list(value ORDER BY value) AS {many} FROM {named(traits[one])} GROUP BY subject)"
        f" AS {quoted(one)} USING (subject)"
        for one, many in (("product", "products"), ("vendor", "vendors"))
    )
    draft.store(
        "subjects",
        f"""
        WITH happened AS (
            SELECT subject, max(user_key) AS user_key,
                min(occurred_at) FILTER (kind IN ('order.placed', 'order.paid')) AS placed_at,
                min(occurred_on) FILTER (kind IN ('order.placed', 'order.paid')) AS placed_on,
                min(occurred_on) FILTER (kind = 'order.shipped') AS shipped_on,
                min(occurred_on) FILTER (kind = 'order.delivered') AS delivered_on,
                min(occurred_on) FILTER (kind = 'order.cancelled') AS cancelled_on,
                min(occurred_on) FILTER (kind = 'order.returned') AS returned_on,
                min(occurred_on) FILTER (kind = 'order.refunded') AS refunded_on,
                max(amount) FILTER (kind = 'order.placed') AS amount,
                max(currency) FILTER (kind = 'order.placed') AS currency,
                min(channel) FILTER (kind IN ('order.placed', 'order.paid')) AS channel
            FROM {named(draft.told)} WHERE kind LIKE 'order.%' AND subject IS NOT NULL GROUP BY subject)
        SELECT happened.*, cancelled_on IS NOT NULL AND shipped_on IS NULL AS called_off, about.carrier,
            about.country, products, vendors,
            regexp_replace(subject, '^order:#?', '') AS number
        FROM happened LEFT JOIN {named(draft.known_about)} AS about USING (subject) {lists}
        ORDER BY number
    """,
    )
