"""Which passwords are taken, and the one way they are written down."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

SHORTEST: Final = 12
LONGEST: Final = 1000
FEWEST_SIGNS: Final = 5
"""Different signs a password has at least: twelve times the same one is none."""

_LONG_ENOUGH: Final = 4
"""Letters a word about somebody has at least, to be looked for in their password."""


def plain(password: str) -> str:
    """Return a password as it is compared: an é is an é, whichever keyboard wrote it."""
    return unicodedata.normalize("NFKC", password)


def digest(password: str) -> str:
    """Return what is kept of a password."""
    return make_password(plain(password))


def trouble(password: str, *, about: Iterable[str] = ()) -> str:
    """Return the key of the sentence that says why a password is not taken; nothing where it is.

    `about` is what others know of whoever chooses it: name, mail address.
    """
    text = plain(password)
    if len(text) < SHORTEST:
        return "password.short"
    if len(text) > LONGEST:
        return "password.long"
    if len(set(text)) < FEWEST_SIGNS:
        return "password.repeats"
    if _is_about(text.casefold(), about):
        return "password.like_you"
    return "password.common" if _is_common(text) else ""


def _is_about(text: str, about: Iterable[str]) -> bool:
    """Tell whether hardly anything is left of a password without what is known of somebody."""
    known = [word.casefold() for told in about for word in (told, *told.replace("@", " ").replace(".", " ").split())]
    left = text
    for word in sorted(known, key=len, reverse=True):
        if len(word) >= _LONG_ENOUGH:
            left = left.replace(word, "")
    return len(left) < FEWEST_SIGNS


def _is_common(text: str) -> bool:
    try:
        _common().validate(text)
    except ValidationError:
        return True
    return False


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()
