"""What is said when something is not as it should be: where, what was seen, what to do next."""

from __future__ import annotations

from dataclasses import dataclass


class KeptwordError(Exception):
    """Something the person at the keyboard can mend; its text is one or more whole sentences.

    The command line prints the text and ends with status 1; a traceback is a defect.
    """


@dataclass(frozen=True)
class Problem:
    """Something seen on the way that did not stop the work, to be told to the person.

    `where` names the file and line or the fact, `seen` says in whole sentences what was seen, what it
    means and what to do next, and `count` how many rows it concerns.
    """

    where: str
    seen: str
    count: int = 1

    def __str__(self) -> str:
        return f"{self.where}: {self.seen}"
