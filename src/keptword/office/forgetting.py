"""What the desk holds of one customer beside the entries: to hand it out to them, and to erase it at their request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import models, transaction

from keptword.core.mentions import Name
from keptword.intake import database
from keptword.intake.checking import canonical
from keptword.office import people
from keptword.office.models import Act, Letter, Note, Person

_ERASED: Final = "erased"
_TEXTS: Final = ("subject", "source", "member", "attributes")
"""Where an act may say a second time whom it names, as in the journal (`journal.erasing`)."""

_OF_NOTES: Final = ("text", "at", "removed_at")
_OF_LETTERS: Final = ("subject", "body", "state", "at", "sent_at")
_OF_ACTS: Final = ("kind", "promise_id", "content", "at", "undone_at", "posted_at")


@dataclass(frozen=True)
class Kept:
    """How much the desk holds of somebody: whether the address book has them, notes, letters, and what was done."""

    contacts: int = 0
    notes: int = 0
    letters: int = 0
    acts: int = 0

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.contacts or self.notes or self.letters or self.acts)


def kept(user_key: str) -> Kept:
    """Return how much the desk holds of somebody; nothing is changed."""
    with database.troubles():
        return Kept(
            contacts=Person.objects.filter(pk=user_key).count(),
            notes=Note.objects.filter(user_key=user_key).count(),
            letters=Letter.objects.filter(user_key=user_key).count(),
            acts=Act.objects.filter(user_key=user_key).count(),
        )


def forget(user_keys: Sequence[str], *, namesakes: Iterable[str] = ()) -> Kept:
    """Delete what the desk holds of these people, and return how much that was.

    An act about another that names one of them stays, since it is the other's, without the name. `namesakes` are keys
    of others that hold one of these. The bytes go with `database.scrub`.
    """
    keys, others = list(user_keys), tuple(namesakes)
    with database.troubles(), transaction.atomic(durable=True):
        counts = [_deleted(model, keys) for model in (Note, Letter, Act)]
        for key in keys:
            _without_name(Name(key, others))
        return Kept(people.forget(keys), *counts)


def _deleted(model: type[models.Model], keys: Sequence[str]) -> int:
    return int(model.objects.filter(user_key__in=keys).delete()[0])


def _without_name(name: Name) -> None:
    """Take somebody out of acts about others that name them; an act that names another holds no key of theirs."""
    written = f'"other_user":{json.dumps(name.key, ensure_ascii=False)}'
    # The database does not tell large letters from small ones when it looks for a part of a text.
    for act in Act.objects.filter(content__contains=written):
        fact = json.loads(act.content)
        if fact.get("other_user") == name.key:
            del fact["other_user"]
            fact |= {column: _unnamed(fact[column], name=name) for column in _TEXTS if column in fact}
            Act.objects.filter(pk=act.pk).update(content=canonical(fact))


def _unnamed(value: Any, *, name: Name) -> Any:
    """Return what a column says with another word wherever a text in it names somebody."""
    if isinstance(value, str):
        return name.replaced(value, by=_ERASED)
    if isinstance(value, list):
        return [_unnamed(each, name=name) for each in value]
    return {key: _unnamed(each, name=name) for key, each in value.items()} if isinstance(value, dict) else value


def keys() -> set[str]:
    """Return the keys of all whom the desk knows anything of."""
    with database.troubles():
        return {*Person.objects.values_list("pk", flat=True).iterator()} | keys_at_work()


def keys_at_work() -> set[str]:
    """Return the keys of all of whom there is a note, a letter or an act."""
    found: set[str] = set()
    with database.troubles():
        for model in (Note, Letter, Act):
            found |= {*model.objects.exclude(user_key="").values_list("user_key", flat=True).distinct().iterator()}
    return found


def everything(user_key: str) -> dict[str, Any]:
    """Return what the desk holds of somebody as plain values: their row of the address book, notes, letters, acts."""
    with database.troubles():
        row = Person.objects.filter(pk=user_key).values().first()
        return {
            "address_book": {name: value for name, value in (row or {}).items() if value and name != "user_key"},
            "notes_about_them": _rows(Note, user_key, _OF_NOTES),
            "letters_to_them": _rows(Letter, user_key, _OF_LETTERS),
            "done_at_the_desk": _rows(Act, user_key, _OF_ACTS),
        }


def _rows(model: type[models.Model], user_key: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    return list(model.objects.filter(user_key=user_key).order_by("pk").values(*columns))
