"""What Django is told about the operational database; reading it imports nothing of Django."""

from __future__ import annotations

import os
from typing import Any, Final

APPS: Final = ("keptword.intake", "keptword.office")
"""The rooms that keep tables; named and not imported, since one of them stands above this."""

BUSY_SECONDS: Final = 60
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


def _database() -> dict[str, Any]:
    address = os.environ.get(ADDRESS)
    if address:
        import dj_database_url

        return dict(dj_database_url.parse(address, conn_max_age=600, conn_health_checks=True))
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": "", "CONN_MAX_AGE": None, "OPTIONS": _sqlite()}


def _sqlite() -> dict[str, Any]:
    return {
        # Whoever reads before writing must not find out only then that somebody else has written.
        "transaction_mode": "IMMEDIATE",
        "timeout": BUSY_SECONDS,
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;",
    }
