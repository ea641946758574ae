"""Who came back, and what there is not enough of yet to say more."""

from __future__ import annotations

from typing import Any

from keptword.core.days import first_of_quarter
from keptword.core.orders import COMING_BACK_DAYS, came_back
from keptword.core.rates import wilson
from keptword.engines.duckdb import quoted
from keptword.figures.draft import Draft, stored
from keptword.figures.plain import plain_share
from keptword.report.model import CUSTOMERS_NEEDED, LATE_ORDERS_NEEDED


def returning(draft: Draft) -> dict[str, Any] | None:
    """Return who came back within `days` of a first order, of those whose first order is older; None where nobody is.

    `share` of all of them, and `quarters` by the quarter of the first order (`first`, its first day, and `share`).
    """
    name = draft.engine.fresh("orders")
    draft.engine.sql(f"""
        CREATE VIEW {quoted(name)} AS SELECT user_key, placed_at, placed_on, called_off FROM {stored("subjects")}
        WHERE placed_on IS NOT NULL
    """)
    back = came_back(draft.engine.table(name), as_of=draft.today)
    back = back.mutate(quarter=first_of_quarter(back.first_on))
    counted = back.group_by("quarter").agg(customers=back.count(), back=back.back.sum()).order_by("quarter")
    rows = draft.engine.rows(counted)
    if not rows:
        return None
    return {
        "days": COMING_BACK_DAYS,
        "share": plain_share(wilson(sum(row["back"] for row in rows), sum(row["customers"] for row in rows))),
        "quarters": [
            {"first": row["quarter"], "share": plain_share(wilson(row["back"], row["customers"]))} for row in rows
        ],
    }


def not_enough(draft: Draft, *, customers: int) -> list[dict[str, Any]]:
    """Return what there is not enough of yet: `what` (a key of the words), how much there is, how much is needed.

    What returning customers are worth is worked out by a later version even where there are enough of them; then
    `what` is `trust_worth_later`, as in the report.
    """
    late = draft.rows(f"""
        SELECT count(DISTINCT subject) AS late FROM {stored("promises")}
        WHERE outcome IN ('late', 'broken') AND starts_with(subject, 'order:')
    """)[0]["late"]
    found = [{"what": "late_effect", "have": late, "need": LATE_ORDERS_NEEDED}] if late < LATE_ORDERS_NEEDED else []
    worth = "trust_worth" if customers < CUSTOMERS_NEEDED else "trust_worth_later"
    return [*found, {"what": worth, "have": customers, "need": CUSTOMERS_NEEDED}]
