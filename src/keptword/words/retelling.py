"""Says sentences of another language that were kept as whole texts: by the places in which they differ."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from string import Formatter
from typing import Final

LONGEST: Final = 2_000
"""Characters of a text that is looked at; what is longer quotes more than it says, and stays as it is."""

FEWEST: Final = 6
"""Letters an English sentence has of its own; what has fewer would be seen in anything."""


@dataclass(frozen=True)
class Retold:
    """One sentence: what texts of it have in common, how to take out of them what differs, and how it is said."""

    own: str
    pattern: re.Pattern[str]
    said: str
    quoted: frozenset[str]
    """The places within quotes: what somebody wrote, which is never said otherwise."""


class Retelling:
    """How whole English texts are said in one language."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        """Take the sentences by their English, each with its places in braces; of a text that fits two the fuller."""
        known = (_retold(english, said) for english, said in sentences.items())
        self._known = sorted(filter(None, known), key=lambda each: -len(each.own))
        self._fixed = {english: said for english, said in sentences.items() if not parts_of(english)[1]}

    def say(self, text: str) -> str:
        """Return the text in this language; as it is where no sentence fits.

        Before a sentence may stand where that was seen, with a colon: it stays.
        """
        where, colon, rest = text.partition(": ")
        said = self._whole(rest) if colon else None
        return (self._whole(text) or text) if said is None else f"{where}：{said}"

    def _whole(self, text: str) -> str | None:
        if text in self._fixed or len(text) > LONGEST:
            return self._fixed.get(text)
        for each in self._known:
            # Most are told apart by this, sooner than by the pattern.
            found = each.pattern.fullmatch(text) if each.own in text else None
            if found:
                return each.said.format(
                    **{
                        name: value if name in each.quoted else self._whole(value) or value
                        for name, value in found.groupdict().items()
                    }
                )
        return None


def _retold(english: str, said: str) -> Retold | None:
    literals, names = parts_of(english)
    own = max(literals, key=len)
    is_torn = not all(literals[1:-1])
    if not names or is_torn or sum(map(str.isalpha, "".join(literals))) < FEWEST:
        return None
    quoted = frozenset(name for before, name in zip(literals, names, strict=False) if before.endswith('"'))
    return Retold(own, re.compile(_pattern(literals, names), re.DOTALL), said, quoted)


def parts_of(english: str) -> tuple[list[str], list[str]]:
    """Return the pieces of a sentence, one more than its places, and the places; without any it may hold braces."""
    with suppress(ValueError):
        parsed = list(Formatter().parse(english))
        names = [name for _, name, _, _ in parsed if name]
        if names and all(map(str.isidentifier, names)):
            literals = [""]
            for literal, name, _, _ in parsed:
                literals[-1] += literal
                if name:
                    literals.append("")
            return literals, names
    return [english], []


def _pattern(literals: Sequence[str], names: Sequence[str]) -> str:
    """Return a pattern that looks at each sign of a text but a few times, whatever somebody wrote into a cell."""
    written = re.escape(literals[0])
    for index, (name, after) in enumerate(zip(names, map(re.escape, literals[1:]), strict=True)):
        if name in names[:index]:
            written += f"(?P={name}){after}"
        elif index < len(names) - 1:
            # Where what follows is seen first, the place ends, and is never tried longer.
            written += f"(?>(?P<{name}>.*?){after})"
        else:
            written += f"(?P<{name}>.*){after}"
    return written
