"""One at a time: a transaction that no second process is in, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from django.db import connection, transaction


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Be in a transaction that nobody else is in under the same name until it ends.

    SQLite lets one writer in at all, since our transactions ask for writing as they begin. PostgreSQL is asked for a
    lock that it gives back with the transaction; what is read after that is what the one before us left.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(name)])
        yield


def _number(name: str) -> int:
    return int.from_bytes(sha256(f"keptword {name}".encode()).digest()[:8], signed=True)
