"""Opens the books: the folder, the operational database and the journal of one business, checked and up to date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from keptword.books.currencies import currency_in_use
from keptword.books.folder import Business, Folder, business_name, read_business, settings_text
from keptword.books.pairing import PSEUDONYMS, claim, mended, refuse_without_database
from keptword.core.calendars import zone
from keptword.core.problems import KeptwordError, Problem
from keptword.core.rules import Settings
from keptword.journal.snapshot import refuse_escapes
from keptword.journal.syncing import sync_file, sync_folder
from keptword.journal.table import Journal

if TYPE_CHECKING:
    from keptword.intake.lease import Held

Say = Callable[[str], None]

_COUNTRY = re.compile(r"[A-Za-z]{2}([-_].+)?")


@dataclass(frozen=True)
class Books:
    """The books of one business, opened."""

    folder: Folder
    business: Business
    mended: tuple[Problem, ...] = ()
    """What was torn when they were opened, and is put right."""

    @property
    def journal(self) -> Journal:
        """The journal of facts."""
        return Journal.open(self.folder.journal)

    @property
    def timezone(self) -> str | None:
        """The business's time zone."""
        return self.business.settings.timezone

    @property
    def today(self) -> date:
        """The business's local day now."""
        return datetime.now(UTC).astimezone(zone(self.timezone)).date()


def begin_books(folder: Folder, *, name: str, currency: str, timezone: str, country: str | None) -> Books:
    """Make new books in a folder that holds none; what was begun and not finished is gone on with.

    Raises `KeptwordError` where there are books already, where the folder holds other things, or cannot be written.
    """
    from keptword.intake import database

    if folder.settings.exists():
        raise KeptwordError(f"There are books in {folder.path} already. Use them, or name another folder with --books.")
    part = folder.settings.with_name(folder.settings.name + ".part")
    own = (folder.database, folder.journal, folder.staged, folder.closings, folder.rates, part)
    known = {path.name for path in own}
    try:
        there = sorted(path.name for path in folder.path.iterdir()) if folder.path.exists() else []
        others = [name for name in there if name.split("-")[0] not in known]
        if others:
            raise KeptwordError(
                f"{folder.path} is not empty: there is {others[0]} in it. Name a new folder with --books."
            )
        # Looked at before anything is written, so that a wrong word leaves nothing behind.
        code, name = currency_in_use(currency, where="--currency"), business_name(name, where="--name")
        _refuse_unknown_place(timezone=timezone, country=country)
        refuse_escapes(folder.path)
        folder.path.mkdir(parents=True, exist_ok=True)
        for place in (folder.staged, folder.closings):
            place.mkdir(exist_ok=True)
        if not folder.journal.exists():
            Journal.create(folder.journal)
        database.connect(folder.database)
        claim(folder)
        pseudonym_secret()
        # The last thing written makes it books.
        part.write_text(settings_text(name=name, currency=code, timezone=timezone, country=country), encoding="utf-8")
        sync_file(part)
        part.replace(folder.settings)
        sync_folder(folder.path)
    except OSError as error:
        raise KeptwordError(
            f"The books could not be written to {folder.path}: {error.strerror or error}. Name another folder with "
            "--books."
        ) from None
    return open_books(folder)


def _refuse_unknown_place(*, timezone: str, country: str | None) -> None:
    if not timezone.strip():
        raise KeptwordError("--timezone names no time zone. Write a name such as Europe/Berlin or Asia/Shanghai.")
    Settings(timezone=timezone, country=country).calendar(years=range(2024, 2025))
    # By its name the holidays are found, but not the law.
    if country is not None and not _COUNTRY.fullmatch(country.strip()):
        raise KeptwordError(f'--country: "{country}" is no code. Write its two letters, such as DE, DE-BY or US-CA.')


def open_books(folder: Folder) -> Books:
    """Open books for work: their settings, database and journal; older ones are brought up to date first.

    A journal whose end a power cut tore is mended; `mended` says so. Raises `KeptwordError` where there are none, or
    they are of a newer Keptword, or cannot be read, or where the database or the journal is missing or another's.
    """
    from keptword.books.upgrade import bring_up_to_date
    from keptword.intake import database

    business = read_business(folder)
    refuse_without_database(folder)
    if bring_up_to_date(folder, business):
        business = read_business(folder)
    database.connect(folder.database)
    return Books(folder, business, mended(folder))


def pseudonym_secret() -> str:
    """Return the secret behind the pseudonyms of the books that are open; it goes where the books go."""
    from keptword.intake.tombstones import kept

    return kept(PSEUDONYMS)


@contextmanager
def writing(books: Books, *, say: Say, wait: float | None = 60.0) -> Iterator[Held]:
    """Hold the lease under which the journal and the closings are written; waits for whoever holds it."""
    from keptword.intake.lease import held

    say("Waiting for the books …")
    with held(name="journal", wait=wait) as lease:
        yield lease
