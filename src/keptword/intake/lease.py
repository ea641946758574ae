"""The lease: of all processes that could, one at a time writes the journal, and it notices when it is not the one."""

from __future__ import annotations

import os
import platform
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from django.db import Error, connections, transaction

from keptword.core.problems import KeptwordError
from keptword.intake import database
from keptword.intake.models import Lease

SECONDS: Final = 10.0
"""How long a holder may show no sign of life before another takes over."""

_BEATS: Final = 5
_LOOK_SECONDS: Final = 0.2

# Of a process that died and another that got its number, only one has this.
_TOKEN: Final = uuid.uuid4().hex[:12]


class LeaseLost(KeptwordError):
    """Another process has taken over; whoever gets this writes nothing any more."""


class LeaseBusy(KeptwordError):
    """Somebody else held it for as long as one was willing to wait."""


class Held:
    """A lease taken: `fence` is its number, higher than that of everybody who held it before."""

    def __init__(self, *, name: str, holder: str, fence: int, seconds: float) -> None:
        self.name = name
        self.holder = holder
        self.fence = fence
        self._seconds = seconds
        self._lost = threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"keptword-lease-{name}", daemon=True)
        # The thread goes on in the books it began with, even where others are opened meanwhile.
        self._books = dict(connections["default"].settings_dict)

    def check(self) -> None:
        """Return where the lease is still held; raise `LeaseLost` where another process has taken over."""
        if not self._lost.is_set() and not Lease.objects.filter(name=self.name, fence=self.fence).exists():
            self._lost.set()
        if self._lost.is_set():
            raise LeaseLost(
                "Another process has taken over writing the books, because this one did not stir for"
                " {seconds:g} seconds. What was accepted is kept; start again.",
                seconds=self._seconds,
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write to the database in one transaction that nobody who took over can come before."""
        with transaction.atomic(durable=True):
            # On SQLite the transaction already keeps all others from writing; elsewhere the row is locked.
            Lease.objects.select_for_update().filter(name=self.name).first()
            self.check()
            yield

    def start(self) -> None:
        """Begin to show signs of life."""
        self._thread.start()

    def stop(self) -> None:
        """Show none any more and give the lease back, unless it is another's by now."""
        self._done.set()
        self._thread.join()
        if not self._lost.is_set():
            Lease.objects.filter(name=self.name, fence=self.fence).update(holder="")

    def _beat(self) -> None:
        table = Lease._meta.db_table
        own = connections.create_connection("default")
        own.settings_dict = self._books
        try:
            while not self._done.wait(self._seconds / _BEATS) and not self._lost.is_set():
                # A database busy with others for long is no reason to give up: the next beat may get through.
                try:
                    with own.cursor() as cursor:
                        cursor.execute(
                            f"UPDATE {table} SET beat = beat + 1 WHERE name = %s AND fence = %s",
                            [self.name, self.fence],
                        )
                        if cursor.rowcount == 0:
                            self._lost.set()
                except Error:
                    # A server that was started anew wants a new connection.
                    own.close_if_unusable_or_obsolete()
        finally:
            own.close()


@contextmanager
def held(
    name: str = "journal", *, wait: float | None = None, seconds: float = SECONDS, look: float = _LOOK_SECONDS
) -> Iterator[Held]:
    """Hold a lease for the length of a `with` block; whether it is free is looked at every `look` seconds.

    Waits until it is free, at most `wait` seconds (None: for as long as it takes), and then raises `LeaseBusy`, which
    says who holds it. No clock is compared: a lease is taken over where its holder has shown no sign of life for
    `seconds` of this process's own patience, or at once where the holder is known to be dead.
    """
    with database.troubles():
        lease = _taken(name, wait=wait, seconds=seconds, look=look)
    lease.start()
    try:
        yield lease
    finally:
        with database.troubles():
            lease.stop()


def holder(name: str) -> str | None:
    """Return who holds a lease, as people name it; None where nobody does, or only somebody known to be dead."""
    with database.troubles():
        row = Lease.objects.filter(name=name).first()
    return _named(row.holder) if row is not None and row.holder and not _is_dead(row.holder) else None


def _taken(name: str, *, wait: float | None, seconds: float, look: float) -> Held:
    me = _myself()
    began = changed = time.monotonic()
    seen: tuple[int, int] | None = None
    while True:
        row = _row(name)
        now = time.monotonic()
        if (row.fence, row.beat) != seen:
            seen, changed = (row.fence, row.beat), now
        if (not row.holder or now - changed >= seconds or _is_dead(row.holder)) and _take(row, me):
            return Held(name=name, holder=me, fence=row.fence + 1, seconds=seconds)
        if wait is not None and now - began >= wait:
            raise LeaseBusy(
                "The books are being written by {holder}, and were not free within {wait:g} seconds."
                " Wait until it is done, or stop it, and start again.",
                holder=_named(row.holder),
                wait=wait,
            )
        time.sleep(look if wait is None else min(look, max(wait - (now - began), 0.01)))


def _row(name: str) -> Lease:
    row = Lease.objects.filter(name=name).first()
    if row is None:
        Lease.objects.bulk_create([Lease(name=name)], ignore_conflicts=True)
        row = Lease.objects.get(name=name)
    return cast(Lease, row)


def _take(row: Lease, me: str) -> bool:
    """Take a lease that nobody has touched since it was looked at; of several who try, one gets it."""
    with transaction.atomic(durable=True):
        free = Lease.objects.filter(name=row.name, fence=row.fence, beat=row.beat, holder=row.holder)
        return bool(free.update(holder=me, fence=row.fence + 1, beat=row.beat + 1))


def _host() -> str:
    """Return a name for this machine, or this container of it: process numbers mean something only within one."""
    try:
        within = f"-{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        within = ""
    return f"{platform.node() or 'this computer'}{within}"[:200]


def _myself() -> str:
    return f"{_host()} {os.getpid()} {_TOKEN}"


def _parts(holder: str) -> tuple[str, str, str]:
    """Return machine, number of the process and token of a holder."""
    host, process, token = ["", "", "", *holder.rsplit(" ", 2)][-3:]
    return host, process, token


def _is_dead(holder: str) -> bool:
    """Whether the holder is known to be dead; False where that cannot be told (another machine, Windows)."""
    host, process, token = _parts(holder)
    if host != _host() or not process.isdigit():
        return False
    if int(process) == os.getpid():
        return token != _TOKEN
    # On Windows, asking like this would end the process asked for.
    if os.name != "posix":
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _named(holder: str) -> str:
    host, process, token = _parts(holder)
    if token == _TOKEN:
        return f"this very process ({process})"
    return f"process {process}" if host == _host() else f"process {process} on {host}"
