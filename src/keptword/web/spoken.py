"""Says in a language what kinds of entries and promises, channels, subjects and customers are called."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from keptword.words import Words

_TURNING: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST: Final = 80
_SHOWN: Final = 12
"""So much of a key tells it from others."""


def entry(words: Words, kind: str) -> str:
    """Return what an entry of a kind says, as in "the order left the house"; the kind where it has no words."""
    return _named(words, f"spoken.entry_{kind.replace('.', '_')}", kind)


def promise(words: Words, kind: str) -> str:
    """Return what a kind of promise is called, as in "delivery"; the kind where it has no words."""
    return _named(words, f"spoken.promise_{kind}", kind)


def outcome(words: Words, name: str) -> str:
    """Return how a promise stands: kept, late, not kept, called off, waiting, no date."""
    return _named(words, f"spoken.outcome_{name}", name)


def channel(words: Words, name: str | None) -> str:
    """Return what something came through, as in "website"; nothing where that is not known."""
    return _named(words, f"spoken.channel_{name}", name) if name else ""


def stage(words: Words, name: str) -> str:
    """Return what a stage of the customer's way is called, as in "choosing"."""
    return _named(words, f"spoken.stage_{name}", name)


def about(words: Words, subject: str | None) -> str:
    """Return what something is about, as in "order 1042"; as it is written where its kind has no words."""
    if not subject:
        return ""
    kind, colon, name = subject.partition(":")
    key = f"spoken.about_{kind}"
    return words.say(key, name=short(name)) if colon and words.has(key) else short(subject)


def customer(words: Words, *, user_key: str, name: str = "", mail: str = "") -> str:
    """Return what a customer is called: by name, else by mail address, else by the beginning of their key."""
    called = name or mail
    return isolated(short(called)) if called else words.say("spoken.nobody", key=isolated(user_key[:_SHOWN]))


def short(text: str) -> str:
    """Return a text cut to what a line can hold."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def isolated(text: str) -> str:
    """Return a text that cannot turn the direction of what stands around it.

    What is written from right to left is set apart by the signs Unicode has for that; signs that turn are left out.
    """
    plain = _TURNING.sub("", text)
    turns = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in plain)
    return f"\u2068{plain}\u2069" if turns else plain


def _named(words: Words, key: str, otherwise: str) -> str:
    return words.say(key) if words.has(key) else otherwise
