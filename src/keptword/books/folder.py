"""The books folder: where everything of one business lies, and what the business said about itself."""

from __future__ import annotations

import json
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from keptword.core.problems import KeptwordError
from keptword.core.rules import Settings, settings_from

FORMAT: Final = 1
"""The layout of the folder this version writes; raised by one with each step in `upgrade.STEPS`."""

SETTINGS: Final = "keptword.toml"
VARIABLE: Final = "KEPTWORD_BOOKS"
DEFAULT: Final = Path("books")

_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Business:
    """What a business said about itself: its name, the currency its books are kept in, its days."""

    name: str
    currency: str
    settings: Settings
    format: int = FORMAT


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
        document = tomllib.loads(folder.settings.read_text("utf-8").removeprefix("\ufeff"))
    except FileNotFoundError:
        raise KeptwordError(_no_books(folder)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KeptwordError(f"{folder.settings} cannot be read: {error}. Mend that line and try again.") from None
    return _business(document, where=str(folder.settings))


def _no_books(folder: Folder) -> str:
    if folder.path.is_dir() and any(folder.path.iterdir()):
        return (
            f"{folder.path} holds no books: there is no {SETTINGS} in it. Name the folder of your books with --books, "
            "or begin new ones in another folder with: keptword init"
        )
    return (
        f"There are no books in {folder.path} yet. Begin them with: keptword init --books {folder.path} "
        '--name "My shop" --currency EUR --timezone Europe/Berlin'
    )


def _business(document: dict[str, Any], *, where: str) -> Business:
    told = document.get("format", 0)
    if not isinstance(told, int) or told < 1:
        raise KeptwordError(f"{where} does not say of which format the books are. Write the line: format = {FORMAT}")
    if told > FORMAT:
        raise KeptwordError(
            f"{where}: these books were written by a newer Keptword (format {told}; this one knows up to {FORMAT}). "
            "Install the newer Keptword to open them; nothing was changed."
        )
    name, currency = document.get("name"), document.get("currency")
    if not isinstance(name, str) or not name.strip():
        raise KeptwordError(f'{where} does not name the business. Write a line such as: name = "My shop"')
    return Business(
        name=name.strip(),
        currency=currency_code(currency, where=where),
        settings=settings_from(document.get("settings", {}), where=where),
        format=told,
    )


def currency_code(told: object, *, where: str) -> str:
    """Return a currency's code; refuse what is none, naming `where` it was told."""
    code = str(told or "").strip().upper()
    if not _CURRENCY.fullmatch(code):
        raise KeptwordError(f'{where}: "{told}" is no currency. Write its three letters, such as EUR, USD or CNY.')
    return code


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
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Return a text as TOML writes it; JSON's escapes are TOML's too."""
    return json.dumps(text, ensure_ascii=False)
