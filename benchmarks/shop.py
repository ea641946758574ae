"""Makes the invented shop's story as Parquet files, and books that hold it, once, in a process of its own."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.files import FOLDER, LAST_DAY
from benchmarks.measure import run, said

if TYPE_CHECKING:
    from keptword.books.opened import Books
    from keptword.engines.duckdb import Engine
    from keptword.simulate.story import FactForm

FACTS_PER_USER: Final = 18.1
"""How many facts the story's 18 months have for each of its customers."""

PROMISE: Final = "ships within 2 working days"
DAY_BEFORE: Final = LAST_DAY - timedelta(days=1)

_ABOUT: Final = {"name": "Haiwen", "currency": "EUR", "timezone": "Europe/Berlin", "country": "DE"}


@dataclass(frozen=True)
class Shop:
    """Books that are there, whole.

    `facts` are in the journal, `of_the_day` of them on the last day and in the last batch; `keys` is a Parquet file of
    what a closing adds up, with whole numbers for keys. Bringing the facts into the journal took `seconds`.
    """

    books: Path
    keys: Path
    facts: int
    of_the_day: int
    users: int
    seconds: float


def made_shop(*, count: int, say: Callable[[str], None], folder: Path = FOLDER) -> Shop:
    """Return books of about `count` facts, made where missing; a child process makes them, as `files.made` says."""
    note = folder / f"books-{count}.json"
    if not note.exists():
        say(f"making books of {count:,} facts, once …")
        run([sys.executable, "-m", "benchmarks.shop", "books", str(count), folder])
    told = json.loads(note.read_text(encoding="utf-8"))
    return Shop(folder / f"books-{count}", folder / f"keys-{count}.parquet", **told)


def made_lines(*, count: int, parts: int, say: Callable[[str], None], folder: Path = FOLDER) -> tuple[Path, ...]:
    """Return files of JSON Lines, `parts` of them, with `count` facts of the story in all, made where missing."""
    paths = tuple(folder / f"lines-{count}-{part}-of-{parts}.jsonl" for part in range(1, parts + 1))
    if not all(path.exists() for path in paths):
        say(f"making {count:,} lines to post, once …")
        run([sys.executable, "-m", "benchmarks.shop", "lines", str(count), folder, str(parts)])
    return paths


def live_files(shop: Shop) -> tuple[Path, ...]:
    """Return the Parquet files the journal consists of: files that were joined lie beside them for a while."""
    told = said(run([sys.executable, "-m", "benchmarks.shop", "live", "0", shop.books]))
    return tuple(shop.books / "journal" / name for name in told["files"])


