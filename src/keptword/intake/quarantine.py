"""Lines we could not read, and entries that contradict what is there: listed, shown, mended and posted again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import transaction
from django.db.models import Count, Min

from keptword.core.calendars.zones import zone
from keptword.core.problems import KeptwordError
from keptword.core.schema import FACT_SCHEMA
from keptword.intake import database
from keptword.intake.door import AT_ONCE, Posted, accept, sorted_out, stamped
from keptword.intake.models import Quarantined

_QUOTED: Final = re.compile(r'"[^"]*"')
_DIGITS: Final = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True)
class Refusal:
    """A line as it came, why it was refused, where it came from, and since when it waits; `number` names it."""

    number: int
    content: str
    reason: str
    place: str
    since: datetime


@dataclass(frozen=True)
class Reason:
    """One kind of reason, as the first line it refused has it; how many lines, and the first one's number and day."""

    reason: str
    count: int
    first: int
    since: datetime


def count() -> int:
    """Return how many lines wait to be mended."""
    with database.troubles():
        return int(Quarantined.objects.count())


def listed(*, limit: int | None = 100, after: int = 0) -> list[Refusal]:
    """Return the lines that wait to be mended, oldest first: at most `limit` of those numbered above `after`."""
    with database.troubles():
        return [_refusal(row) for row in Quarantined.objects.filter(pk__gt=after).order_by("pk")[:limit]]


def page(offset: int, size: int) -> list[Refusal]:
    """Return some of the lines that wait to be mended, the newest first: `size` of them after the first `offset`."""
    with database.troubles():
        return [_refusal(row) for row in Quarantined.objects.order_by("-pk")[offset : offset + size]]


def drop(number: int) -> Refusal:
    """Delete a line for good, and return it; KeptwordError where there is none of that number."""
    line = shown(number)
    with database.troubles():
        Quarantined.objects.filter(pk=number).delete()
    return line


def reasons() -> list[Reason]:
    """Return the kinds of reasons by how many lines they refused, most first.

    Reasons that differ only in what the line said are one: in numbers, and in quoted texts that are no column.
    """
    counts: dict[str, list[int]] = {}
    with database.troubles():
        grouped = Quarantined.objects.values_list("reason").annotate(count=Count("pk"), first=Min("pk"))
        for reason, count, first in grouped.order_by("first").iterator():
            counts.setdefault(_shape(reason), [0, first])[0] += count
        firsts = Quarantined.objects.in_bulk([first for _, first in counts.values()])
    most = sorted((-count, first) for count, first in counts.values())
    return [Reason(firsts[first].reason, -count, first=first, since=firsts[first].since) for count, first in most]


def _shape(reason: str) -> str:
    """Return a reason without what is the line's own."""
    quoted = _QUOTED.sub(lambda text: text[0] if text[0][1:-1] in FACT_SCHEMA else '"…"', reason)
    return _DIGITS.sub("#", quoted)


def shown(number: int) -> Refusal:
    """Return one line by its number; KeptwordError where there is none."""
    with database.troubles():
        row = Quarantined.objects.filter(pk=number).first()
    if row is None:
        raise KeptwordError(
            f"There is no line numbered {number} among those we could not read. `keptword quarantine list` shows them."
        )
    return _refusal(row)


def replay(
    numbers: Iterable[int] | None = None,
    mended: Mapping[int, str] | None = None,
    *,
    timezone: str | None,
    now: datetime,
) -> Posted:
    """Post lines again, all of them where no numbers are given; `mended` has a line's new text by its number.

    What is accepted, or known by now, is in quarantine no more; what is refused again stays there, as mended and with
    the new reason. Each hundred lines move in one transaction. KeptwordError where a number is not there.
    """
    texts = dict(mended or {})
    asked = None if numbers is None else sorted({*numbers, *texts})
    for number in asked if asked is not None else sorted(texts):
        shown(number)
    done, last = Posted(), 0
    until = Quarantined.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    turns = iter(asked or ())
    while True:
        if asked is None:
            rows = list(Quarantined.objects.filter(pk__gt=last, pk__lte=until).order_by("pk")[:AT_ONCE])
        else:
            rows = list(Quarantined.objects.filter(pk__in=list(islice(turns, AT_ONCE))).order_by("pk"))
        if not rows:
            return done
        last = rows[-1].pk
        with database.troubles(), transaction.atomic(durable=True):
            for row in rows:
                done += _replayed(row, texts.get(row.pk, row.content), timezone=timezone, now=now)


def _replayed(row: Quarantined, text: str, *, timezone: str | None, now: datetime) -> Posted:
    facts, asides = sorted_out([(1, text)], zone=zone(timezone), now=stamped(now), place=row.place)
    # Deleted first, so that the same text refused again finds its place free.
    Quarantined.objects.filter(pk=row.pk).delete()
    posted = accept(facts, asides=[], now=now)
    if asides:
        _stays(row, text, digest=asides[0].digest, reason=asides[0].reason)
        return Posted(refused=1)
    return posted


def _stays(row: Quarantined, text: str, *, digest: str, reason: str) -> None:
    """Leave a line where it is, under its number and since when it was, as it reads now."""
    if not Quarantined.objects.filter(digest=digest).exists():
        Quarantined.objects.create(
            pk=row.pk, digest=digest, content=text, reason=reason, place=row.place, since=row.since
        )


def _refusal(row: Quarantined) -> Refusal:
    return Refusal(row.pk, row.content, reason=row.reason, place=row.place, since=row.since)
