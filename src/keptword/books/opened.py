"""Opens the books: the folder, the operational database and the journal of one business, checked and up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from keptword.books.folder import Business, Folder, currency_code, read_business, settings_text
from keptword.core.calendars import zone
from keptword.core.problems import KeptwordError
from keptword.core.rules import Settings
from keptword.journal.table import Journal

if TYPE_CHECKING:
    from keptword.intake.lease import Held

Say = Callable[[str], None]


@dataclass(frozen=True)
class Books:
    """The books of one business, opened."""

    folder: Folder
    business: Business

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
    known = {folder.database.name, folder.journal.name, folder.staged.name, folder.closings.name}
    try:
        others = [path.name for path in folder.path.iterdir()] if folder.path.exists() else []
        if [other for other in others if other.split("-")[0] not in known]:
            raise KeptwordError(
                f"{folder.path} is not empty: there is {sorted(others)[0]} in it. Name a new folder with --books."
            )
        # Looked at before anything is written, so that a wrong word leaves nothing behind.
        code = currency_code(currency, where="--currency")
        Settings(timezone=timezone, country=country).calendar(years=range(2024, 2025))
        folder.path.mkdir(parents=True, exist_ok=True)
        for place in (folder.staged, folder.closings):
            place.mkdir(exist_ok=True)
        if not folder.journal.exists():
            Journal.create(folder.journal)
        database.connect(folder.database)
        pseudonym_secret()
        # The last thing written makes it books.
        folder.settings.write_text(
            settings_text(name=name, currency=code, timezone=timezone, country=country), encoding="utf-8"
        )
    except OSError as error:
        raise KeptwordError(
            f"The books could not be written to {folder.path}: {error.strerror or error}. Name another folder with "
            "--books."
        ) from None
    return open_books(folder)


def open_books(folder: Folder) -> Books:
    """Open books for work: their settings, database and journal; older ones are brought up to date first.

    Raises `KeptwordError` where there are none, or they are of a newer Keptword, or cannot be read.
    """
    from keptword.books.upgrade import bring_up_to_date
    from keptword.intake import database

    business = read_business(folder)
    if bring_up_to_date(folder, business):
        business = read_business(folder)
    database.connect(folder.database)
    Journal.open(folder.journal)
    return Books(folder, business)


def pseudonym_secret() -> str:
    """Return the secret behind the pseudonyms of the books that are open; it goes where the books go."""
    from keptword.intake.tombstones import kept

    return kept("pseudonyms")


@contextmanager
def writing(books: Books, *, say: Say, wait: float | None = 60.0) -> Iterator[Held]:
    """Hold the lease under which the journal and the closings are written; waits for whoever holds it."""
    from keptword.intake.lease import held

    say("Waiting for the books …")
    with held(name="journal", wait=wait) as lease:
        yield lease
