"""`keptword simulate`: the invented shop writes its exports, or its whole story as entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keptword.cli.console import progress
from keptword.cli.facts import FactForm
from keptword.core.problems import KeptwordError

EXPORT_USERS, STORY_USERS = 400, 5_000


class Export(StrEnum):
    """The shop software whose exports the invented shop writes."""

    shopify = "shopify"
    woocommerce = "woocommerce"


def simulate(
    kind: Annotated[Export | None, typer.Option("--as", help="Whose exports to write; Shopify's unless told.")] = None,
    form: Annotated[
        FactForm | None, typer.Option("--format", help="Write the shop's whole story as entries instead, like this.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="The folder to write to.")] = Path("haiwen"),
    users: Annotated[
        int | None,
        typer.Option("--users", min=1, help="How many customers; 400 for exports, 5,000 for entries unless told."),
    ] = None,
    months: Annotated[int, typer.Option("--months", min=1, max=120, help="How many months.")] = 18,
    seed: Annotated[int, typer.Option("--seed", help="The same seed writes the same files.")] = 1,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="The last day; yesterday unless told.")
    ] = None,
) -> None:
    """Let the invented shop "Haiwen" write the exports a real shop has, with the truth beside them.

    Orders, products, reviews and a mailbox, from customers who do not exist; truth.json says what is in them. With
    --format it writes everything that happens as entries: promises, answers, refunds, prizes, visits and the rest.
    """
    if form is not None and kind is not None:
        raise KeptwordError(
            f'"--as {kind.value}" writes the exports of a shop and "--format {form.value}" writes entries. '
            "Give one of the two."
        )
    with progress(quiet=False) as say:
        if form is None:
            from keptword.cli.demo import invent

            whose = kind or Export.shopify
            written = invent(
                out, kind=whose.value, users=users or EXPORT_USERS, months=months, seed=seed, until=until, say=say
            )
        else:
            written = _tell(out, form=form, users=users or STORY_USERS, months=months, seed=seed, until=until, say=say)
    for path in written:
        typer.echo(str(path))


def _tell(
    folder: Path,
    *,
    form: FactForm,
    users: int,
    months: int,
    seed: int,
    until: str | None,
    say: Callable[[str], None],
) -> list[Path]:
    """Write the invented shop's story as entries into a folder and return what was written, `truth.json` last."""
    from keptword.cli.session import day
    from keptword.engines.duckdb import Engine
    from keptword.simulate.story import story, write_story

    last = day(until) if until else datetime.now(UTC).date() - timedelta(days=1)
    told = story(seed=seed, until=last, users=users, months=months)
    say(f"Inventing {users:,} customers …")
    with Engine() as engine:
        return write_story(
            told,
            engine=engine,
            folder=folder,
            form=form.value,
            progress=lambda done, of: say(f"Writing what happened to {done:,} of {of:,} customers …"),
        )
