"""The address book: who the customers are, so that a colleague finds them by name and can write to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from keptword.intake import database, tombstones
from keptword.office.models import Person, PersonWord
from keptword.office.search_words import MOST, asked, cleaned, words_of

AT_ONCE: Final = 10_000
"""People written by one transaction: each waits for the disk once."""

_LOOKED_UP: Final = 900
_A_STATEMENT: Final = 50
_COMMON: Final = 3_000
_LOOKED_AT: Final = 800
_FIRST: Final = 200
"""How many people are looked at where words are common: at first, where that bears fruit, and at most."""

_LAST: Final = "\U0010ffff"
_LONGEST_CELL: Final = 300
_LONGEST_MAIL: Final = 254
_SHORTEST_PHONE: Final = 5
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]:;,\"']+@[^\s<>()\[\]:;,\"']+")
_PARTS: Final = ("name", "mail", "phone", "country", "language")
_COLUMNS: Final = ("user_key", *_PARTS, "emptied", "updated_at")

_PEOPLE: Final = f"INSERT INTO office_person ({', '.join(_COLUMNS)}) VALUES "
_ANEW: Final = (
    f" ON CONFLICT (user_key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[1:])}"
)
_WORDS: Final = "INSERT INTO office_personword (word, person_id) VALUES "
_ONCE: Final = " ON CONFLICT DO NOTHING"
_WITHOUT: Final = "DELETE FROM office_personword WHERE word = %s AND person_id = %s"


Within = Callable[[], AbstractContextManager[None]]


class Contact(NamedTuple):
    """What is known of one person, and the moment (UTC, without saying so) of the newest thing that told of them.

    `emptied` names the parts that a colleague emptied.
    """

    user_key: str
    name: str
    mail: str
    phone: str
    country: str
    language: str
    emptied: str
    updated_at: datetime


def remember(rows: Iterable[Sequence[Any]], *, now: datetime, within: Within | None = None) -> int:
    """Write people into the address book and return how many are new there or say something new.

    `rows` has for each `user_key`, `name`, `mail`, `phone`, `country`, `language` and the moment (UTC) of the newest
    thing that told of them, one row a person. An older row only fills what is empty, unless a colleague emptied it;
    what a colleague wrote (`updated_at` is when) is as new as that. Whoever was erased stays away.
    May be called again with the same rows: nothing changes then. `within` gives the transaction to write each block in,
    where one must hold something while writing; who is erased is looked up once, so it had better keep that away.
    """
    buried = set(tombstones.buried())
    is_empty = not Person.objects.exists()
    written = 0
    moment = now.astimezone(UTC).replace(tzinfo=None)
    people = (_contact(row, now=moment) for row in rows)
    kept = (one for one in people if _is_known(one) and not (buried and tombstones.digest(one.user_key) in buried))
    for block in _blocks(kept):
        with database.troubles(), within() if within else transaction.atomic(durable=True):
            written += _write(block, there={} if is_empty else _there([one.user_key for one in block]))
            # From the first block on a colleague may have corrected one of those that are still to come.
            is_empty = False
    return written


def _blocks(people: Iterator[Contact]) -> Iterator[list[Contact]]:
    while block := list(islice(people, AT_ONCE)):
        yield block


def _contact(row: Sequence[Any], *, now: datetime) -> Contact:
    user_key, name, mail, phone, country, language, told_at = row
    if told_at is not None and told_at.tzinfo is not None:
        told_at = told_at.astimezone(UTC).replace(tzinfo=None)
    return Contact(
        user_key,
        cleaned(name, longest=255),
        _mail(mail) if mail else "",
        _phone(phone) if phone else "",
        _code(country) if country else "",
        cleaned(language, longest=16),
        "",
        # What a file tells of days to come is not newer than what is told today.
        now if told_at is None or told_at > now else told_at,
    )


def _mail(cell: str) -> str:
    """Return the first mail address in a cell, or nothing."""
    plain = cleaned(cell, longest=_LONGEST_CELL)
    if not _ADDRESS.fullmatch(plain):
        found = _ADDRESS.search(plain)
        plain = found.group() if found else ""
    return plain if len(plain) <= _LONGEST_MAIL else ""


def _phone(cell: str) -> str:
    plain = cleaned(cell, longest=64).lstrip("'")
    return plain if sum(sign.isdigit() for sign in plain) >= _SHORTEST_PHONE else ""


def _code(cell: str) -> str:
    plain = cleaned(cell, longest=16)
    return plain.upper() if len(plain) == 2 else plain


def _is_known(one: Contact) -> bool:
    return bool(one.name or one.mail or one.phone)


def _there(keys: Sequence[str]) -> dict[str, Contact]:
    found: dict[str, Contact] = {}
    for begin in range(0, len(keys), _LOOKED_UP):
        rows = Person.objects.filter(pk__in=keys[begin : begin + _LOOKED_UP]).values_list(*_COLUMNS)
        found.update((row[0], Contact._make((*row[:-1], row[-1].astimezone(UTC).replace(tzinfo=None)))) for row in rows)
    return found


def _write(block: Sequence[Contact], *, there: Mapping[str, Contact]) -> int:
    """Write those who are new or say something new; of their words only those that come and go."""
    changed: dict[str, Contact] = {}
    for one in block:
        old = changed.get(one.user_key) or there.get(one.user_key)
        new = one if old is None else _merged(old, one)
        if new is not old:
            changed[one.user_key] = new
    come: list[tuple[str, str]] = []
    gone: list[tuple[str, str]] = []
    for key, new in changed.items():
        before, after = _words(there[key]) if key in there else [], _words(new)
        come += [(word, key) for word in after if word not in before]
        gone += [(word, key) for word in before if word not in after]
    with connection.cursor() as cursor:
        _insert(cursor, _PEOPLE, [(*new[:-1], new.updated_at.isoformat(" ")) for new in changed.values()], _ANEW)
        cursor.executemany(_WITHOUT, gone)
        # In their order they fall on the same pages of the index, which else are read for each.
        _insert(cursor, _WORDS, sorted(come), _ONCE)
    return len(changed)


def _insert(cursor: Any, head: str, rows: Sequence[tuple[str, ...]], tail: str) -> None:
    """Insert rows many at a time, which takes half as long as one by one."""
    whole = len(rows) // _A_STATEMENT * _A_STATEMENT
    for some, count in ((rows[:whole], _A_STATEMENT), (rows[whole:], len(rows) - whole)):
        if some:
            marks = "(" + ", ".join(["%s"] * len(some[0])) + ")"
            statement = head + ", ".join([marks] * count) + tail
            begins = range(0, len(some), count)
            cursor.executemany(statement, [[*chain.from_iterable(some[at : at + count])] for at in begins])


def _merged(old: Contact, new: Contact) -> Contact:
    """Return both as one, of each part the newer that is not empty; `old` itself where nothing is new."""
    first, second = (new, old) if new.updated_at >= old.updated_at else (old, new)
    stays_empty = first.emptied.split()
    parts = {name: getattr(first, name) or ("" if name in stays_empty else getattr(second, name)) for name in _PARTS}
    if all(getattr(old, name) == value for name, value in parts.items()):
        return old
    emptied = " ".join(name for name in old.emptied.split() if not parts[name])
    return Contact(new.user_key, **parts, emptied=emptied, updated_at=first.updated_at)


def _words(one: Contact) -> list[str]:
    return words_of(name=one.name, mail=one.mail, phone=one.phone)


def forget(user_keys: Sequence[str]) -> int:
    """Take people out of the address book with the words they are found by, and return how many were in it.

    Their bytes go with `database.scrub`.
    """
    gone = 0
    with database.troubles(), transaction.atomic():
        for begin in range(0, len(user_keys), _LOOKED_UP):
            some = list(user_keys[begin : begin + _LOOKED_UP])
            words = [(word, key) for key, one in _there(some).items() for word in _words(one)]
            with connection.cursor() as cursor:
                cursor.executemany(_WITHOUT, words)
            gone += Person.objects.filter(pk__in=some)._raw_delete(connection.alias)
        # What an earlier version found them by.
        PersonWord.objects.exclude(person__in=Person.objects.all())._raw_delete(connection.alias)
    return gone


def person(user_key: str) -> Person | None:
    """Return one person of the address book, or None where it knows nothing of them."""
    return several([user_key]).get(user_key)


def several(user_keys: Iterable[str]) -> dict[str, Person]:
    """Return those of some people whom the address book knows, by their key."""
    # A key with a zero in it is nobody's, and PostgreSQL does not let itself be asked for one.
    keys = [key for key in dict.fromkeys(user_keys) if "\0" not in key]
    found: dict[str, Person] = {}
    with database.troubles():
        for begin in range(0, len(keys), _LOOKED_UP):
            found.update(Person.objects.in_bulk(keys[begin : begin + _LOOKED_UP]))
    return found


def counted(user_keys: Iterable[str]) -> int:
    """Return how many of some people the address book knows."""
    keys = list(user_keys)
    with database.troubles():
        begins = range(0, len(keys), _LOOKED_UP)
        return sum(Person.objects.filter(pk__in=keys[begin : begin + _LOOKED_UP]).count() for begin in begins)


def with_mail(mail: str) -> list[Person]:
    """Return the people whose mail address is this one or holds it, whatever its letter case; all are looked through.

    To find the one whose address it is, `found` is faster.
    """
    with database.troubles():
        return list(Person.objects.filter(mail__icontains=mail).order_by("pk"))


def found(text: str, *, limit: int = 20) -> list[Person]:
    """Return at most `limit` people found by a text: each of its words begins one of theirs, the exact ones first.

    Accents and letter case count for nothing; a mail address or a phone number may be given as it is. Nobody is found
    by an empty text. Where a text is made of single letters alone, only the first thousands are looked at.
    """
    words = asked(text)
    if not words:
        return []
    with database.troubles():
        if len(words) == 1:
            return _known(_beginning(words, most=limit * MOST)[:limit])
        return _with_all(words, limit=limit)


def _with_all(words: Sequence[str], *, limit: int) -> list[Person]:
    """Return people who have all of several words.

    Mostly the first who have the rarest word are enough. Where they are not, those who have all words are looked up;
    single letters, which half of all have, are left to the end.
    """
    counts = {word: _count(word) for word in words}
    rarest = min(words, key=lambda word: counts[word])
    if not counts[rarest]:
        return []
    keys = _beginning([rarest], most=_LOOKED_AT)
    first = _having(words, keys[:_FIRST])
    if len(first) < limit <= len(first) * len(keys) // _FIRST or counts[rarest] < _LOOKED_AT:
        first += _having(words, keys[_FIRST:])
    if len(first) >= limit or counts[rarest] < _LOOKED_AT:
        return first[:limit]
    long = [word for word in words if len(word) > 1 or not word.isascii()]
    if not long:
        return _having(words, _beginning([rarest], most=_COMMON))[:limit]
    all_long = _beginning(sorted(long, key=lambda word: counts[word]), most=limit * MOST if long == words else _COMMON)
    return _having(words, all_long)[:limit]


def _beginning(words: Sequence[str], *, most: int) -> list[str]:
    """Return the keys of people with a word that begins with each of the words, in the order of the first one."""
    range_, begins = _range(words[0])
    statement = f"SELECT word, person_id FROM office_personword WHERE {range_}"
    for word in words[1:]:
        also, more = _range(word)
        # Put so that each word is looked up once, and not once for each of the people who have the first.
        statement += f" AND person_id || '' IN (SELECT person_id FROM office_personword WHERE {also})"
        begins += more
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY word, person_id LIMIT %s", [*begins, most])
        # A person may have several words that begin so.
        return list(dict.fromkeys(key for _, key in cursor.fetchall()))


def _known(keys: Sequence[str]) -> list[Person]:
    there = several(keys)
    return [there[key] for key in keys if key in there]


def _having(words: Sequence[str], keys: Sequence[str]) -> list[Person]:
    """Return those of the people who have all of the words."""
    found = []
    for one in _known(keys):
        theirs = words_of(name=one.name, mail=one.mail, phone=one.phone)
        if all(any(each.startswith(word) for each in theirs) for word in words):
            found.append(one)
    return found


def _count(word: str) -> int:
    """Return how many words begin so, as far as that matters: more than some is many."""
    range_, ends = _range(word)
    counted = f"SELECT count(*) FROM (SELECT 1 FROM office_personword WHERE {range_} LIMIT %s) AS counted"
    with connection.cursor() as cursor:
        cursor.execute(counted, [*ends, _COMMON])
        return int(cursor.fetchone()[0])


def _range(word: str) -> tuple[str, list[str]]:
    """Return the condition that a word begins so, as a range of the index, and its parameters."""
    if connection.vendor == "postgresql":
        # The order of letters there is that of a language, in which what begins so need not stand together.
        return "word LIKE %s", [re.sub(r"([\\%_])", r"\\\1", word) + "%"]
    return "word >= %s AND word < %s", [word, word + _LAST]
