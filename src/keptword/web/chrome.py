"""The frame around every page: the menu, the business's name, who is signed in, what is being worked on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from keptword.office.rights import Right, Role
from keptword.web import shop

MENU: Final = (
    ("overview", Right.LOOK),
    ("waiting", Right.LOOK),
    ("promises", Right.LOOK),
    ("commitments", Right.LOOK),
    ("customers", Right.LOOK),
    ("breakdown", Right.LOOK),
    ("effort", Right.LOOK),
    ("months", Right.LOOK),
    ("imports", Right.LOOK),
    ("settings", Right.LOOK),
)
"""The pages of the menu by the name of their route, each with the right it takes to see them."""

SHELF: Final = (
    ("colleagues", "settings.colleagues", Right.OWN),
    ("audit", "settings.audit", Right.OWN),
    ("me", "me", Right.LOOK),
)
"""Pages reached from the settings: the key of their name there, their route, and the right it takes to see them."""

GOTO: Final = {
    "overview": "o",
    "waiting": "w",
    "promises": "p",
    "commitments": "d",
    "customers": "c",
    "breakdown": "b",
    "effort": "t",
    "months": "m",
    "imports": "i",
    "settings": "s",
}
"""The key that, pressed after g, leads to a page of the menu."""


@dataclass(frozen=True)
class Item:
    """One line of the menu."""

    name: str
    address: str
    current: bool

    @property
    def goto(self) -> str:
        """The key that leads there after g; nothing where there is none."""
        return GOTO.get(self.name, "")


@dataclass(frozen=True)
class Frame:
    """What every page shows around its own: nothing of it for somebody who is not signed in."""

    business: str
    menu: tuple[Item, ...]
    member: str
    role: str
    signed_in: bool
    may_work: bool
    may_manage: bool
    may_own: bool
    page: str
    shelf: tuple[Item, ...] = ()


def frame(request: HttpRequest) -> Frame:
    """Return the frame for whoever asks."""
    member = request.user
    match = request.resolver_match
    page = match.view_name if match else ""
    if not member.is_authenticated:
        return Frame("", (), "", "", False, False, False, False, page)
    return Frame(
        business=shop.books().business.name,
        menu=tuple(item for name, right in MENU if member.may(right) and (item := _item(name, page=page))),
        member=member.name,
        # Of a role that is none (written into the database by hand) the lowest is shown; it may nothing anyway.
        role=member.role if member.role in set(Role) else Role.READER.value,
        signed_in=True,
        may_work=member.may(Right.WORK),
        may_manage=member.may(Right.MANAGE),
        may_own=member.may(Right.OWN),
        page=page,
        shelf=tuple(
            item for key, name, right in SHELF if member.may(right) and (item := _item(name, page=page, key=key))
        ),
    )


def _item(name: str, *, page: str, key: str = "") -> Item | None:
    try:
        return Item(key or name, reverse(name), current=page == name or page.startswith(f"{name}."))
    except NoReverseMatch:
        return None
