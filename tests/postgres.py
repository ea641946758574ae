"""A real PostgreSQL server for as long as a test needs one: its programs found, its data in a folder that goes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 30


def programs() -> Path | None:
    """Return the folder of `initdb` and `postgres`: KEPTWORD_POSTGRES, Debian's newest, else what the path has."""
    named = os.environ.get("KEPTWORD_POSTGRES")
    if named:
        return None if named == "none" else Path(named)
    versions = Path("/usr/lib/postgresql")
    there = sorted(versions.glob("*/bin"), key=lambda path: float(path.parent.name)) if versions.is_dir() else []
    for folder in reversed(there):
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def why_not() -> str | None:
    """Return why no server can be started here; None where one can."""
    if programs() is None:
        return "no PostgreSQL here; to have one: sudo apt install postgresql"
    if _is_root() and _account() is None:
        return "PostgreSQL does not run as root, and there is no other account to start it as"
    return None


@contextmanager
def server() -> Iterator[str]:
    """Run a server on this computer alone, and give the address of an empty database on it."""
    place = programs()
    assert place is not None
    folder = Path(tempfile.mkdtemp(prefix="keptword-postgres-"))
    try:
        if _is_root():
            shutil.chown(folder, user=_account())
        data, port = folder / "data", _free_port()
        made = [place / "initdb", "-D", data, "-U", "keptword", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
        subprocess.run(list(map(str, made)), check=True, capture_output=True, **_as_whom(folder))
        # The journal of a server that is thrown away need not outlive a power cut.
        told = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off"]
        command = [str(place / "postgres"), "-D", str(data), *(part for each in told for part in ("-c", each))]
        with (folder / "log").open("wb") as log:
            running = subprocess.Popen(command, stdout=log, stderr=log, **_as_whom(folder))
        try:
            address = f"postgres://keptword@127.0.0.1:{port}/keptword"
            _make_database(port, folder=folder)
            yield address
        finally:
            running.terminate()
            running.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(address: str, statement: str) -> None:
    """Run one statement on the server, in its own database `postgres`."""
    import psycopg

    with psycopg.connect(address.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def _make_database(port: int, *, folder: Path) -> None:
    import psycopg

    until = time.monotonic() + SECONDS
    while True:
        try:
            run(f"postgres://keptword@127.0.0.1:{port}/keptword", "CREATE DATABASE keptword")
            return
        except psycopg.OperationalError:
            assert time.monotonic() < until, (folder / "log").read_text(encoding="utf-8", errors="replace")
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _is_root() -> bool:
    return getattr(os, "geteuid", lambda: 1)() == 0


def _account() -> str | None:
    """Return the account the server runs as where these tests run as root, which it refuses."""
    import pwd

    known = {each.pw_name for each in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def _as_whom(folder: Path) -> dict[str, Any]:
    return {"cwd": folder, **({"user": _account(), "group": None} if _is_root() else {})}
