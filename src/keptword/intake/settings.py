"""What Django is told about the operational database; reading it imports nothing of Django."""

from __future__ import annotations

import os
from typing import Any, Final

from keptword.core.problems import KeptwordError

APPS: Final = ("keptword.intake", "keptword.office")
"""The rooms that keep tables; named and not imported, since one of them stands above this."""

BUSY_SECONDS: Final = 60

_POSTGRES: Final = "django.db.backends.postgresql"
ADDRESS: Final = "KEPTWORD_DATABASE_URL"
"""The variable that names another database than the file in the books folder."""


def database_settings() -> dict[str, Any]:
    """Return Django's settings for the operational database: SQLite in the books folder, or what `ADDRESS` names."""
    return {
        # Django's own rooms for accounts are there for their code; we keep none of their tables.
        "INSTALLED_APPS": ["django.contrib.contenttypes", "django.contrib.auth", *APPS],
        "MIGRATION_MODULES": {"contenttypes": None, "auth": None},
        "DATABASES": {"default": _database()},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "AUTH_USER_MODEL": "office.Member",
        "USE_TZ": True,
        "LOGGING_CONFIG": None,
    }


def on_server() -> bool:
    """Tell whether the operational database is on a server, and not a file in the books folder."""
    return bool(os.environ.get(ADDRESS))


def _database() -> dict[str, Any]:
    if on_server():
        return _server(os.environ[ADDRESS])
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": "", "CONN_MAX_AGE": None, "OPTIONS": _sqlite()}


def _server(address: str) -> dict[str, Any]:
    import dj_database_url

    try:
        told = dict(dj_database_url.parse(address, conn_max_age=600, conn_health_checks=True))
    except ValueError:
        told = {}
    if told.get("ENGINE") != _POSTGRES or not told.get("NAME"):
        # Not said what was written: there is a password in it.
        raise KeptwordError(
            f"{ADDRESS} names no PostgreSQL. Write it like postgres://NAME:PASSWORD@HOST:5432/DATABASE; to keep the "
            "database in the books folder, unset it."
        )
    return told


def _sqlite() -> dict[str, Any]:
    return {
        # Whoever reads before writing must not find out only then that somebody else has written.
        "transaction_mode": "IMMEDIATE",
        "timeout": BUSY_SECONDS,
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;",
    }
