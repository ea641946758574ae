"""What somebody chose for each column of a file, in place of what was guessed, and the mapping that comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

from keptword.core.problems import KeptwordError
from keptword.sources.csv.guessing.cells import day_first, decimal_sign
from keptword.sources.csv.guessing.roles import (
    Found,
    Looked,
    Theme,
    Told,
    for_the_book,
    is_mail,
    names_somebody,
    words_for_nothing,
)
from keptword.sources.csv.guessing.writing import currency_seen, proposal

WHO: Final = (
    *("id", "user", "user_hidden"),
    *("book_name", "book_mail", "book_phone", "book_country", "book_language", "left_out"),
)
WHEN: Final = (
    *("begun", "paid", "shipped", "delivered", "due", "replied", "resolved"),
    *("cancelled", "returned", "refunded", "reviewed", "changed"),
)
WHAT: Final = (
    *("total", "quantity", "unit_price", "currency", "product", "vendor", "carrier", "country"),
    *("category", "channel", "status", "rating", "kept", "steps"),
)
ROLES: Final = (*WHO, *WHEN, *WHAT)
"""What a column can be; "" stands for one that is not read."""

THEMES: Final = ("order", "ticket", "review")

_SEVERAL: Final = {"left_out", "steps", "book_name"}
_FATES: Final = {
    "left_out": ("left_out", ""),
    **{f"book_{part}": ("address_book", part) for part in ("name", "mail", "phone", "country", "language")},
}


@dataclass(frozen=True)
class Choices:
    """What each column is, by its name; what the file is a list of; and what was said of the whole of it."""

    roles: Mapping[str, str]
    theme: Theme = "order"
    told: Told = field(default_factory=Told)


@dataclass(frozen=True)
class Trouble:
    """Why no mapping can be made of choices: `twice`, `no_date` or `no_rating`; and the columns it is about."""

    key: str
    columns: tuple[str, ...] = ()


def can_be_chosen(column: Looked) -> bool:
    """Say whether a column can be anything: one with braces in its name cannot be written in a mapping."""
    return "{" not in column.name and "}" not in column.name


def choices_of(found: Found) -> Choices:
    """Return what was guessed as the choices that would have led to it."""
    roles: dict[str, str] = {}
    kept = {one.name for one in for_the_book(found)}
    for column in found.personal:
        roles[column.name] = ("book_mail" if is_mail(column) else "book_name") if column.name in kept else "left_out"
    for role, column in found.cells.items():
        if role in WHAT and role not in ("total", "steps"):
            roles.setdefault(column.name, role)
    money = found.cells.get("total") or found.cells.get("amount")
    if money is not None:
        roles[money.name] = "total"
    roles.update({column.name: "steps" for column in found.steps})
    roles.update({column.name: role for role, column in found.dates.items()})
    if found.id is not None:
        roles[found.id.name] = "id"
    if found.user is not None:
        roles[found.user.name] = "user" if names_somebody(found.user) else "user_hidden"
    cells = [cell for column in found.cells.values() if column.is_number for cell in column.cells]
    return Choices(roles, found.theme, Told(currency=currency_seen(found) or "", decimal=decimal_sign(cells)))


def is_in_doubt(columns: Sequence[Looked], choices: Choices) -> bool:
    """Say whether no date decides if the day or the month comes first, though some could be read both ways."""
    dates = [column.dates for column in columns if choices.roles.get(column.name) in WHEN]
    return any(one.in_doubt for one in dates) and day_first(dates) is None


def trouble_of(choices: Choices) -> Trouble | None:
    """Return why no mapping can be made of the choices, None where one can."""
    counts = Counter(role.removesuffix("_hidden") for role in choices.roles.values() if role)
    for role, count in counts.items():
        if count > 1 and role not in _SEVERAL:
            columns = [name for name, chosen in choices.roles.items() if chosen.removesuffix("_hidden") == role]
            return Trouble("twice", tuple(columns))
    if not any(role in WHEN and role != "changed" for role in choices.roles.values()):
        return Trouble("no_date")
    if choices.theme == "review" and "rating" not in counts:
        return Trouble("no_rating")
    return None


def mapping_by(choices: Choices, columns: Sequence[Looked], *, empty: Sequence[str], file: str, rows: int) -> str:
    """Return the mapping in TOML that reads a file as was chosen; `columns` and `empty` are as `looked_at` has them.

    Raises `KeptwordError` where `trouble_of` finds something.
    """
    trouble = trouble_of(choices)
    if trouble is not None:
        raise KeptwordError("{file}: no mapping can be made of these choices ({key}).", file=file, key=trouble.key)
    return proposal(_found(choices, columns, empty=empty), file=file, rows=rows, is_whole=False)


def _found(choices: Choices, columns: Sequence[Looked], *, empty: Sequence[str]) -> Found:
    found = Found(theme=choices.theme, empty=list(empty))
    fates: dict[str, tuple[str, str]] = {}
    user_fate = ""
    for column in columns:
        role = choices.roles.get(column.name, "") if can_be_chosen(column) else ""
        if role in _FATES:
            fates[column.name] = _FATES[role]
        elif role == "id":
            found.id = column
        elif role in ("user", "user_hidden"):
            found.user, user_fate = column, "address_book" if role == "user" else "hash"
        elif role == "steps":
            found.steps.append(column)
        elif role in WHEN:
            found.dates[role] = column
        elif role in WHAT:
            found.cells[role] = column
    if "begun" not in found.dates and "reviewed" in found.dates and choices.theme == "review":
        found.dates["begun"] = found.dates.pop("reviewed")
    found.empty = list(dict.fromkeys([*found.empty, *words_for_nothing(found)]))
    told = replace(choices.told, fates=fates, user_fate=user_fate)
    found.told = told
    return found


def theme_of(told: str) -> Theme:
    """Return what a file is a list of, by its name; orders for any other."""
    return cast(Theme, told) if told in THEMES else "order"
