"""What people wait for now: promises not kept yet, soonest due first, conversations without an answer; what is owed."""

from __future__ import annotations

from typing import Final

from keptword.core.conversations import unanswered
from keptword.engines.duckdb import quoted
from keptword.figures.draft import Draft, named, stored
from keptword.figures.tables import TABLES

LONGEST_DAYS: Final = 180
"""After so many days nobody is taken to wait for what was due, or for an answer; what was due is still owed."""

_UNSETTLED: Final = "outcome = 'open' OR (outcome = 'broken' AND broken_on IS NULL)"
"""Neither kept nor called off; and where it was said that it will not be kept, nobody is left waiting for it."""


def waiting(draft: Draft) -> None:
    """Write `waiting` and `still_owed`, from the promises that are written."""
    draft.say("Looking who waits …")
    waits = quoted(draft.engine.fresh("waits"))
    draft.engine.sql(f"CREATE TABLE {waits} AS {_waits(draft)}")
    order = "ORDER BY due_at NULLS LAST, let_down DESC, since_on, id"
    draft.store("waiting", f"SELECT * FROM {waits} WHERE NOT long_ago {order}")
    draft.store("still_owed", f"SELECT * FROM {waits} WHERE long_ago {order}")
    draft.engine.sql(f"DROP TABLE {waits}")


def _waits(draft: Draft) -> str:
    return f"""
        WITH waits AS ({_promises(draft)} UNION ALL BY NAME {_conversations(draft)}),
        failed AS (
            SELECT user_key, promise_id, least(coalesce(due_day, broken_on), coalesce(broken_on, due_day)) AS failed_on
            FROM {stored("promises")}
            WHERE outcome IN ('late', 'broken') AND user_key IN (SELECT user_key FROM waits)),
        counted AS (
            SELECT waits.what, waits.id, count(*) AS let_down FROM waits JOIN failed ON failed.user_key = waits.user_key
            WHERE failed.promise_id IS DISTINCT FROM waits.promise_id
                AND failed.failed_on < coalesce(least(waits.due_day, {draft.day}), {draft.day})
            GROUP BY ALL)
        SELECT waits.*, coalesce(counted.let_down, 0) AS let_down FROM waits LEFT JOIN counted USING (what, id)
    """


def _promises(draft: Draft) -> str:
    return f"""
        SELECT 'promise' AS what, promise_id AS id, *, made_on AS since_on, {_long_ago(draft)} AS long_ago
        FROM {stored("promises")} WHERE {_UNSETTLED}
    """


def _long_ago(draft: Draft) -> str:
    return f"outcome = 'broken' AND due_day < {draft.day} - {LONGEST_DAYS}"


def _conversations(draft: Draft) -> str:
    """Conversations whose last word is the customer's, where no promise to answer them waits already."""
    asked = draft.engine.create("asked", unanswered(draft.messages, as_of=draft.today))
    empty = ", ".join(
        f"CAST(NULL AS {column.type}) AS {column.name}"
        for column in TABLES["promises"]
        if column.name
        not in ("promise_kind", "user_key", "subject", "made_at", "made_on", "vague", "outcome", "channel")
    )
    return f"""
        SELECT 'conversation' AS what, asked.subject AS id, 'reply' AS promise_kind, asked.user_key, asked.subject,
            since_at AS made_at, since_on AS made_on, true AS vague, 'open' AS outcome, came.channel, since_on,
            false AS long_ago, {empty}
        FROM {named(asked)} AS asked LEFT JOIN (
            SELECT subject, min(channel) AS channel FROM {named(draft.messages)} GROUP BY subject
        ) AS came ON came.subject = asked.subject
        WHERE since_on >= {draft.day} - {LONGEST_DAYS} AND asked.subject NOT IN (
            SELECT subject FROM {stored("promises")}
            WHERE subject IS NOT NULL AND promise_kind IN ('reply', 'resolution')
                AND ({_UNSETTLED}) AND NOT ({_long_ago(draft)}))
    """
