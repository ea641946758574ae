"""The options that several commands share, each worded once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keptword.cli.console import Format

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Your shop's exports; several at once are fine.")]
Promise = Annotated[
    str | None,
    typer.Option("--promise", metavar="SENTENCE", help='What you tell customers: "ships within 2 working days".'),
]
Rules = Annotated[
    Path | None, typer.Option("--rules", metavar="TOML", help="A file with several promises and your working days.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DAY", help="As known at the end of this day; today unless told.")
]
Timezone = Annotated[
    str | None,
    typer.Option("--timezone", metavar="ZONE", help="Yours, like Europe/Berlin; else the one in the files."),
]
Country = Annotated[
    str | None,
    typer.Option("--country", metavar="CODE", help="Yours, like DE or DE-BY: its public holidays and its law."),
]
Cutoff = Annotated[
    str | None,
    typer.Option("--cutoff", metavar="HOUR", help="What comes after this hour, like 14:00, counts as the next day."),
]
WorkingDays = Annotated[
    str | None,
    typer.Option("--working-days", metavar="DAYS", help="Like mon,tue,wed,thu,fri,sat; Monday to Friday unless told."),
]
Mapping = Annotated[
    Path | None, typer.Option("--mapping", metavar="TOML", help="How to read files of your own; see docs/mapping.md.")
]
Own = Annotated[
    list[str] | None,
    typer.Option("--own-address", metavar="MAIL", help="Your own mail address or domain, to tell answers by."),
]
BooksFolder = Annotated[
    Path | None,
    typer.Option("--books", metavar="DIR", help="The folder of your books; KEPTWORD_BOOKS, or ./books, unless told."),
]
FilesOrBooks = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE...]", help="Your shop's exports; without any, your books are read."),
]
Form = Annotated[Format, typer.Option("--format", help="What to print.")]
Customer = Annotated[
    str,
    typer.Argument(
        metavar="CUSTOMER", help="Their mail address, the number of an order of theirs, or their key in the entries."
    ),
]
