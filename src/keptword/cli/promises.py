"""`keptword promises`: what was promised, and what became of it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from keptword.cli.books import opened
from keptword.cli.console import Format, print_rows, progress
from keptword.cli.options import (
    AsOf,
    BooksFolder,
    Country,
    Cutoff,
    FilesOrBooks,
    Mapping,
    Promise,
    Rules,
    Timezone,
    WorkingDays,
)

if TYPE_CHECKING:
    from keptword.core.rates import Share
    from keptword.report.model import Tally

SUMMARY_TITLES = {
    "kind": "promise",
    "made": "made",
    "open": "waiting",
    "kept": "kept",
    "late": "late",
    "broken": "not kept",
    "released": "called off",
    "vague": "no date",
    "in_100": "kept in 100",
}
LIST_TITLES = {
    "promise_id": "promise",
    "subject": "about",
    "made_on": "made",
    "due_on": "due",
    "kept_on": "kept",
    "outcome": "outcome",
}
SPOKEN = {"open": "waiting", "kept": "kept", "late": "late", "broken": "not kept", "released": "called off"}
LISTED = 50


def promises(
    files: FilesOrBooks = None,
    promise: Promise = None,
    rules: Rules = None,
    as_of: AsOf = None,
    timezone: Timezone = None,
    country: Country = None,
    cutoff: Cutoff = None,
    working_days: WorkingDays = None,
    mapping: Mapping = None,
    books: BooksFolder = None,
    summary: Annotated[bool, typer.Option("--summary", help="Only count, by what is promised.")] = False,
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.table,
) -> None:
    """List the promises in your files, or in your books, and those your rules make, with what became of each.

    Soonest due first. Counts carry the share kept in 100, with the range it lies in 90 times in 100.
    """
    from keptword.cli.session import gathered, gathered_books, told, with_books
    from keptword.report.book import promise_book
    from keptword.report.shop import Asked, Shop
    from keptword.report.tally import tally_list

    said = told(
        promise=promise,
        rules_file=rules,
        as_of=as_of,
        timezone=timezone,
        country=country,
        cutoff=cutoff,
        working_days=working_days,
    )
    kept = None if files else opened(books)
    if kept:
        said = with_books(said, kept, as_of=as_of)
    with ExitStack() as stack:
        say = stack.enter_context(progress(quiet=False))
        reading = (
            gathered_books(kept, progress=say)
            if kept
            else gathered(files or (), mapping=mapping, settings=said.settings, progress=say)
        )
        engine, read = stack.enter_context(reading)
        asked = Asked(as_of=said.as_of, today=said.today, rules=said.rules, settings=said.settings)
        shop = Shop(engine, read, asked=asked)
        book = promise_book(shop)
        if summary:
            rows = [_summed(tally) for tally in tally_list(shop, book)]
        else:
            ordered = book.order_by([book.due_at.isnull(), book.due_at, book.promise_id])
            rows = engine.rows(ordered.limit(LISTED) if form is Format.table else ordered)
    if form is Format.table:
        rows = [row | {"outcome": SPOKEN.get(str(row.get("outcome")))} for row in rows]
    print_rows(rows, form=form, titles=SUMMARY_TITLES if summary else LIST_TITLES)
    if form is Format.table and not rows:
        typer.echo(
            f"{'The books' if kept else 'These files'} carry no promises of their own. "
            'Tell one: --promise "ships within 2 working days".'
        )


def _summed(tally: Tally) -> dict[str, object]:
    """One row of the summary: the counts, the share kept of those decided, and the same with old ones fading."""
    share, recent = tally.share, tally.recent
    return {
        "kind": tally.kind,
        "made": tally.made,
        "open": tally.open,
        "kept": tally.kept,
        "late": tally.late,
        "broken": tally.broken,
        "released": tally.released,
        "vague": tally.vague,
        "in_100": _in_100(share),
        "kept_share": share.value,
        "kept_share_low": share.low,
        "kept_share_high": share.high,
        "recent_share": recent.value,
        "recent_share_low": recent.low,
        "recent_share_high": recent.high,
    }


def _in_100(share: Share) -> str | None:
    if share.value is None or share.low is None or share.high is None:
        return None
    return f"{100 * share.value:.0f} ({100 * share.low:.0f} to {100 * share.high:.0f})"