def write_lines(*, count: int, parts: int, folder: Path) -> None:
    """Write the first `count` facts of a story to `parts` files, in turns."""
    story = folder / f"lines-{count}"
    _write_story(story, count=count + count // 10 + 500, form="jsonl")
    folder.mkdir(parents=True, exist_ok=True)
    whole = [folder / f"lines-{count}-{part}-of-{parts}.jsonl" for part in range(1, parts + 1)]
    files = [path.with_suffix(".part").open("w", encoding="utf-8") for path in whole]
    with (story / "facts.jsonl").open(encoding="utf-8") as lines:
        for number, line in zip(range(count), lines, strict=False):
            files[number % parts].write(line)
    for file, path in zip(files, whole, strict=True):
        file.close()
        path.with_suffix(".part").replace(path)
    shutil.rmtree(story)


def write_shop(*, count: int, folder: Path) -> None:
    """Make the books of about `count` facts and, once they are whole, the note beside them that says so."""
    from keptword.books.engine import engine_for

    place, story = folder / f"books-{count}", folder / f"story-{count}"
    for old in (place, story):
        shutil.rmtree(old, ignore_errors=True)
    paths = _write_story(story, count=count, form="parquet")
    books = begun(place)
    with engine_for(books) as engine:
        begin = time.perf_counter()
        parts = [f"read_parquet('{_escaped(path)}') WHERE occurred_on < DATE '{LAST_DAY}'" for path in paths]
        parts.append(f"read_parquet('{_escaped(story / '*.parquet')}') WHERE occurred_on = DATE '{LAST_DAY}'")
        for source in parts:
            of_the_day = _recorded(books, engine, source=source)
        seconds = time.perf_counter() - begin
        facts, users = _write_keys(books, engine, path=folder / f"keys-{count}.parquet")
    shutil.rmtree(story)
    shop = Shop(place, folder, facts=facts, of_the_day=of_the_day, users=users, seconds=seconds)
    told = {name: value for name, value in asdict(shop).items() if name not in ("books", "keys")}
    (folder / f"books-{count}.json").write_text(json.dumps(told) + "\n", encoding="utf-8")


def begun(place: Path, *, ruled: bool = True) -> Books:
    """Return new books in a folder, with a rule that was told on the story's first day where `ruled`."""
    from keptword.books.folder import Folder
    from keptword.books.opened import begin_books
    from keptword.books.rules import add
    from keptword.core.rules import parse_promise

    books = begin_books(Folder(place), **_ABOUT)
    if ruled:
        add(books, replace(parse_promise(PROMISE), since=date(LAST_DAY.year - 1, 1, 1)))
    return books


def _write_story(folder: Path, *, count: int, form: FactForm) -> list[Path]:
    """Write a story of about `count` facts and return its files of facts."""
    from keptword.engines.duckdb import Engine
    from keptword.simulate.story import story, write_story

    told = story(seed=1, until=LAST_DAY, users=max(1, round(count / FACTS_PER_USER)))
    with Engine() as engine:
        return write_story(told, engine=engine, folder=folder, form=form)[:-1]


def _recorded(books: Books, engine: Engine, *, source: str) -> int:
    """Bring facts into the journal as an import does, by a staged file and the pump; return how many."""
    from keptword.books.opened import writing
    from keptword.books.recording import settle
    from keptword.intake import imports

    number = imports.begin(["story"], read_as={}, now=datetime.now(UTC))
    staged = books.folder.staged / f"import-{number}.parquet"
    written = engine.sql(f"COPY (SELECT * FROM {source}) TO '{_escaped(staged)}' (FORMAT parquet)").fetchone()
    imports.seal(number, staged, rows=int(written[0]) if written else 0)
    imports.finish(number, undated={})
    with writing(books, say=_silent) as lease:
        return settle(books, engine, lease=lease, say=_silent).recorded


def _write_keys(books: Books, engine: Engine, *, path: Path) -> tuple[int, int]:
    """Write what the accounts are made of, whole numbers for keys, laid out as the journal; return facts and users."""
    facts = books.journal.facts(engine).get_name()
    engine.sql(
        f"CREATE TABLE numbered AS SELECT user_key, row_number() OVER () AS key"
        f" FROM (SELECT DISTINCT user_key FROM {facts} WHERE user_key IS NOT NULL)"
    )
    written = engine.sql(
        f"COPY (SELECT numbered.key AS user_key, kind, occurred_on, amount, currency, seconds, steps, score"
        f" FROM {facts} AS facts LEFT JOIN numbered USING (user_key))"
        f" TO '{_escaped(path)}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440)"
    ).fetchone()
    users = engine.sql("SELECT count(*) FROM numbered").fetchone()
    return int(written[0]) if written else 0, int(users[0]) if users else 0


def _live(place: Path) -> list[str]:
    from keptword.books.folder import Folder
    from keptword.journal.table import Journal

    return [file.name for file in Journal.open(Folder(place).journal).files()]


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")


def _silent(_: str) -> None:
    """Tell nobody."""


if __name__ == "__main__":
    what, number, target, *more = sys.argv[1:]
    if what == "books":
        write_shop(count=int(number), folder=Path(target))
    elif what == "lines":
        write_lines(count=int(number), parts=int(more[0]), folder=Path(target))
    else:
        print(json.dumps({"files": _live(Path(target))}))
