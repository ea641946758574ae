"""Every address of the application, asked for as somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from keptword.web.routes import Route
from keptword.web.urls import routes
from web.cast import Desk

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from django.test import Client

ROUTES: Final = routes()

EXAMPLES: Final = {"str": "none-such", "key": "none~such/and more", "slug": "none-such", "int": 987_654_321}
"""What stands for a parameter of each kind: nothing is called that, so whoever gets through finds nothing there."""

_PARAMETER = re.compile(r"<(\w+):(\w+)>")


def address_of(route: Route, **given: object) -> str:
    """The address of a route, with examples for its parameters."""
    examples = {name: EXAMPLES[kind] for kind, name in _PARAMETER.findall(route.path)}
    return reverse(route.name, kwargs={**examples, **given})


def requests() -> Iterator[tuple[Route, str]]:
    """Every route with each method it answers, forms empty; whatever signs out or removes comes last."""
    asked = [(route, method) for route in ROUTES for method in ("GET", "POST") if method in route.methods]
    return iter(sorted(asked, key=lambda each: "sign_out" in each[0].name or ".end" in each[0].name))


def ask(client: Client, route: Route, *, method: str, **headers: Any) -> HttpResponseBase:
    """Ask for a route, a streamed file read to its end."""
    response = client.generic(method, address_of(route), headers=headers)
    if response.streaming:
        list(response.streaming_content)
    return response  # type: ignore[no-any-return]


def to_sign_in(response: HttpResponseBase) -> bool:
    """Whether an answer sends to the page for signing in."""
    return response.status_code in (302, 303) and response.headers["Location"].startswith("/sign-in/")


class Somebody:
    """A browser of one of the cast who signs in again whenever a page has signed them out."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.desk, self.name, self.client = desk, name, desk.client(name)

    def ask(self, route: Route, *, method: str) -> HttpResponseBase:
        """Ask for a route."""
        from keptword.office.models import Session

        if not Session.objects.filter(pk=self.client.cookies["keptword"].value).exists():
            self.client = self.desk.client(self.name)
        return ask(self.client, route, method=method)
