"""Says what the files of a lot are: an export we know, a table of rates, one whose columns were told, or none of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from keptword.books.seen import Seen, keep
from keptword.books.uploads import File, Lot
from keptword.core.problems import KeptwordError, Sentence
from keptword.engines.duckdb import Engine
from keptword.sources.csv.trying import write_sample
from keptword.sources.files import Opened, open_file
from keptword.sources.rates import read_rates
from keptword.sources.rates.reader import OWN_COLUMNS
from keptword.sources.registry import sources

SAMPLED: Final = 3_000
"""First rows kept of a table, to tell its columns by."""

_SHOWN: Final = 4
_LONGEST: Final = 80
_CODE: Final = re.compile("[A-Z]{3}")

Kept = Callable[[Sequence[str]], str | None]
"""Returns the mapping kept for files with these columns, as TOML."""


def look(lot: Lot, engine: Engine, *, kept: Kept, say: Callable[[str], None]) -> tuple[Seen, ...]:
    """Return what each file of a lot is, and write it down in the lot."""
    seen = tuple(_seen(lot, file, engine, kept=kept, say=say) for file in lot.files)
    keep(lot, seen)
    return seen


def _seen(lot: Lot, file: File, engine: Engine, *, kept: Kept, say: Callable[[str], None]) -> Seen:
    path = lot.path(file)
    try:
        opened = open_file(path, engine=engine, progress=say)
        if _is_rates(opened):
            read_rates([path])
            return Seen(file.place, "rates", source="rates", form=opened.form, header=opened.header)
        return _recognised(lot, file, engine, opened=opened, kept=kept)
    except KeptwordError as error:
        return Seen(file.place, "bad", error=_here(error.sentence, lot=lot, file=file))


def _here(sentence: Sentence, *, lot: Lot, file: File) -> Sentence:
    """Return a sentence without the place on the disk, which says nothing to whoever dropped the file."""
    return sentence.changed(lambda text: text.replace(str(lot.path(file)), file.name).replace(str(lot.folder), ""))


def _is_rates(file: Opened) -> bool:
    header = [column.strip() for column in file.header]
    if {column.lower() for column in header} == set(OWN_COLUMNS):
        return True
    codes = [column for column in header[1:] if _CODE.fullmatch(column)]
    return bool(header) and header[0].lower() == "date" and len(codes) >= 3


def _recognised(lot: Lot, file: File, engine: Engine, *, opened: Opened, kept: Kept) -> Seen:
    source = next((each for each in sources() if each.recognises(opened)), None)
    told = lot.beside(file, "toml")
    sample = write_sample(engine, opened, to=lot.beside(file, "csv"), most=SAMPLED)
    was_kept = False
    if source is None and not told.exists():
        before = kept(opened.header)
        was_kept = before is not None
        if before is not None:
            told.write_text(before, encoding="utf-8")
    return Seen(
        file.place,
        "mapped" if told.exists() else "known" if source is not None else "unknown",
        source=source.name if source is not None else "",
        kept=was_kept,
        form=opened.form,
        header=opened.header,
        rows=tuple(tuple(cell[:_LONGEST] for cell in row) for row in sample.rows[:_SHOWN]),
        problems=tuple(str(problem) for problem in opened.problems),
    )
