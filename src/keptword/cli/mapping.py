"""`keptword mapping`: reading files of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keptword.cli.console import progress
from keptword.core.problems import KeptwordError

app = typer.Typer(
    help="Read files of your own, by a mapping that says how lines become entries.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _mapping() -> None:
    """Read files of your own, by a mapping that says how lines become entries."""


@app.command("guess")
def guess_mapping(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to propose a mapping for.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="TOML", help="Where to write the mapping.")] = None,
) -> None:
    """Propose a mapping for a file, from its headings and its first lines.

    Look it over, then try it: keptword facts FILE --mapping TOML --dry-run.
    """
    from keptword.engines.duckdb import Engine
    from keptword.sources.csv.guess import guess
    from keptword.sources.files import open_file

    with progress(quiet=False) as say, Engine() as engine:
        proposal = guess(engine, open_file(file, engine=engine, progress=say))
    if out is None:
        typer.echo(proposal, nl=False)
        return
    try:
        out.write_text(proposal, encoding="utf-8", newline="\n")
    except OSError as error:
        raise KeptwordError(
            f"The mapping could not be written to {out}: {error.strerror or error}. Name another place with --out."
        ) from None
    typer.echo(f"Written to {out}. Look it over, then try it:\n  keptword facts {file} --mapping {out} --dry-run")
