"""The books folder: where everything of one business lies, and what the business said about itself."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from keptword.books.currencies import currency_code
from keptword.core.problems import KeptwordError, Sentence
from keptword.core.rules import Settings, settings_from
from keptword.core.schema import unknown

FORMAT: Final = 1
"""The layout of the folder this version writes; raised by one with each step in `upgrade.STEPS`."""

COSTS: Final = ("minutes_per_message", "wage_per_hour")
"""What a business may tell of its costs: minutes to answer a message, an hour's wage in its own currency."""

SETTINGS: Final = "keptword.toml"
MARGIN: Final = "margin_share"
"""What is left of a sale, of 1, where no entry tells what it cost; stands among the costs."""

VARIABLE: Final = "KEPTWORD_BOOKS"
DEFAULT: Final = Path("books")

NEW_NAME: Final = "My shop"
"""What a business is called until somebody says."""

_LINES: Final = {"format": f"format = {FORMAT}", "name": f'name = "{NEW_NAME}"', "currency": 'currency = "EUR"'}
_ZONE: Final = 'timezone = "Europe/Berlin"'


@dataclass(frozen=True)
class Business:
    """What a business said about itself: its name, the currency its books are kept in, its days.

    `costs` holds what it told of `COSTS`, as exact numbers in text; what it left out is assumed. `margin_share` (0..1)
    is what is left of a sale after goods, shipping and fees, where no entry tells the cost.
    """

    name: str
    currency: str
    settings: Settings
    format: int = FORMAT
    costs: Mapping[str, str] = field(default_factory=dict)
    margin_share: float | None = None


@dataclass(frozen=True)
class Folder:
    """The places in a books folder."""

    path: Path

    @property
    def settings(self) -> Path:
        """The file of what the business said about itself."""
        return self.path / SETTINGS

    @property
    def database(self) -> Path:
        """The operational database."""
        return self.path / "desk.sqlite3"

    @property
    def journal(self) -> Path:
        """The Delta table of facts."""
        return self.path / "journal"

    @property
    def staged(self) -> Path:
        """Files of imports that wait for the journal."""
        return self.path / "staged"

    @property
    def closings(self) -> Path:
        """The sealed closings."""
        return self.path / "closings"

    @property
    def figures(self) -> Path:
        """What pages read, worked out beforehand from all of the above; it may be deleted at any time."""
        return self.path / "figures"

    @property
    def uploads(self) -> Path:
        """Files given to the desk, until they are taken in; never in a backup, gone with an erasure."""
        return self.path / "uploads"

    @property
    def rates(self) -> Path:
        """The dated rates of other currencies, where any were given."""
        return self.path / "rates.csv"

    def business(self) -> Business:
        """Return what the business said about itself; refuse a folder that is no books, or of a newer Keptword."""
        return read_business(self)


def books_folder(told: Path | None) -> Folder:
    """Return the folder told, else that of `KEPTWORD_BOOKS`, else `./books`."""
    return Folder(told or Path(os.environ.get(VARIABLE) or DEFAULT))


def read_business(folder: Folder) -> Business:
    """Return what `keptword.toml` says; refuses in a sentence what is missing, wrong, or of a newer Keptword."""
    try:
        return business_from(folder.settings.read_text("utf-8"), where=str(folder.settings))
    except (FileNotFoundError, NotADirectoryError):
        raise KeptwordError(_no_books(folder)) from None
    except OSError as error:
        raise KeptwordError(
            "{settings} cannot be read: {why}. Look whether this account may read it.",
            settings=folder.settings,
            why=error.strerror or error,
        ) from None
    except UnicodeDecodeError as error:
        raise KeptwordError(_unreadable(str(folder.settings), error)) from None


def business_from(text: str, *, where: str) -> Business:
    """Return what the text of a `keptword.toml` says; `where` names the file in refusals."""
    try:
        return _business(tomllib.loads(text.removeprefix("\ufeff")), where=where)
    except tomllib.TOMLDecodeError as error:
        raise KeptwordError(_unreadable(where, error)) from None


def _unreadable(where: str, error: Exception) -> str:
    return Sentence(
        "{where} cannot be read: {error}. Mend that line, or bring the file back from a backup.",
        where=where,
        error=error,
    )


