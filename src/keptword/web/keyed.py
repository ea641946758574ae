"""Keys of customers and of promises in addresses: they may hold anything, a slash too, and come back as they were."""

from __future__ import annotations

import re
from typing import Final

from django.urls import NoReverseMatch, register_converter, reverse

_ESCAPED: Final = re.compile("~([0-9A-F]{2})")
_UNSAFE: Final = re.compile(r"[~/\\]|^\.{1,2}$")


class Key:
    """The converter `key`: any text that is not empty, as one part of an address."""

    # What a key does not hold as it is: a slash ends the part, and browsers take "." and ".." for folders.
    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """Return the key that a part of an address names."""
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)

    def to_url(self, value: str) -> str:
        """Return a key as a part of an address; Django escapes the rest of what has no place there."""
        return _UNSAFE.sub(lambda found: "".join(f"~{ord(sign):02X}" for sign in found[0]), value)


NAME: Final = "key"
"""What the converter is called in routes."""

register_converter(Key, NAME)


def reached(name: str, /, **arguments: object) -> str:
    """Return the address of a page by its name; nothing where there is no such page."""
    try:
        return str(reverse(name, kwargs=arguments))
    except NoReverseMatch:
        return ""
