"""Whom somebody means who names a customer: by the key of their entries, a mail address, or the number of an order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from keptword.books.engine import engine_for
from keptword.books.opened import Books, pseudonym_secret
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import quoted

_SHOWN: Final = 5
_OF_ORDER: Final = "subject IN ('order:' || $1, 'order:#' || $1) AND user_key IS NOT NULL"
"""The entries of an order, whether its number stands in them with a # or without."""


def whom(books: Books, text: str) -> str:
    """Return the key of the customer that a text names: their key itself, a mail address, or the number of an order.

    A mail address is looked up in the address book, and among the entries by the key that would be made of it. A text
    that is none of these is given back as it is: it may be a key that only a line nobody could read still holds.
    Raises `KeptwordError` where an address is nobody's, or where several customers are meant.
    """
    told = text.strip()
    with engine_for(books) as engine:
        facts = quoted(books.journal.facts(engine).get_name())

        def keys(condition: str, value: str) -> list[str]:
            rows = engine.sql(f"SELECT DISTINCT user_key FROM {facts} WHERE {condition} ORDER BY 1", [value])
            return [str(key) for (key,) in rows.fetchall()]

        if not told or _is_kept(told) or keys("user_key = $1 OR other_user = $1", told):
            return told
        found = _by_mail(told, keys) if "@" in told else keys(_OF_ORDER, told.removeprefix("order:").lstrip("# "))
    if len(found) > 1:
        shown = ", ".join(found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
        what = "mail address" if "@" in told else "order number"
        raise KeptwordError(
            f'The {what} "{told}" is that of {len(found):,} customers: {shown}. Name the one you mean by this key.'
        )
    if not found and "@" in told:
        raise KeptwordError(
            f'Nobody in the books of {books.business.name} has the mail address "{told}". Look whether it is written '
            "as in your shop; the number of one of their orders does as well."
        )
    return found[0] if found else told


def pseudonym_of(identity: str, *, key: str) -> str:
    """Return the key that entries carry for somebody, as `sources.cells.pseudonym` makes it of what names them."""
    inner = hashlib.sha256((key + identity.strip().lower()).encode()).hexdigest()
    return hashlib.sha256((key + inner).encode()).hexdigest()[:24]


def _is_kept(text: str) -> bool:
    """Whether the desk knows anything of somebody with this key, or they were erased."""
    from keptword.intake import tombstones
    from keptword.office import forgetting

    return bool(forgetting.kept(text)) or tombstones.is_buried(text)


def _by_mail(mail: str, keys: Callable[[str, str], list[str]]) -> list[str]:
    from keptword.intake import tombstones
    from keptword.office import people

    alike = mail.casefold()
    known = [each.user_key for each in people.with_mail(mail) if each.mail.casefold() == alike]
    made = pseudonym_of(mail, key=pseudonym_secret())
    if made not in known and (tombstones.is_buried(made) or keys("user_key = $1", made)):
        known.append(made)
    return known
