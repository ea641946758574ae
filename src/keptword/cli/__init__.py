"""The command line: one module a noun. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys

import typer

from keptword.cli import (
    account,
    backup,
    close,
    demo,
    erase,
    export,
    facts,
    imports,
    init,
    mapping,
    post,
    promises,
    quarantine,
    rates,
    report,
    rules,
    serve,
    simulate,
    statement,
    verify,
)
from keptword.cli.books import explained
from keptword.cli.console import complain, stopped, unforeseen
from keptword.core.problems import KeptwordError

app = typer.Typer(
    name="keptword",
    help="Do you keep your word to your customers? See it, fix it, show it.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from keptword import __version__

        typer.echo(f"keptword {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Do you keep your word to your customers? See it, fix it, show it."""


app.command("report")(report.report)
app.command("promises")(promises.promises)
app.command("facts")(facts.facts)
app.add_typer(mapping.app, name="mapping")
app.command("simulate")(simulate.simulate)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("init")(init.init)
app.command("import")(imports.import_)
app.command("post")(post.post)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(rules.app, name="rules")
app.command("rates")(rates.rates)
app.command("close")(close.close)
app.command("statement")(statement.statement)
app.command("account")(account.account)
app.command("verify")(verify.verify)
app.command("erase")(erase.erase)
app.command("export")(export.export)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)


def run() -> None:
    """Run the command line; whatever goes wrong ends in a sentence and a status that is not 0."""
    try:
        app()
    except KeptwordError as error:
        sys.exit(complain(str(error)))
    except KeyboardInterrupt:
        sys.exit(stopped())
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:
        said = explained(error)
        sys.exit(complain(said) if said else unforeseen(error))
