"""A long list in pages: how it is sorted and filtered stands in its address, and goes with every link on it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from keptword.words import Words

SIZE: Final = 50
FARTHEST: Final = 2_000
"""The last page that can be turned to: beyond it a filter finds things sooner."""


@dataclass(frozen=True)
class Listing:
    """Where in a list somebody is: its filters, its order, its page, how many rows there are in all."""

    path: str
    filters: Mapping[str, str]
    sort: str
    down: bool
    page: int
    total: int
    words: Words
    downloadable: bool = True
    size: int = SIZE
    columns: tuple[str, ...] = field(default=())

    @property
    def offset(self) -> int:
        """How many rows lie before this page."""
        return (self.page - 1) * self.size

    @property
    def said(self) -> str:
        """Which rows are shown of how many, in words."""
        if not self.total:
            return self.words.say("listing.none")
        last = min(self.offset + self.size, self.total)
        return self.words.say("listing.shown", first=self.offset + 1, last=last, count=self.total)

    @property
    def previous(self) -> str:
        """The address of the page before, empty where this is the first."""
        return self._address(page=self.page - 1) if self.page > 1 else ""

    @property
    def next(self) -> str:
        """The address of the page after, empty where this is the last."""
        return self._address(page=self.page + 1) if self.offset + self.size < self.total else ""

    @property
    def download(self) -> str:
        """The address of the whole list as CSV, filtered and sorted as it is shown."""
        return self._address(page=1, form="csv") if self.downloadable else ""

    def sorted_by(self, column: str) -> str:
        """Say for screen readers how the list is sorted by a column; nothing where it is not."""
        return ("descending" if self.down else "ascending") if column == self.sort else ""

    def by(self, column: str) -> str:
        """Return the address of the list sorted by a column; the other way round where it is already."""
        down = column == self.sort and not self.down
        return self._address(page=1, sort=f"-{column}" if down else column)

    def without(self, name: str) -> str:
        """Return the address of the list without one of its filters."""
        return self._address(page=1, leave=name)

    def _address(self, *, page: int, sort: str = "", form: str = "", leave: str = "") -> str:
        told = {name: value for name, value in self.filters.items() if value and name != leave}
        told["sort"] = sort or (f"-{self.sort}" if self.down else self.sort)
        if page > 1:
            told["page"] = str(page)
        if form:
            told["form"] = form
        return f"{self.path}?{urlencode(told)}"


def asked(
    request: HttpRequest, *, filters: Sequence[str], columns: Sequence[str], sort: str, total: int = 0
) -> Listing:
    """Return what an address asks for of a list: only filters and columns that there are; `sort` where it says none.

    `sort` and the address's own begin with "-" where the largest comes first.
    """
    told = request.GET.get("sort", sort)
    column = told.removeprefix("-")
    if column not in columns:
        told, column = sort, sort.removeprefix("-")
    page = request.GET.get("page", "1")
    return Listing(
        path=request.path,
        filters={name: request.GET.get(name, "").replace("\0", "")[:200] for name in filters},
        sort=column,
        down=told.startswith("-"),
        page=min(max(int(page), 1), FARTHEST) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        total=total,
        words=request.words,
        columns=tuple(columns),
    )


def wants_csv(request: HttpRequest) -> bool:
    """Tell whether the list is asked for as a file."""
    return request.GET.get("form") == "csv"


def as_csv(name: str, *, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return rows as a CSV file to be saved under a name, row by row, in UTF-8 as spreadsheets expect it.

    A text that a spreadsheet would take for a formula is kept from that by an apostrophe.
    """
    response = StreamingHttpResponse(_lines(heads, rows), content_type="text/csv; charset=utf-8")
    # A name that is not ASCII is told as RFC 6266 has it; Django would make a mail's encoded word of it.
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.csv") or "attachment"
    return response


def _lines(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
        if buffer.tell() > 30_000:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: Any) -> bytes:
    text: str = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
