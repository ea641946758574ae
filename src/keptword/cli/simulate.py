"""`keptword simulate`: the invented shop writes its exports."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from keptword.cli.console import progress


class Export(StrEnum):
    """The shop software whose exports the invented shop writes."""

    shopify = "shopify"
    woocommerce = "woocommerce"


def simulate(
    kind: Annotated[Export, typer.Option("--as", help="Whose exports to write.")] = Export.shopify,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="The folder to write to.")] = Path("haiwen"),
    users: Annotated[int, typer.Option("--users", min=1, help="How many customers.")] = 400,
    months: Annotated[int, typer.Option("--months", min=1, max=120, help="How many months.")] = 18,
    seed: Annotated[int, typer.Option("--seed", help="The same seed writes the same files.")] = 1,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="The last day; yesterday unless told.")
    ] = None,
) -> None:
    """Let the invented shop "Haiwen" write the exports a real shop has, with the truth beside them.

    Orders, products, reviews and a mailbox, from customers who do not exist; truth.json says what is in them.
    """
    from keptword.cli.demo import invent

    with progress(quiet=False) as say:
        written = invent(out, kind=kind.value, users=users, months=months, seed=seed, until=until, say=say)
    for path in written:
        typer.echo(str(path))
