"""`keptword demo`: the invented shop writes its exports, and they are reported on."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from keptword.cli.console import progress
from keptword.cli.report import Language, report_on, write_page

PROMISE = "ships within 2 working days"


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="The folder to write to.")] = Path(
        "keptword-demo"
    ),
    language: Annotated[Language, typer.Option("--language", help="The language of the page.")] = Language.en,
) -> None:
    """Show what Keptword does, with the files of an invented shop.

    Writes a folder of exports as a shop would have them, and the report on them. It ends by itself.
    """
    from keptword.core.rules import Settings, parse_promise
    from keptword.report.shop import Asked
    from keptword.report.terminal import summary

    until = datetime.now(UTC).date() - timedelta(days=1)
    page = out / "report.html"
    with progress(quiet=False) as say:
        written = invent(out, kind="shopify", users=400, months=18, seed=1, until=until.isoformat(), say=say)
        files = [path for path in written if path.suffix != ".json"]
        asked = Asked(
            as_of=until,
            today=until,
            rules=(parse_promise(PROMISE),),
            settings=Settings(timezone="Europe/Berlin", country="DE"),
            country="DE",
            business="Haiwen Tea",
        )
        made = report_on(files, asked, say=say)
        write_page(made, page, language=language.value)
    typer.echo(summary(made, page=page, language=language.value))
    shop_files = " ".join(path.as_posix() for path in files[:1])
    typer.echo(
        f"\nHaiwen is invented; its files are in {out}. To try next:\n"
        f'  {_program()} report {shop_files} --promise "ships within 3 working days" --by carrier\n'
        f'  {_program()} report YOUR-ORDER-EXPORT.csv --promise "what you tell your customers"'
    )


def _program() -> str:
    """Return how this program is called here: by its name where the shell finds it, else as it was called now."""
    called = Path(sys.argv[0])
    return "keptword" if shutil.which("keptword") or called.name == "__main__.py" else called.as_posix()


def invent(
    folder: Path,
    *,
    kind: Literal["shopify", "woocommerce"],
    users: int,
    months: int,
    seed: int,
    until: str | None,
    say: Callable[[str], None],
) -> list[Path]:
    """Write the invented shop's exports into a folder and return what was written, `truth.json` last."""
    from keptword.cli.session import day
    from keptword.simulate.exports import write
    from keptword.simulate.haiwen import simulate

    last: date = day(until) if until else datetime.now(UTC).date() - timedelta(days=1)
    say("Inventing a shop …")
    world = simulate(seed=seed, until=last, users=users, months=months)
    say("Writing its exports …")
    return write(world, kind=kind, folder=folder)
