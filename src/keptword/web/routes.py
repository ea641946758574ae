"""Addresses of pages and acts, each with its name and the right it asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase

from keptword.office.rights import Right

View = Callable[..., HttpResponseBase]

LARGEST: Final = 2_000_000
"""Bytes a form may have: ten megabytes pasted into a note are refused before they are read."""


@dataclass(frozen=True)
class Route:
    """One address: where, what answers, its name in links, the right it asks for (None: open to everybody).

    `writes` says that it only takes POST; every other route only takes GET (and HEAD).
    """

    path: str
    view: View
    name: str
    right: Right | None
    writes: bool = False
    both: bool = False
    """Whether one address shows a form and takes it."""
    largest: int = LARGEST
    """Bytes that may be sent to it; more where it takes files."""
    machines: bool = False
    """Whether a machine may ask too that has the token of the measures (`middleware.access.TOKEN`)."""

    @property
    def methods(self) -> frozenset[str]:
        """The methods it answers."""
        read, write = {"GET", "HEAD"}, {"POST"}
        return frozenset(read | write if self.both else write if self.writes else read)


def route(
    path: str,
    view: View,
    *,
    name: str,
    right: Right | None,
    writes: bool = False,
    both: bool = False,
    largest: int = LARGEST,
    machines: bool = False,
) -> Route:
    """Return a route; the view it holds carries the route, so that the middleware can ask for its right."""
    made = Route(path, view, name, right, writes, both, largest, machines)

    def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        return view(request, *arguments, **named)

    answer.route = made  # type: ignore[attr-defined]
    answer.csrf_exempt = getattr(view, "csrf_exempt", False)  # type: ignore[attr-defined]
    answer.__name__ = getattr(view, "__name__", name)
    object.__setattr__(made, "view", answer)
    return made
