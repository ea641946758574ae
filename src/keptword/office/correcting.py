"""Corrects the address book by hand: what a colleague writes is newer than whatever files told before."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.db import transaction

from keptword.core.problems import KeptwordError
from keptword.intake import database, tombstones
from keptword.office.models import Person, PersonWord
from keptword.office.search_words import cleaned, words_of

_ADDRESS: Final = re.compile(r"[^\s<>()\[\]:;,\"'@]+@[^\s<>()\[\]:;,\"'@]+\.[^\s<>()\[\]:;,\"'@.]+")
_LONGEST_MAIL: Final = 254
_PARTS: Final = ("name", "mail", "phone", "country", "language")


def correct(user_key: str, *, name: str, mail: str, phone: str, language: str, country: str, now: datetime) -> Person:
    """Write what is known of a customer as a colleague says it is, and return them; a part may be emptied.

    They are found by the new words from then on. Raises `KeptwordError` for a mail address that is none, and for
    somebody who was erased.
    """
    if mail.strip() and (len(mail.strip()) > _LONGEST_MAIL or not _ADDRESS.fullmatch(mail.strip())):
        raise KeptwordError('"{mail}" is no mail address. Write it whole, or leave it empty.', mail=mail.strip()[:60])
    tombstones.refuse([user_key])
    told = {
        "name": cleaned(name, longest=255),
        "mail": mail.strip(),
        "phone": cleaned(phone, longest=64),
        "language": cleaned(language, longest=16),
        "country": _code(cleaned(country, longest=16)),
    }
    with database.troubles(), transaction.atomic():
        emptied = " ".join(name for name in _there(user_key) if not told[name])
        defaults = {**told, "emptied": emptied, "updated_at": now}
        person, _ = Person.objects.update_or_create(user_key=user_key, defaults=defaults)
        PersonWord.objects.filter(person=person).delete()
        words = words_of(name=told["name"], mail=told["mail"], phone=told["phone"])
        PersonWord.objects.bulk_create([PersonWord(word=word, person=person) for word in words])
    return person


def _there(user_key: str) -> list[str]:
    """Return the parts that something stands in, or that were emptied before."""
    person = Person.objects.filter(pk=user_key).first()
    if person is None:
        return []
    return [name for name in _PARTS if getattr(person, name) or name in person.emptied.split()]


def _code(country: str) -> str:
    return country.upper() if len(country) == 2 else country
