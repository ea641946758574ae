"""How each product fared by month: promises about its orders, returns, refunds and ratings."""

from __future__ import annotations

from keptword.figures.broken_down import PRODUCTS
from keptword.figures.draft import Draft, named, stored
from keptword.figures.steps import MONTHS, months_before


def product_months(draft: Draft) -> None:
    """Write `product_months`: one row a product and month with anything in it, by product and month.

    Promises count in the month they fell due, orders in the month they were placed, ratings in that of the review.
    """
    draft.say("Counting by product …")
    since = f"DATE '{months_before(draft.today, MONTHS - 1)}'"
    month = "date_trunc('month', {})::DATE AS month"
    draft.store(
        "product_months",
        f"""
        WITH known AS (SELECT name, value, subject FROM {named(draft.values)} WHERE name = 'product'),
        promised AS (
            SELECT value, {month.format("due_day")}, count(*) AS due, count(*) FILTER (outcome = 'kept') AS kept,
                count(*) FILTER (outcome = 'late') AS late, count(*) FILTER (outcome = 'broken') AS not_kept
            FROM known JOIN {stored("promises")} USING (subject)
            WHERE outcome IN ('kept', 'late', 'broken') AND due_day BETWEEN {since} AND {draft.day} GROUP BY ALL),
        ordered AS (
            SELECT value, {month.format("placed_on")}, count(*) AS orders, count(returned_on) AS returned,
                count(refunded_on) AS refunded
            FROM known JOIN {stored("subjects")} USING (subject)
            WHERE placed_on >= {since} AND NOT called_off GROUP BY ALL),
        scored AS (
            SELECT subject, score, {month.format("occurred_on")} FROM {named(draft.told)}
            WHERE kind = 'review.posted' AND score IS NOT NULL AND occurred_on >= {since}),
        rated AS (
            SELECT value, month, count(*) AS rated, sum(score::DECIMAL(18, 6))::DOUBLE AS score_sum
            FROM (FROM known UNION {PRODUCTS}) JOIN scored USING (subject) GROUP BY value, month)
        SELECT value AS product, month, coalesce(due, 0) AS due, coalesce(kept, 0) AS kept, coalesce(late, 0) AS late,
            coalesce(not_kept, 0) AS not_kept, coalesce(orders, 0) AS orders, coalesce(returned, 0) AS returned,
            coalesce(refunded, 0) AS refunded, coalesce(rated, 0) AS rated, coalesce(score_sum, 0) AS score_sum
        FROM ordered FULL JOIN promised USING (value, month) FULL JOIN rated USING (value, month)
        ORDER BY product, month
    """,
    )
