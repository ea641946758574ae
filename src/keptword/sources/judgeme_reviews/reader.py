"""Reads Judge.me's review export: who rated what, when and how; never what they wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from keptword.core.problems import Problem
from keptword.engines.duckdb import Engine
from keptword.sources import cells
from keptword.sources.contacts import contacts_of
from keptword.sources.facts import fact, union
from keptword.sources.files import Opened, Staged, stage
from keptword.sources.orders import traits_json
from keptword.sources.source import Read, Reading, Source

COLUMNS: Final = ("rating", "review_date", "curated", "source", "reviewer_email", "product_id", "product_handle")
"""All that is read of the file: neither title nor body, picture, address nor reply."""

NAME: Final = "reviewer_name"
"""Read beside them where the address book is to be written."""

LOWEST: Final = 1
HIGHEST: Final = 5


def read(reading: Reading, files: Sequence[Opened]) -> Read:
    """Turn review exports into one fact per review; a review found twice counts once.

    The score is the rating, 1 to 5, brought to 0..1; the stars themselves stay in the attributes, beside whether the
    shop shows the review. What Judge.me marks as spam is left out and counted.
    """
    engine = reading.engine
    columns = (*COLUMNS, NAME) if reading.contacts else COLUMNS
    staged = [stage(engine, file, columns=columns, progress=reading.progress) for file in files]
    rows = union([_numbered(part, number) for number, part in enumerate(staged)])
    rows = engine.load("reviews", _read(rows, reading))
    sound = rows.filter(rows.reason.isnull() & ~rows.is_spam)
    place = ibis.row_number().over(group_by="key", order_by=["file", "line"])
    once = engine.load("reviews_once", sound.mutate(place=place).filter(lambda row: row.place == 0))
    refused = rows.filter(rows.reason.notnull())
    return Read(
        facts=engine.load("facts", _facts(once, reading, [file.name for file in files])),
        rows={file: part.rows for file, part in zip(files, staged, strict=True)},
        refused={
            file: union([part.refused, refused.filter(refused.file == number).select("line", "reason")])
            for number, (file, part) in enumerate(zip(files, staged, strict=True))
        },
        problems=_problems(engine, rows=rows, sound=sound, once=once),
        contacts=_contacts(once, reading) if reading.contacts else None,
    )


def _numbered(part: Staged, number: int) -> Table:
    return part.table.mutate(file=ibis.literal(number, "int32"))


def _read(rows: Table, reading: Reading) -> Table:
    """Every review with its moment, its stars, its key, and why it is refused, if it is.

    The export has no number of the review: who wrote it, of what and when stand for it, as a keyed digest.
    """
    at = cells.moment(rows.review_date, timezone=reading.timezone)
    stars = rows.rating.try_cast("float64")
    in_range = (stars >= LOWEST) & (stars <= HIGHEST)
    parts = [rows[name].coalesce("") for name in ("reviewer_email", "product_handle", "product_id", "review_date")]
    identity = cast(StringValue, ibis.literal("|").join([part.lower() for part in parts]))
    undated = ibis.coalesce(
        'The date of the review reads "' + rows.review_date + '", which is no date and time as Judge.me writes them'
        " (2031-03-01 14:22:10 UTC).",
        ibis.literal("The review carries no date."),
    )
    unrated = ibis.coalesce(
        'The rating reads "' + rows.rating + f"\", and Judge.me's go from {LOWEST} to {HIGHEST}.",
        ibis.literal("The review carries no rating."),
    )
    return rows.mutate(
        at=at.at,
        on=at.on,
        clock_seconds=at.clock_seconds,
        stars=stars,
        key=cells.pseudonym(identity, key=reading.key),
        is_spam=cast(BooleanValue, (rows.curated.lower() == "spam").coalesce(False)),
        reason=ibis.cases((at.at.isnull(), undated), (~in_range.coalesce(False), unrated), else_=None),
    )


def _facts(reviews: Table, reading: Reading, names: Sequence[str]) -> Table:
    name = ibis.cases(*((reviews.file == number, name) for number, name in enumerate(names)), else_="")
    product = "product:" + reviews.product_handle.coalesce(reviews.product_id)
    attributes = traits_json({"stars": reviews.rating, "curated": reviews.curated, "collected": reviews["source"]}, {})
    return fact(
        reviews,
        kind="review.posted",
        fact_id=cast(StringValue, "judgeme/review.posted/" + reviews.key),
        moment=cells.Moment(reviews["at"], reviews["on"], reviews.clock_seconds),
        recorded_at=reading.recorded_at,
        user_key=cells.pseudonym(reviews.reviewer_email.coalesce(""), key=reading.key),
        subject=product.coalesce("shop"),
        score=(reviews.stars - LOWEST) / (HIGHEST - LOWEST),
        channel="web",
        attributes=attributes,
        source=name + ":" + reviews.line.cast("string"),
    )


def _contacts(reviews: Table, reading: Reading) -> Table:
    mail = reviews.reviewer_email
    by = cells.pseudonym(mail, key=reading.key)
    return contacts_of(reviews, by=by, told_at=reviews["at"], name=reviews[NAME], mail=mail)


def _problems(engine: Engine, *, rows: Table, sound: Table, once: Table) -> list[Problem]:
    copies, kept, spam = (
        engine.rows(table.agg(count=table.count()))[0]["count"]
        for table in (sound, once, rows.filter(rows.reason.isnull() & rows.is_spam))
    )
    said = (
        (copies - kept, "reviews came twice, in the same file or in two. They count once."),
        (spam, "reviews were left out, because Judge.me holds them for spam."),
    )
    return [Problem("judgeme_reviews", f"{count:,} {what}", count) for count, what in said if count]


SOURCE = Source(
    name="judgeme_reviews",
    title="Judge.me review export",
    adds="how customers rate what they bought, and when",
    required=frozenset({"rating", "review_date", "reviewer_email"}),
    telling=frozenset({"product_handle", "product_id", "curated"}),
    read=read,
)
