"""Who was erased at their request: remembered as salted hashes only, and kept out from then on."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from keptword.core.mentions import Name
from keptword.intake import database
from keptword.intake.models import Kept, Quarantined, Tombstone, Waiting

_SALT: Final = "tombstone salt"
_AT_ONCE: Final = 500
_COLUMNS: Final = ("user_key", "other_user")


@dataclass(frozen=True)
class Forgotten:
    """How many entries of somebody waited, and how many lay in quarantine; none of them is there any more."""

    waiting: int
    quarantined: int


def kept(key: str) -> str:
    """Return the secret kept under a name, made of 32 random bytes where it was not asked for before."""
    with database.troubles():
        made, _ = Kept.objects.get_or_create(key=key, defaults={"value": secrets.token_hex(32)})
    return str(made.value)


def digest(user_key: str) -> str:
    """Return what a tombstone says instead of the key."""
    return hashlib.sha256((salt() + user_key).encode()).hexdigest()


def salt() -> str:
    """Return what is put before a key before it is hashed."""
    return kept(_SALT)


def bury(user_keys: Iterable[str], *, now: datetime) -> int:
    """Leave a tombstone for each of the keys and return how many are new."""
    digests = {digest(key) for key in user_keys}
    with database.troubles(), transaction.atomic(durable=True):
        there = set(Tombstone.objects.filter(digest__in=digests).values_list("digest", flat=True))
        Tombstone.objects.bulk_create(
            [Tombstone(digest=each, since=now) for each in sorted(digests - there)], ignore_conflicts=True
        )
    return len(digests - there)


def is_buried(user_key: str) -> bool:
    """Whether somebody of this key was erased."""
    with database.troubles():
        return bool(Tombstone.objects.filter(digest=digest(user_key)).exists())


def buried() -> list[str]:
    """Return the digests of all who were erased."""
    with database.troubles():
        return list(Tombstone.objects.order_by("digest").values_list("digest", flat=True))


def forget(user_keys: Sequence[str]) -> Forgotten:
    """Delete what the database holds of these people: facts that wait, lines in quarantine that name them.

    The bytes go with `database.scrub`. Facts already sealed for the journal are the pump's: run it first.
    """
    waiting = quarantined = 0
    with database.troubles(), transaction.atomic(durable=True):
        for key in user_keys:
            waiting += _deleted(Waiting, [row.pk for row in _waiting(key)])
            quarantined += _deleted(Quarantined, [row.pk for row in _quarantined(key)])
    return Forgotten(waiting, quarantined)


def held(user_key: str) -> Forgotten:
    """Return how many entries of somebody wait, and how many lines in quarantine name them; nothing is deleted."""
    with database.troubles():
        return Forgotten(len(_waiting(user_key)), len(_quarantined(user_key)))


def lines_of(user_key: str) -> list[Quarantined]:
    """Return the lines in quarantine that name somebody, the oldest first."""
    with database.troubles():
        return _quarantined(user_key)


def _waiting(key: str) -> list[Waiting]:
    rows = {row.pk: row for written in _written(key) for row in Waiting.objects.filter(content__contains=written)}
    # The database does not tell large letters from small ones when it looks for a part of a text.
    return [
        row
        for row in rows.values()
        if row.batch_id is None and key in {json.loads(row.content).get(name) for name in _COLUMNS}
    ]


def _quarantined(key: str) -> list[Quarantined]:
    """Lines that name them: as they stand, for those that are no JSON, and as JSON writes a text."""
    name, escaped = Name(key), Name(json.dumps(key)[1:-1])
    rows = {
        row.pk: row
        for written in {key, escaped.key}
        for row in Quarantined.objects.filter(Q(content__contains=written) | Q(reason__contains=written))
    }
    return [
        row
        for _, row in sorted(rows.items())
        if any(each.is_in(text) for each in (name, escaped) for text in (row.content, row.reason))
    ]


def _deleted(model: type[Waiting] | type[Quarantined], keys: list[int]) -> int:
    return sum(
        int(model.objects.filter(pk__in=keys[begin : begin + _AT_ONCE]).delete()[0])
        for begin in range(0, len(keys), _AT_ONCE)
    )


def _written(key: str) -> list[str]:
    """Return how a key stands in canonical JSON, as the user's own and as the other end of a word of mouth."""
    text = json.dumps(key, ensure_ascii=False)
    return [f'"{column}":{text}' for column in _COLUMNS]
