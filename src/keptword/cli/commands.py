"""All commands, gathered into one program."""

from __future__ import annotations

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
