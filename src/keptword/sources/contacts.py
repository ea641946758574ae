"""Who the people behind the facts are: names and addresses beside the facts and never in them, for the address book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table, TimestampValue

from keptword.engines.functions import newest_text
from keptword.sources.facts import union

PARTS: Final = ("name", "mail", "phone", "country", "language")
"""What is known of a person."""

CONTACT_SCHEMA: Final[dict[str, str]] = {
    "user_key": "string",
    **dict.fromkeys(PARTS, "string"),
    "told_at": "timestamp(6)",
}
"""The columns of contacts: a person a row, with the moment (UTC) of the newest thing that told of them."""

_LONGEST: Final = 300
_EASTERN: Final = r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]"
_APART: Final = rf"({_EASTERN}) ({_EASTERN})"


def contacts_of(rows: Table, *, by: StringValue, told_at: TimestampValue, **parts: StringValue | None) -> Table:
    """Return who the people of the rows are (`CONTACT_SCHEMA`): one row a person, whose key is `by`.

    Of each of `PARTS` that is given, the newest that is not empty, cut where no name or address goes on.
    """
    known = {name: value for name in PARTS if (value := parts.get(name)) is not None}
    rows = rows.select(
        user_key=by,
        **{name: known[name].left(_LONGEST) if name in known else ibis.null("string") for name in PARTS},
        told_at=told_at,
    )
    return newest(rows.filter(rows.user_key.notnull()))


def newest(rows: Table) -> Table:
    """Return contacts with one row a person: of each part the newest that is not empty."""
    grouped = rows.group_by("user_key").agg(
        **{name: newest_text(rows[name], rows.told_at, where=rows[name].notnull()) for name in PARTS},
        told_at=rows.told_at.max(),
    )
    return grouped.select(*CONTACT_SCHEMA)


def together(tables: Sequence[Table]) -> Table | None:
    """Return the contacts of several sources as one, a person a row; None where no source gives any."""
    if len(tables) < 2:
        return tables[0] if tables else None
    return newest(union(list(tables)))


def full_name(given: StringValue, family: StringValue) -> StringValue:
    """Return a name of two parts as it is written: in East Asian letters the family's first and no space between."""
    is_eastern = cast(BooleanValue, given.re_search(_EASTERN).coalesce(False))
    western = (given.coalesce("") + " " + family.coalesce("")).strip()
    eastern = family.coalesce("") + given.coalesce("")
    return cast(StringValue, is_eastern.ifelse(eastern, western).nullif(""))


def joined(parts: Sequence[StringValue]) -> StringValue:
    """Return the parts of a name in their order, empty ones left out: with a space, but for East Asian ones."""
    if len(parts) == 1:
        return parts[0]
    filled = ibis.array(list(parts)).filter(lambda part: part.notnull())
    spaced = filled.join(" ").re_replace(_APART, r"\1\2")
    return cast(StringValue, spaced.nullif(""))
