"""The documents: figures that are no tables, worked out beforehand and kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from keptword.books.imports_made import imports_made
from keptword.books.opened import Books
from keptword.core.calendars.zones import FIRST_DAY
from keptword.core.rules import describe
from keptword.figures import months, overview, steps
from keptword.figures.costs import costs
from keptword.figures.draft import Draft, named, stored
from keptword.figures.plain import as_json
from keptword.figures.returning import not_enough, returning
from keptword.figures.there import there

_LATELY: Final = 31
"""Days in which something mostly came in: to read where each entry of many came from takes long."""

DOCUMENTS: Final = {
    "made": "Of which state of the books these figures are: format, number, made_at, today, of.",
    "shop": "The business and what is known of it: name, currency, entries, files, orders, customers, …",
    "rules": "Every version of every rule that makes promises, with its words in each language.",
    "kinds": "The last whole month and the one before, by kind of promise; what fails more often than the rest.",
    "year": "How promises were kept in the last 12 months, in all and by kind of promise.",
    "there": "The promise that could be kept where it fails most; null where none can be named.",
    "costs": "What promises kept late, or not kept, cost at once, in the last whole month.",
    "returning": "Who came back within 90 days of a first order; null where nobody could have yet.",
    "not_enough": "What there is not enough of yet: what, have, need.",
    "steps": "What it takes to deal with us over the last 12 whole months.",
    "checks": "For each check of what the business never does, whether the entries can tell at all.",
    "report": "The report on the books, in every language; null where there are too many orders for it.",
}
"""The documents by name, with what each says; their shapes stand at the functions that make them."""


def write(draft: Draft, books: Books, *, made: Mapping[str, Any]) -> None:
    """Write `about`: one row a document of `DOCUMENTS`."""
    draft.say("Counting …")
    shop, by_month = _shop(draft, books, made=made), months.kinds(draft)
    documents = {
        "made": made,
        "shop": shop,
        "rules": _rules(draft),
        "kinds": by_month,
        "year": months.year(draft),
        "there": there(draft, by_month["worst"]),
        "costs": costs(draft),
        "returning": returning(draft),
        "not_enough": not_enough(draft, customers=shop["customers"]),
        "steps": steps.year(draft),
        "report": overview.reported(draft, books),
        **draft.documents,
    }
    draft.put("about", [{"name": name, "content": as_json(documents[name])} for name in DOCUMENTS])


def _shop(draft: Draft, books: Books, *, made: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the business is called and has: `files` were read, by import.

    `orders` and `customers` leave out orders called off before they left. `newest_on` is the day of the newest entry,
    `came_on` that of the newest one that came in and was not recorded at the desk: null where none did.
    """
    seen = draft.rows(f"""
        SELECT count(*) AS entries, min(occurred_on) AS first_on, max(occurred_on) AS newest_on FROM {named(draft.told)}
    """)[0]
    counted = draft.rows(f"""
        SELECT count(*) AS orders, count(DISTINCT user_key) AS customers FROM {stored("subjects")}
        WHERE placed_on IS NOT NULL AND NOT called_off
    """)[0]
    read = [each for each in imports_made() if not each.withdrawn]
    return {
        "name": books.business.name,
        "currency": books.business.currency,
        "timezone": books.timezone,
        "country": books.business.settings.country,
        "batch": made["of"]["batch"],
        "as_of": made["today"],
        "made_at": made["made_at"],
        **seen,
        "came_on": _came_on(draft),
        **counted,
        "files": [
            {"import": each.number, "name": name, "source": source, "title": title, "lines": lines}
            for each in read
            for name, source, title, lines in each.read
        ],
    }


def _came_on(draft: Draft) -> date | None:
    """Return the day of the newest entry that was not recorded at the desk; looked for among the last ones first."""
    for since in (draft.today - timedelta(days=_LATELY), FIRST_DAY):
        row = draft.rows(f"""
            SELECT max(occurred_on) AS day FROM {named(draft.told)}
            WHERE occurred_on >= DATE '{since}' AND NOT starts_with(coalesce(source, ''), 'desk:')
        """)[0]
        if row["day"] is not None:
            return date.fromisoformat(str(row["day"]))
    return None


def _rules(draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "rule_id": each.rule.rule_id,
            "rule": each.rule.identity,
            "version": each.rule.version,
            "promise_kind": each.rule.kind,
            "words": {"en": describe(each.rule, language="en"), "zh": describe(each.rule, language="zh")},
            "since": each.rule.since,
            "until": each.rule.until,
            "shown_at": each.rule.shown_at,
        }
        for each in draft.closer.configuration.rules
    ]
