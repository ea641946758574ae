"""What a source is: recognised by header, it turns files into facts and says what it left out and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ibis.expr.types import Table

from keptword.core.problems import Problem
from keptword.engines.duckdb import Engine
from keptword.sources.files import Opened

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Reading:
    """What a source is given to read with.

    `costs` is what things on sale cost the business, where another file told it (see `Read.costs`). Without `stored`
    the facts may stay an expression, to be written to a file in one pass. Only with `contacts` are names and addresses
    read at all (see `Read.contacts`).

    `timezone` is the business's, or None where the stamps' own offset counts; `key` the secret behind the
    pseudonyms; `recorded_at` the moment of reading (UTC); `leave_out` overrides of the rules by which orders
    that are no customer's are left out; `own_addresses` the business's own mail addresses or domains.
    """

    engine: Engine
    key: str
    recorded_at: datetime
    timezone: str | None = None
    leave_out: Mapping[str, Any] = field(default_factory=dict)
    own_addresses: tuple[str, ...] = ()
    progress: Progress | None = None
    stored: bool = True
    costs: Table | None = None
    contacts: bool = False


@dataclass(frozen=True)
class Read:
    """What a source made of its files.

    `facts` has the schema's columns; fact ids are unique in it. `refused` maps each file to a table
    (`line`, `reason`) of the lines that became nothing. `left_out` counts orders left out by rule, by reason.
    `rows` counts the lines read of each file; `offsets` the stamps by their minutes east of UTC. `undated` names
    the kinds of fact that the files cannot date, though they may well have happened. `timezone` is the zone that a
    mapping gives its files. `costs`, where the files tell what things cost the business, has one row a thing on sale:
    `product`, `sku`, `cost`. `contacts`, where the reading asks for them, has one row a person (`contacts.newest`): who
    the people of the facts are, for the address book and nothing else.
    """

    facts: Table
    rows: Mapping[Opened, int]
    refused: Mapping[Opened, Table] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    offsets: Mapping[int, int] = field(default_factory=dict)
    undated: frozenset[str] = frozenset()
    timezone: str | None = None
    costs: Table | None = None
    contacts: Table | None = None


@dataclass(frozen=True)
class Source:
    """One kind of file that needs no mapping: recognised by the columns it cannot be without.

    `required` and `telling` are lower-case column names: all of `required`, or of one of the sets `or_required`, and
    at least one of `telling` (where there are any) must be in the header. `adds` says what this file adds to a report.
    """

    name: str
    title: str
    adds: str
    required: frozenset[str]
    read: Callable[[Reading, Sequence[Opened]], Read]
    telling: frozenset[str] = frozenset()
    or_required: tuple[frozenset[str], ...] = ()
    form: str = "delimited"

    def recognises(self, file: Opened) -> bool:
        """Say whether the file is of this source's form, a table or a mailbox, and its header that of this source."""
        if "mbox" in (self.form, file.form):
            return self.form == file.form
        header = {column.strip().lower() for column in file.header}
        required = any(each <= header for each in (self.required, *self.or_required))
        return required and (not self.telling or bool(self.telling & header))
