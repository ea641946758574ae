"""Who was erased at their request: remembered as salted hashes only, and kept out from then on."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from keptword.core.mentions import Name
from keptword.core.problems import KeptwordError
from keptword.intake import database
from keptword.intake.models import Kept, Quarantined, Tombstone, Waiting

_SALT: Final = "tombstone salt"
_AT_ONCE: Final = 500
_WORD: Final = re.compile(r"[^\s\"',:;{}\[\]()<>=]+")
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
    return _digest(user_key, salt=salt())


def _digest(user_key: str, *, salt: str) -> str:
    return hashlib.sha256((salt + user_key).encode()).hexdigest()


def salt() -> str:
    """Return what is put before a key before it is hashed."""
    return kept(_SALT)


def bury(user_keys: Iterable[str], *, now: datetime) -> int:
    """Leave a tombstone for each of the keys and return how many are new."""
    return bury_digests((digest(key) for key in user_keys), now=now)


def bury_digests(told: Iterable[str], *, now: datetime) -> int:
    """Leave tombstones that other books with the same salt have, and return how many are new."""
    digests = set(told)
    with database.troubles(), transaction.atomic(durable=True):
        there = digests.intersection(Tombstone.objects.values_list("digest", flat=True))
        Tombstone.objects.bulk_create(
            [Tombstone(digest=each, since=now) for each in sorted(digests - there)], ignore_conflicts=True
        )
    return len(digests - there)


def is_buried(user_key: str) -> bool:
    """Whether somebody of this key was erased."""
    return bool(erased([user_key]))


def erased(user_keys: Iterable[str]) -> set[str]:
    """Return those of some keys whose people were erased."""
    secret = salt()
    keys = {_digest(key, salt=secret): key for key in {*user_keys}}
    with database.troubles():
        return {keys[each] for each in Tombstone.objects.filter(digest__in=keys).values_list("digest", flat=True)}


def refuse(user_keys: Iterable[str]) -> None:
    """Raise `KeptwordError` where somebody of some keys was erased: nothing is written down of them any more."""
    if erased(user_keys):
        raise KeptwordError("This customer was erased at their request. Nothing is written down of them any more.")


def buried() -> list[str]:
    """Return the digests of all who were erased."""
    with database.troubles():
        return list(Tombstone.objects.order_by("digest").values_list("digest", flat=True))


def forget(user_keys: Sequence[str], *, namesakes: Iterable[str] = ()) -> Forgotten:
    """Delete what the database holds of these people: facts that wait, lines in quarantine that name them.

    `namesakes` are keys of others that hold one of these. The bytes go with `database.scrub`. Facts already sealed
    for the journal are the pump's: run it first.
    """
    waiting = quarantined = 0
    others = tuple(namesakes)
    with database.troubles(), transaction.atomic(durable=True):
        for key in user_keys:
            waiting += _deleted(Waiting, [row.pk for row in _waiting(key)])
            quarantined += _deleted(Quarantined, [row.pk for row in _quarantined(key, others=others)])
    return Forgotten(waiting, quarantined)


def held(user_key: str, *, namesakes: Iterable[str] = ()) -> Forgotten:
    """Return how many entries of somebody wait, and how many lines in quarantine name them; nothing is deleted."""
    with database.troubles():
        return Forgotten(len(_waiting(user_key)), len(_quarantined(user_key, others=tuple(namesakes))))


def lines_of(user_key: str, *, namesakes: Iterable[str] = ()) -> list[Quarantined]:
    """Return the lines in quarantine that name somebody, the oldest first."""
    with database.troubles():
        return _quarantined(user_key, others=tuple(namesakes))


def words() -> set[str]:
    """Return whatever may be somebody's key in entries that wait and in lines that could not be read."""
    found = set()
    with database.troubles():
        for content in Waiting.objects.values_list("content", flat=True).iterator():
            found |= {key for name in _COLUMNS if (key := json.loads(content).get(name))}
        for row in Quarantined.objects.iterator():
            found |= {*_WORD.findall(row.content), *_WORD.findall(row.reason), *_named(row.content)}
    return found


def _named(line: str) -> set[str]:
    try:
        read = json.loads(line)
    except (ValueError, RecursionError):
        return set()
    return {key for name in _COLUMNS if isinstance(key := read.get(name), str)} if isinstance(read, dict) else set()


def _waiting(key: str) -> list[Waiting]:
    rows = {row.pk: row for written in _written(key) for row in Waiting.objects.filter(content__contains=written)}
    # The database does not tell large letters from small ones when it looks for a part of a text.
    return [
        row
        for row in rows.values()
        if row.batch_id is None and key in {json.loads(row.content).get(name) for name in _COLUMNS}
    ]


def _quarantined(key: str, *, others: tuple[str, ...]) -> list[Quarantined]:
    rows = {
        row.pk: row
        for written in {key, json.dumps(key)[1:-1]}
        for row in Quarantined.objects.filter(Q(content__contains=written) | Q(reason__contains=written))
    }
    return [row for _, row in sorted(rows.items()) if _is_named(row, key, others=others)]


def _is_named(row: Quarantined, key: str, *, others: tuple[str, ...]) -> bool:
    """Whether a line names them: as they are written, or as JSON writes a text, and not as a part of another's key."""
    theirs = _named(row.content)
    if key in theirs:
        return True
    name = Name(key, (*others, *theirs))
    escaped = Name(json.dumps(key)[1:-1], tuple(json.dumps(each)[1:-1] for each in name.namesakes))
    return any(each.is_in(text) for each in (name, escaped) for text in (row.content, row.reason))


def _deleted(model: type[Waiting] | type[Quarantined], keys: list[int]) -> int:
    return sum(
        int(model.objects.filter(pk__in=keys[begin : begin + _AT_ONCE]).delete()[0])
        for begin in range(0, len(keys), _AT_ONCE)
    )


def _written(key: str) -> list[str]:
    """Return how a key stands in canonical JSON, as the user's own and as the other end of a word of mouth."""
    text = json.dumps(key, ensure_ascii=False)
    return [f'"{column}":{text}' for column in _COLUMNS]
