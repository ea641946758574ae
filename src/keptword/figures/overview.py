"""What the overview says of a shop that is not too large: the whole report, in every language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from keptword.books.facts import gathered
from keptword.books.opened import Books
from keptword.core.schema import FACT_SCHEMA
from keptword.figures.draft import Draft, named, stored
from keptword.figures.rendered import plain_section
from keptword.report.build import report
from keptword.report.json import as_json
from keptword.report.model import Report
from keptword.report.sections import sections
from keptword.report.shop import Asked
from keptword.report.verdict import headline, lede
from keptword.words import LANGUAGES, words

MOST_ORDERS: Final = 200_000
"""Of more orders the report is left out: it would take longer than all the rest."""


def reported(draft: Draft, books: Books) -> dict[str, Any] | None:
    """Return the report on the books as of the end of yesterday, which is over; None where there are too many orders.

    `figures` are those of `keptword report --format json`; `pages` has for each language `headline`, `lede` (a list
    of sentences) and `sections` (see `rendered`).
    """
    counted = draft.rows(f"SELECT count(*) AS orders, min(placed_on) AS first_on FROM {stored('subjects')}")[0]
    if counted["orders"] > MOST_ORDERS:
        return None
    draft.say("Writing the report …")
    made = report(draft.engine, gathered(books, draft.engine, facts=_facts(draft)), asked=_asked(draft, books))
    pages = {language: _page(made, language) for language in LANGUAGES}
    return {"as_of": made.as_of, "figures": as_json(made), "pages": pages}


def _facts(draft: Draft) -> Any:
    return draft.told.select(*FACT_SCHEMA)


def _asked(draft: Draft, books: Books) -> Asked:
    settings = books.business.settings
    first = draft.rows(f"SELECT min(occurred_on) AS day FROM {named(draft.told)}")[0]["day"]
    yesterday = draft.today - timedelta(days=1)
    return Asked(
        # Of the first day of all there is no day before it to tell of.
        as_of=yesterday if first and first <= yesterday else draft.today,
        today=draft.today,
        rules=tuple(each.rule for each in draft.closer.configuration.rules),
        settings=settings,
        country=settings.country,
        business=books.business.name,
    )


def _page(made: Report, language: str) -> dict[str, Any]:
    said = words(language)
    return {
        "headline": headline(made, words=said),
        "lede": list(lede(made, words=said)),
        "sections": [plain_section(section) for section in sections(made, said)],
    }
