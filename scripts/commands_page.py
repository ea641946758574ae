"""Write `docs/commands.md` from the help of the command line, or with --check say whether it is stale."""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
NAME = "keptword"

HEAD = """\
# Commands

Written by `make docs` from what `keptword --help` says; edit the help, not this page.
"""

# Every command has these; once is enough.
EVERYWHERE = {"--help", "--install-completion", "--show-completion"}


def main() -> int:
    """Write the page, or with --check compare it; return 1 where it is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where the page is stale")
    options = parser.parse_args()
    from keptword.cli.commands import app

    text = page(app)
    if not options.check:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print("docs/commands.md is not what the help says. Run: make docs", file=sys.stderr)
        return 1
    return 0


def page(app: typer.Typer) -> str:
    """Return the whole page: one section a command, in the order of the help."""
    return "\n".join([HEAD, *(section(context) for context in contexts(app))])


def contexts(app: typer.Typer) -> Iterator[typer.Context]:
    """Yield a context for the program, then for each command and each command below it, hidden ones left out."""
    yield from _below(typer.Context(_command(app), info_name=NAME))


def section(context: typer.Context) -> str:
    """Return what one command does, how it is called, and a table of its arguments and options."""
    command: Any = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    lines = [f"## {context.command_path}", "", _text(command.help), "", "```text", usage, "```", ""]
    rows = [row for parameter in command.params if (row := _row(parameter, context=context))]
    if rows:
        lines += ["| argument or option | what it says |", "| --- | --- |", *rows, ""]
    return "\n".join(lines)


def _command(app: typer.Typer) -> Any:
    """Return the command that Typer makes of an app; what it is made of is Typer's own, hence untyped."""
    return typer.main.get_command(app)


def _below(context: typer.Context) -> Iterator[typer.Context]:
    yield context
    command: Any = context.command
    for name in command.list_commands(context) if hasattr(command, "list_commands") else ():
        child = command.get_command(context, name)
        if not child.hidden:
            yield from _below(typer.Context(child, info_name=name, parent=context))


def _row(parameter: Any, *, context: typer.Context) -> str | None:
    if getattr(parameter, "hidden", False) or EVERYWHERE.intersection(parameter.opts):
        return None
    record = parameter.get_help_record(context)
    if record is None:
        return None
    names, says = (_cell(part) for part in record)
    return f"| `{names}` | {says} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _text(help_text: str | None) -> str:
    # Typer ends the help at a form feed, and \b keeps a paragraph from being wrapped.
    shown = (help_text or "").split("\f")[0].replace("\b", "")
    return inspect.cleandoc(shown).strip()


if __name__ == "__main__":
    sys.exit(main())
