"""The log: lines of JSON on standard error, or lines for people on a terminal; nobody's key or address in any."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog

VARIABLE: Final = "KEPTWORD_LOG"
"""The variable that says how it is written: `json`, `text`, or `quiet` (for people, and only what went wrong)."""

_OURS: Final = ("keptword", "django", "_granian")

Entry = MutableMapping[str, Any]


def write_logs(*, process: str, stream: TextIO | None = None) -> None:
    """Write what this process logs to standard error from now on; `process` names it in every line.

    Unless `VARIABLE` says otherwise, that is JSON, one line a request, and on a terminal only what went wrong.
    """
    stream = stream or sys.stderr
    form = os.environ.get(VARIABLE) or ("quiet" if stream.isatty() else "json")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(form, process=process, colors=stream.isatty()))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("keptword").setLevel(logging.WARNING if form == "quiet" else logging.INFO)
    # What Django warns of is a request refused, told with its address; the line of the request has it without.
    logging.getLogger("django").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _formatter(form: str, *, process: str, colors: bool) -> logging.Formatter:
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_address,
        lambda _logger, _method, entry: {**entry, "process": process},
    ]
    if form == "json":
        last: list[Any] = [
            structlog.processors.dict_tracebacks,
            _without_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        last = [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def _without_address(_: Any, __: str, entry: Entry) -> Entry:
    """Say of a page that broke which one it was, and not its address: a customer's key may stand in that."""
    request = entry.pop("request", None)
    if request is not None:
        match = getattr(request, "resolver_match", None)
        entry["event"] = "a page broke"
        entry["page"] = match.view_name if match else "none"
        entry.pop("status_code", None)
    return entry


def _without_values(_: Any, __: str, entry: Entry) -> Entry:
    """Leave out of a traceback what the names stood for: customers' names and words may be among it."""
    for each in entry.get("exception", ()):
        for frame in each.get("frames", ()):
            frame.pop("locals", None)
    return entry
