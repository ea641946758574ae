"""Puts what the headers say into the engine, a piece at a time: one row per message, with its conversation."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import ibis
import numpy as np
from ibis.expr.types import Table

from keptword.engines.duckdb import Engine, quoted
from keptword.sources.files import Opened
from keptword.sources.files.opened import Pace
from keptword.sources.files.paths import unreadable
from keptword.sources.mailbox.headers import headers_of
from keptword.sources.mailbox.scanning import header_blocks
from keptword.sources.mailbox.threads import conversations
from keptword.sources.source import Reading

_AT_ONCE: Final = 50_000
_MAIL: Final = {
    "file": "int32",
    "line": "int64",
    "node": "int64",
    "seconds": "int64",
    "offset": "int32",
    "sender": "string",
    "receivers": "string",
    "message": "string",
    "root": "string",
    "answers": "boolean",
    "is_automatic": "boolean",
    "reason": "string",
    "name": "string",
}
_THREADS: Final = {"node": "int64", "thread": "int64"}


@dataclass(frozen=True)
class _Links:
    """Which message each row is, and which pairs of messages belong together, as numbers of eight bytes each."""

    messages: array[int] = field(default_factory=lambda: array("q"))
    ones: array[int] = field(default_factory=lambda: array("q"))
    others: array[int] = field(default_factory=lambda: array("q"))

    def add(self, links: tuple[int, ...]) -> None:
        self.messages.append(links[0])
        self.ones.extend([links[0]] * (len(links) - 1))
        self.others.extend(links[1:])


def stored(reading: Reading, files: Sequence[Opened]) -> tuple[Table, Table]:
    """Return the messages of all files as their headers have them, and to which conversation each belongs.

    The first has one row per message and place it lies at: `file` (its number), `line`, `node`, `seconds` (since
    1970, UTC), `offset` (minutes), `sender`, `receivers`, `message`, `root`, `answers`, `is_automatic`, `reason`
    (see `Headers`), and `name`, which is empty unless contacts are asked for. The second has one row per message:
    `node`, `thread`.
    """
    links = _Links()
    mail = _piecewise(reading.engine, "mail", schema=_MAIL, rows=_rows(reading, files, links))
    return mail, _piecewise(reading.engine, "mail_threads", schema=_THREADS, rows=_threads(links))


def _piecewise(engine: Engine, stem: str, *, schema: Mapping[str, str], rows: Iterator[Sequence[Any]]) -> Table:
    """Store rows made one by one, without ever holding more than a piece of them outside of the engine."""
    table = engine.put(stem, schema, rows=[])
    while piece := list(islice(rows, _AT_ONCE)):
        put = engine.put(stem, schema, rows=piece).get_name()
        engine.sql(f"INSERT INTO {quoted(table.get_name())} SELECT * FROM {quoted(put)}")
        engine.sql(f"DROP TABLE {quoted(put)}")
    return table


def _rows(reading: Reading, files: Sequence[Opened], links: _Links) -> Iterator[Sequence[Any]]:
    for number, file in enumerate(files):
        try:
            pace = Pace(reading.progress, doing=f"reading {file.name}", size=file.readable.stat().st_size)
            for line, block in header_blocks(file.readable, pace=pace):
                *kept, linked = headers_of(block, named=reading.contacts)
                links.add(linked)
                yield (number, line, linked[0], *kept)
        except OSError as error:
            raise unreadable(file.path, error) from error


def _threads(links: _Links) -> Iterator[Sequence[Any]]:
    messages, ones, others = (np.array(each, dtype=np.int64) for each in (links.messages, links.ones, links.others))
    thread = conversations(messages, ones=ones, others=others)
    nodes, places = np.unique(messages, return_index=True)
    for begin in range(0, len(nodes), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        yield from zip(nodes[part].tolist(), thread[places[part]].tolist(), strict=True)


def exploded(mail: Table) -> Table:
    """Return one row per message and receiver, with the receiver as `receiver`; none for a message without any."""
    rows = mail.mutate(receiver=mail.receivers.split(" ").unnest())
    return rows.filter(rows.receiver != "")


def once(mail: Table, threads: Table) -> Table:
    """Return the messages that could be read, each once: the first copy, with `thread`, `subject` and `at` (UTC).

    The subject carries the digest of the message that began the conversation, as its earliest message names it.
    """
    readable = mail.filter(mail.reason == "")
    place = ibis.row_number().over(group_by="message", order_by=["file", "line"])
    rows = readable.mutate(place=place).filter(lambda row: row.place == 0).drop("place", "reason")
    rows = rows.inner_join(threads, "node")
    place = ibis.row_number().over(group_by="thread", order_by=["seconds", "message"])
    first = rows.mutate(place=place).filter(lambda row: row.place == 0)
    rows = rows.inner_join(first.select("thread", begun_by="root"), "thread")
    epoch = ibis.literal("1970-01-01 00:00:00").cast("timestamp(6)")
    return rows.select(
        *("file", "line", "offset", "sender", "name", "receivers", "message", "answers", "is_automatic", "thread"),
        subject="conversation:" + rows.begun_by,
        at=epoch + rows.seconds.as_interval("s"),
    )
