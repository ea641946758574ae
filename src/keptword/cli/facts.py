"""`keptword facts`: what files become, written down or only rehearsed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keptword.cli.console import progress
from keptword.cli.options import Files, Mapping, Own, Timezone
from keptword.core.problems import KeptwordError

if TYPE_CHECKING:
    from keptword.engines.duckdb import Engine
    from keptword.sources.registry import Gathered

EXAMPLES = 3

MEMORY = "1GB"
"""What the engine may hold at most, unless told: files go through it and need not fit, so that large ones go too."""


class FactForm(StrEnum):
    """How entries are written: one JSON object a line, or a Parquet table."""

    jsonl = "jsonl"
    parquet = "parquet"


def facts(
    files: Files,
    mapping: Mapping = None,
    timezone: Timezone = None,
    own: Own = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where to write the entries.")] = None,
    form: Annotated[
        FactForm | None, typer.Option("--format", help="How to write them; told by the file's ending otherwise.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what each kind of line would become.")] = False,
) -> None:
    """Turn files into entries: what happened, to whom, when; one a line.

    Names and addresses become pseudonyms. Lines nobody can read go to FILE.rejected.csv with the reason; the rest go
    on. Without --out the entries are printed.
    """
    from keptword.cli.session import gathered
    from keptword.core.rules import Settings

    with (
        progress(quiet=False) as say,
        gathered(
            files,
            mapping=mapping,
            settings=Settings(timezone=timezone),
            own_addresses=own or (),
            progress=say,
            stored=False,
            rehearsal=dry_run,
            memory=MEMORY,
        ) as (engine, read),
    ):
        if dry_run:
            typer.echo(_rehearsed(engine, read))
            return
        say("Writing …")
        written = _written(engine, read, out=out, form=form or _form_of(out))
    _say(read, f"{written:,} entries written to {out}." if out else "")


def _form_of(out: Path | None) -> FactForm:
    return FactForm.parquet if out is not None and out.suffix.lower() in (".parquet", ".pq") else FactForm.jsonl


def _written(engine: Engine, read: Gathered, *, out: Path | None, form: FactForm) -> int:
    """Write the entries to a file, or as JSON lines to the terminal; return how many."""
    from keptword.sources.facts import as_lines

    table = as_lines(read.facts) if form is FactForm.jsonl else read.facts
    target = out or engine.folder / "facts.jsonl"
    if out is None and form is FactForm.parquet:
        raise KeptwordError("A Parquet table cannot be printed. Name a file for it with --out.")
    # Written beside first, so that a run that is stopped leaves no half file under the name asked for.
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        written = engine.write(table, part, form=form.value)
        part.replace(target)
    except OSError as error:
        raise KeptwordError(
            f"The entries could not be written to {target}: {error.strerror or error}. Name another place with --out."
        ) from None
    finally:
        part.unlink(missing_ok=True)
    if out is None:
        with target.open(encoding="utf-8") as lines:
            for line in lines:
                typer.echo(line, nl=False)
    return written


def _say(read: Gathered, sentence: str) -> None:
    """Tell, beside the entries, what was left out, refused or odd."""
    if sentence:
        typer.echo(sentence, err=True)
    for reason, count in read.left_out.items():
        typer.echo(f"Left out by rule: {count:,} ({reason}).", err=True)
    for file in read.files:
        if file.refused:
            typer.echo(
                f"{file.name}: {file.refused:,} lines could not be read; they are in {file.rejected_to}.", err=True
            )
    for problem in read.problems:
        typer.echo(str(problem), err=True)


def _rehearsed(engine: Engine, read: Gathered) -> str:
    """Return what each kind of line would become and what would be refused, in plain lines."""
    lines = []
    facts = engine.load("rehearsed", read.facts)
    for row in engine.rows(facts.group_by("kind").agg(count=facts.count()).order_by("kind")):
        lines.append(f"{row['kind']}: {row['count']:,}")
        shown = facts.filter(facts.kind == row["kind"]).order_by("fact_id").limit(EXAMPLES)
        lines.extend(f"    {_example(example)}" for example in engine.rows(shown))
    for file in read.files:
        if file.refused:
            lines.append(f"{file.name}: {file.refused:,} of {file.rows:,} lines would be refused:")
            lines.extend(f"    {reason} ({reason.count:,} lines)" for reason in file.reasons)
    lines.extend(f"left out by rule, {reason}: {count:,}" for reason, count in read.left_out.items())
    lines.extend(str(problem) for problem in read.problems)
    return "\n".join([*lines, "Nothing was written: this was a rehearsal."])


def _example(row: dict[str, object]) -> str:
    hidden = {"kind", "fact_id", "recorded_at", "occurred_at", "stage", "source"}
    told = [f"{name} {value}" for name, value in row.items() if value is not None and name not in hidden]
    return f"{row['source']}: " + ", ".join(told)
