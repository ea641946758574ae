"""When a text names somebody: their key stands in it by itself, not as a part of a longer word or another's key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

LONG: Final = 8
"""Bytes from which a key is no chance find among bytes, so that it counts there whatever stands beside it."""


@dataclass(frozen=True)
class Name:
    """A key to look for, and the keys of others that hold it ("ada" in "ada-lovelace"), which are not meant."""

    key: str
    namesakes: Sequence[str] = ()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # Others' keys come first, so that they are passed over whole.
        others = sorted((re.escape(each) for each in self.namesakes if self.key in each), key=len, reverse=True)
        alone = rf"(?<![^\W_]){re.escape(self.key)}(?![^\W_])"
        return re.compile("|".join([*others, f"({alone})"]))

    @cached_property
    def _byte_pattern(self) -> re.Pattern[bytes]:
        held = [each for each in self.namesakes if self.key in each]
        others = sorted((re.escape(each.encode()) for each in held), key=len, reverse=True)
        written = re.escape(self.key.encode())
        if len(self.key.encode()) < LONG:
            written = rb"(?<![0-9A-Za-z])" + written + rb"(?![0-9A-Za-z])"
        return re.compile(b"|".join([*others, b"(" + written + b")"]))

    def is_in(self, text: str) -> bool:
        """Whether a text names them."""
        return self.key in text and any(found.group(1) is not None for found in self._pattern.finditer(text))

    def is_in_bytes(self, content: bytes) -> bool:
        """Whether bytes hold the key: by itself where it is short, in any way where it is not."""
        if self.key.encode() not in content:
            return False
        return any(found.group(1) is not None for found in self._byte_pattern.finditer(content))

    def replaced(self, text: str, *, by: str) -> str:
        """Return a text with another word wherever it names them."""
        return self._pattern.sub(lambda found: by if found.group(1) is not None else found.group(), text)


def namesakes(key: str, others: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of others that hold this one as a word of theirs, in order."""
    name = Name(key)
    held = {other for other in others if other != key and (name.is_in(other) or name.is_in_bytes(other.encode()))}
    return tuple(sorted(held))
