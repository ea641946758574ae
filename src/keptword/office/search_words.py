"""The words a customer is found by: of name, mail address and phone number, without accents and in small letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

LONGEST: Final = 64
"""Characters a word may have; what goes on is cut."""

MOST: Final = 16
"""Words one person may have: whoever is called by more is found by the first of them."""

_LONGEST_TEXT: Final = 300
_SHORTEST_PHONE: Final = 5
_TAIL: Final = 8
"""The last digits of a phone number, which are the same with the code of the country and without."""

# Of these Unicode knows no plain letter with a sign to take away.
_PLAIN: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "’": "'"}
)
_EASTERN: Final = (
    "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\u1100-\u11ff\U00020000-\U000323af"
)
_WORD: Final = re.compile(rf"[{_EASTERN}]+|[^\W_{_EASTERN}]+")
_IS_EASTERN: Final = re.compile(rf"[{_EASTERN}]")
_ASCII_WORD: Final = re.compile("[a-z0-9]+")
_LOCAL: Final = re.compile(r"[^._+\-]+")
_UNSEEN: Final = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]+"
)
"""Signs that show nothing, or turn the direction of what follows: no part of a name."""

_PHONE: Final = re.compile(r"\+?[\d\s()/.\-]+")


def folded(text: str) -> str:
    """Return a text without accents and in small letters: "Müller" and "MULLER" are the same then."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_PLAIN)
    bare = "".join([sign for sign in bare if not unicodedata.combining(sign)])
    # Letters that are written as one again, such as Korean syllables, which came apart above.
    return unicodedata.normalize("NFC", bare)


def words_of(*, name: str, mail: str, phone: str) -> list[str]:
    """Return the words somebody is found by, each once, at most `MOST`: by the beginning of any of them.

    The mail address; the last digits of the phone number; the parts of the name, and of one in Chinese, Japanese or
    Korean letters what begins with each of its characters, so that any part of it finds it; the parts of the address
    before its @ that begin with none of these.
    """
    # First what there is one of, so that no long name leaves it out.
    found = []
    address = folded(mail[:_LONGEST_TEXT])[:LONGEST] if mail else ""
    if address:
        found.append(address)
    digits = _digits(phone) if phone else ""
    if len(digits) >= _SHORTEST_PHONE:
        found.append(digits[-_TAIL:])
    names = [word for token in name[:_LONGEST_TEXT].split() for word in _parts(token)]
    found += names
    # The first part is how the whole address begins.
    parts = _LOCAL.findall(address.partition("@")[0])[1:]
    found += [part for part in parts if not part.startswith(tuple(names))]
    return list(dict.fromkeys(found))[:MOST]


@lru_cache(maxsize=50_000)
def _parts(token: str) -> tuple[str, ...]:
    """Return the words of a part of a name; the same ones come again and again."""
    plain = folded(token)
    if plain.isascii():
        return tuple(part[:LONGEST] for part in _ASCII_WORD.findall(plain))
    found = []
    for part in _WORD.findall(plain):
        # Ideographs stand without spaces between them, so a word may begin at any of them.
        starts = range(min(len(part), MOST)) if _IS_EASTERN.match(part) else (0,)
        found += [part[start : start + LONGEST] for start in starts]
    return tuple(found)


def asked(text: str) -> list[str]:
    """Return the words that somebody who is searched for must have, the most telling first; none of an empty text."""
    plain = " ".join(text[:_LONGEST_TEXT].replace("\0", " ").split())
    if _PHONE.fullmatch(plain) and len(digits := _digits(plain)) >= _SHORTEST_PHONE:
        return [digits[-_TAIL:]]
    found: dict[str, None] = {}
    for token in folded(plain).split():
        parts = [token] if "@" in token.strip("@") else _WORD.findall(token)
        found.update((part[:LONGEST], None) for part in parts)
    return sorted(found, key=len, reverse=True)[:MOST]


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789").lstrip("0")


def cleaned(text: str | None, *, longest: int) -> str:
    """Return a text as it may stand in the address book: on one line, without control signs, not longer than that."""
    if not text:
        return ""
    if text.isprintable() and len(text) <= longest and "  " not in text:
        return text.strip()
    text = _UNSEEN.sub(" ", text[: longest * 4].encode("utf-8", "replace").decode())
    return " ".join(text.split())[:longest].rstrip()
