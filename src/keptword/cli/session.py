"""What most commands begin with: an engine, the files given, and what the person told about their days."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from keptword.core.problems import KeptwordError

if TYPE_CHECKING:
    from keptword.books.opened import Books
    from keptword.core.rules import Rule, RuleBook, Settings
    from keptword.engines.duckdb import Engine
    from keptword.sources.registry import Gathered


@dataclass(frozen=True)
class Told:
    """What the person told on the command line and in their file of rules."""

    rules: tuple[Rule, ...]
    settings: Settings
    as_of: date
    today: date


def told(
    *,
    promise: str | None,
    rules_file: Path | None,
    as_of: str | None,
    timezone: str | None,
    country: str | None,
    cutoff: str | None,
    working_days: str | None = None,
) -> Told:
    """Return what was told; the command line goes before the file of rules."""
    from keptword.core.calendars import zone
    from keptword.core.rules import RuleBook, parse_promise

    book = _rule_book(rules_file) if rules_file else RuleBook()
    rules = book.rules
    if promise is not None:
        said = parse_promise(promise)
        # What is told now goes before what the file tells of the same promise.
        rules = (said, *(rule for rule in rules if rule.identity != said.identity))
    if cutoff and rules:
        rules = (replace(rules[0], cutoff=_clock(cutoff)), *rules[1:])
    settings = book.settings
    settings = replace(
        settings,
        timezone=timezone or settings.timezone,
        country=country or settings.country,
        working_days=_weekdays(working_days) or settings.working_days,
    )
    now = datetime.now(UTC)
    today = now.astimezone(zone(settings.timezone) if settings.timezone else None).date()
    return Told(rules, settings, as_of=today if as_of is None else day(as_of), today=today)


def _rule_book(path: Path) -> RuleBook:
    from keptword.core.rules import rules_from_toml

    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise KeptwordError(f"There is no file {path}. Give the path of your file of rules.") from None
    except OSError as error:
        raise KeptwordError(f"{path} cannot be read: {error.strerror or error}. Name your file of rules.") from None
    except UnicodeDecodeError as error:
        raise KeptwordError(f"{path} cannot be read as a text in UTF-8: {error}. Save it as such.") from None
    return rules_from_toml(text, where=path.name)


def day(text: str) -> date:
    """Return the day written as YYYY-MM-DD; refuse anything else in a sentence."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise KeptwordError(f'"{text}" is not on the calendar. Write the day as YYYY-MM-DD, like 2031-03-01.') from None


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text if ":" in text else f"{int(text):02}:00")
    except ValueError:
        raise KeptwordError(f'"{text}" is no hour of the day. Write the cut-off like 14:00.') from None


def _weekdays(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    days = tuple(part.strip() for part in text.split(",") if part.strip())
    if not days:
        raise KeptwordError('--working-days names no day. Write them like "mon,tue,wed,thu,fri,sat".')
    return days


def with_books(said: Told, books: Books, *, as_of: str | None) -> Told:
    """Return what was told with what the books know beside it: their rules and settings, where nothing else was told.

    A rule told on the command line goes before the books' versions of the same.
    """
    from keptword.books.rules import told_rules

    kept = [each.rule for each in told_rules() if each.rule.identity not in {rule.identity for rule in said.rules}]
    known, own = said.settings, books.business.settings
    settings = replace(
        own,
        timezone=known.timezone or own.timezone,
        country=known.country or own.country,
        working_days=known.working_days or own.working_days,
    )
    return Told((*said.rules, *kept), settings, as_of=books.today if as_of is None else day(as_of), today=books.today)


@contextmanager
def gathered_books(books: Books, *, progress: Callable[[str], None]) -> Iterator[tuple[Engine, Gathered]]:
    """Read the books into a fresh engine and hand both over, as `gathered` does for files.

    What waits is brought into the journal first, where no other process is at it.
    """
    from keptword.books.engine import engine_for
    from keptword.books.facts import gathered as from_books
    from keptword.books.recording import settle_now
    from keptword.cli.books import say_problems

    settled = settle_now(books, say=progress)
    say_problems(settled.problems if settled else ())
    with engine_for(books) as engine:
        progress("Reading the books …")
        yield engine, from_books(books, engine)


@contextmanager
def gathered(
    files: Sequence[Path],
    *,
    mapping: Path | None,
    settings: Settings,
    own_addresses: Sequence[str] = (),
    progress: Callable[[str], None],
    stored: bool = True,
    rehearsal: bool = False,
    memory: str | None = None,
) -> Iterator[tuple[Engine, Gathered]]:
    """Read the files into a fresh engine and hand both over; the engine is closed afterwards.

    Without `stored` the facts are an expression to be written in one pass; a `rehearsal` leaves nothing behind.
    `memory` is the engine's limit where KEPTWORD_MEMORY tells none.
    """
    from keptword.engines.duckdb import Engine
    from keptword.sources.keys import pseudonym_key
    from keptword.sources.registry import gather
    from keptword.sources.source import Reading

    if not files:
        raise KeptwordError("Name the files to read, or begin books and let them be read: keptword init")
    with Engine(memory=os.environ.get("KEPTWORD_MEMORY", memory)) as engine:
        reading = Reading(
            engine=engine,
            key=pseudonym_key(),
            recorded_at=datetime.now(UTC),
            timezone=settings.timezone,
            leave_out=settings.leave_out,
            own_addresses=tuple(own_addresses),
            progress=progress,
            stored=stored,
        )
        yield engine, gather(reading, files, mapping=mapping, rehearsal=rehearsal)
