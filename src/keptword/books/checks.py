"""What verifying finds: a check with its sentence, and where it does not hold, what disagrees and what is behind."""

from __future__ import annotations

from dataclasses import dataclass

from keptword.books.spoken import counted


@dataclass(frozen=True)
class Behind:
    """An entry that stands behind a figure: its id and where it came from."""

    fact_id: str
    source: str

    def __str__(self) -> str:
        """Return the id, and the source where it is told."""
        return f"{self.fact_id} ({self.source})" if self.source else self.fact_id


@dataclass(frozen=True)
class Found:
    """One disagreement in a sentence; whose it is, on which line, of which promise, and the entries behind it.

    `more` counts the entries behind it that are not listed.
    """

    said: str
    user_key: str | None = None
    line: str | None = None
    promise_id: str | None = None
    behind: tuple[Behind, ...] = ()
    more: int = 0

    def __str__(self) -> str:
        """Return the sentence, and the entries behind it."""
        if not self.behind:
            return self.said
        rest = f", and {counted(self.more, one='more', several='more')}" if self.more else ""
        return f"{self.said} Behind it: {', '.join(map(str, self.behind))}{rest}."


@dataclass(frozen=True)
class Check:
    """One thing looked at: a sentence of what holds or does not, the first disagreements, how many more there are."""

    said: str
    holds: bool
    found: tuple[Found, ...] = ()
    more: int = 0


def held(said: str) -> Check:
    """Return a check that holds."""
    return Check(said, holds=True)
