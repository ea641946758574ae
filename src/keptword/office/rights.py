"""Who may do what: four roles, each a plain sentence, and the four rights they are made of."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


class Right(IntEnum):
    """What a page or an act asks for; whoever has one has those before it too."""

    LOOK = 1
    WORK = 2
    MANAGE = 3
    OWN = 4


class Role(StrEnum):
    """What a colleague is here. The sentences that tell it are `role.<value>` in the word lists."""

    READER = "reader"
    AGENT = "agent"
    MANAGER = "manager"
    OWNER = "owner"


RIGHTS: Final = {Role.READER: Right.LOOK, Role.AGENT: Right.WORK, Role.MANAGER: Right.MANAGE, Role.OWNER: Right.OWN}
"""The highest right of each role."""


def may(role: str, right: Right) -> bool:
    """Tell whether a role has a right; an unknown role has none."""
    try:
        return RIGHTS[Role(role)] >= right
    except ValueError:
        return False
