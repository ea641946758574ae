"""Processes that end in the midst of something, as if killed: nothing they began is tidied up."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any


def ends_at(statement: str) -> Callable[..., Any]:
    """A hook of Django's that ends the process before it sends a statement that begins like this."""

    def hooked(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(statement):
            os._exit(9)
        return execute(sql, params, many, context)

    return hooked


def _post_due(path: str, now: str, statement: str) -> None:
    from keptword.web.settings import configure

    configure()
    from django.db import connection

    from keptword.intake import database
    from keptword.office import acts

    database.connect(Path(path))
    with connection.execute_wrapper(ends_at(statement)):
        acts.post_due(datetime.fromisoformat(now))


def post_due_killed(path: Path, *, now: datetime, statement: str) -> int:
    """Post what is due in another process that ends before a statement; return how it ended."""
    process = multiprocessing.get_context("spawn").Process(
        target=_post_due, args=(str(path), now.isoformat(), statement)
    )
    process.start()
    process.join(60)
    return int(process.exitcode or 0)