def _no_books(folder: Folder) -> str:
    if folder.path.exists() and not folder.path.is_dir():
        return Sentence("{path} is a file, not a folder of books. Name the folder with --books.", path=folder.path)
    if folder.database.exists() and folder.journal.exists():
        return Sentence(
            "{settings} is missing; the rest of the books is there. Bring it back from a backup, or write it "
            "anew with keptword init, told the same currency, time zone and country as before: no entry is touched.",
            settings=folder.settings,
        )
    if folder.path.is_dir() and any(folder.path.iterdir()):
        return Sentence(
            "{path} holds no books: there is no {settings} in it. Name the folder of your books with --books, "
            "or begin new ones in another folder with: keptword init",
            path=folder.path,
            settings=SETTINGS,
        )
    return Sentence(
        "There are no books in {path} yet. Begin them with: keptword init --books {path} "
        '--name "My shop" --currency EUR --timezone Europe/Berlin',
        path=folder.path,
    )


def _business(document: dict[str, Any], *, where: str) -> Business:
    told = document.get("format")
    if isinstance(told, int) and told > FORMAT:
        raise KeptwordError(
            "{where}: these books were written by a newer Keptword (format {told}; this one knows up to {newest}). "
            "Install the newer Keptword to open them; nothing was changed.",
            where=where,
            told=told,
            newest=FORMAT,
        )
    _refuse_incomplete(document, where=where)
    if not isinstance(told, int) or isinstance(told, bool) or told < 1:
        raise KeptwordError(
            "{where} does not say of which format the books are. Write the line: {lines}",
            where=where,
            lines=_LINES["format"],
        )
    return Business(
        name=business_name(document["name"], where=where),
        currency=currency_code(document["currency"], where=where),
        settings=settings_from(document["settings"], where=where),
        format=told,
        costs=_costs(document.get("costs", {}), where=where),
        margin_share=_margin(document.get("costs", {}), where=where),
    )


def _costs(table: object, *, where: str) -> dict[str, str]:
    """Return what answering a message costs this business; refuse what is no number above 0."""
    if not isinstance(table, dict):
        raise KeptwordError("{where}: what things cost stands below a line [costs].", where=where)
    told = {name: value for name, value in table.items() if name != MARGIN}
    for name, value in told.items():
        if name not in COSTS:
            raise KeptwordError("{where}, costs: {why}", where=where, why=unknown("line", name, known=(*COSTS, MARGIN)))
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1_000_000:
            raise KeptwordError(
                "{where}, costs: {name} is {value}. Write a number above 0, without quotes.",
                where=where,
                name=name,
                value=repr(value),
            )
    return {name: str(value) for name, value in told.items()}


def _margin(table: dict[str, Any], *, where: str) -> float | None:
    """Return the share of a sale that is left; refuse what is none."""
    value = table.get(MARGIN)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise KeptwordError(
            "{where}, costs: {margin} is {value}. Write a share between 0 and 1, such as 0.35.",
            where=where,
            margin=MARGIN,
            value=repr(value),
        )
    return float(value)


def _refuse_incomplete(document: dict[str, Any], *, where: str) -> None:
    """Raise where a line is missing, all of them named: with a time zone left out, days would silently move."""
    missing = [line for key, line in _LINES.items() if key not in document]
    settings = document.get("settings")
    if settings is None or (isinstance(settings, dict) and not settings.get("timezone")):
        missing.append(f"{_ZONE}, below a line [settings]")
    if missing:
        raise KeptwordError(
            "{where} is not whole; it lacks {count} of the lines it needs. Bring it back from a backup, or "
            "write what is missing, as it was before: {lines}",
            where=where,
            count=len(missing),
            lines="; ".join(missing),
        )
    odd = [key for key in document if key not in (*_LINES, "settings", "costs")]
    if odd:
        raise KeptwordError(
            '{where}: "{odd}" is not known here. If it is one of the settings, write it below the line [settings].',
            where=where,
            odd=odd[0],
        )


def business_name(told: object, *, where: str) -> str:
    """Return the name of a business; refuse an empty one, naming `where` it was told."""
    if not isinstance(told, str) or not told.strip():
        raise KeptwordError('{where} does not name the business. Write it, such as "My shop".', where=where)
    return told.strip()


def settings_text(*, name: str, currency: str, timezone: str, country: str | None) -> str:
    """Return the text of a new `keptword.toml`."""
    lines = [
        "# What these books know about the business. Change it here; the next command reads it.",
        f"format = {FORMAT}",
        f"name = {_quoted(name)}",
        f"currency = {_quoted(currency)}",
        "",
        "[settings]",
        f"timezone = {_quoted(timezone)}",
        f"country = {_quoted(country)}" if country else '# country = "DE"   # its public holidays are no working days',
        '# working_days = ["mon", "tue", "wed", "thu", "fri"]',
        '# working_hours = ["09:00-17:00"]',
        "",
        "# [costs]                      # what answering costs you; assumed where you do not say",
        "# minutes_per_message = 5",
        "# wage_per_hour = 33",
        "",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Return a text as TOML writes it; JSON's escapes are TOML's too."""
    return json.dumps(text, ensure_ascii=False)
