"""Where it fails: promises, returns, refunds and ratings of the last 12 months by product, carrier, country, …"""

from __future__ import annotations

from keptword.figures.draft import Draft, named, stored


def broken_down(draft: Draft) -> None:
    """Write `broken_down`: one row a name and value of it that any order of the last 12 months has."""
    draft.say("Breaking down …")
    traits = " UNION ALL ".join(
        f"SELECT '{name}' AS name, value, subject FROM {named(table)}" for name, table in draft.traits.items()
    )
    since = f"({draft.day} - INTERVAL 12 MONTH)::DATE"
    draft.store("broken_down", f"""
        WITH known AS (
            {traits} UNION ALL
            SELECT 'channel', channel, subject FROM {stored("subjects")} WHERE channel IS NOT NULL),
        decided AS (
            SELECT subject, outcome FROM {stored("promises")}
            WHERE subject IS NOT NULL AND outcome IN ('kept', 'late', 'broken')
                AND coalesce(least(due_day, {draft.day}), kept_on, broken_on) > {since}),
        promised AS (
            SELECT name, value, count(*) AS due, count(*) FILTER (outcome = 'kept') AS kept,
                count(*) FILTER (outcome = 'late') AS late, count(*) FILTER (outcome = 'broken') AS not_kept
            FROM known JOIN decided USING (subject) GROUP BY name, value),
        ordered AS (
            SELECT name, value, count(*) AS orders, count(returned_on) AS returned, count(refunded_on) AS refunded
            FROM known JOIN {stored("subjects")} AS orders USING (subject)
            WHERE orders.placed_on > {since} AND NOT (cancelled_on IS NOT NULL AND shipped_on IS NULL)
            GROUP BY name, value),
        scored AS (
            SELECT subject, score FROM {named(draft.told)}
            WHERE kind = 'review.posted' AND score IS NOT NULL AND occurred_on > {since}),
        rated AS (
            SELECT name, value, count(*) AS rated, sum(score) AS score_sum
            FROM known JOIN scored USING (subject) GROUP BY name, value)
        SELECT name, value, coalesce(due, 0) AS due, coalesce(kept, 0) AS kept, coalesce(late, 0) AS late,
            coalesce(not_kept, 0) AS not_kept, coalesce(orders, 0) AS orders, coalesce(returned, 0) AS returned,
            coalesce(refunded, 0) AS refunded, coalesce(rated, 0) AS rated, coalesce(score_sum, 0) AS score_sum
        FROM ordered FULL JOIN promised USING (name, value) FULL JOIN rated USING (name, value)
        ORDER BY name, due DESC, value
    """)
