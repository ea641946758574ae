"""Writes an invented shop's reviews as Judge.me exports them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from keptword.simulate.catalogue import PRODUCTS
from keptword.simulate.exports.stamps import plain_utc
from keptword.simulate.texts import REVIEWS, THANKS_FOR_REVIEW
from keptword.simulate.world import World

REVIEW_COLUMNS: Final = (
    *("title", "body", "rating", "review_date", "source", "curated", "reviewer_name", "reviewer_email", "product_id"),
    *("product_handle", "reply", "reply_date", "picture_urls", "ip_address", "location", "metaobject_handle"),
)


def write_reviews(world: World, *, path: Path) -> Path:
    """Write `reviews.csv`, newest first; the moments are UTC, and say so."""
    reviews = world.reviews
    posted = plain_utc(reviews.posted_at)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(REVIEW_COLUMNS)
        for place in range(len(posted) - 1, -1, -1):
            rating, item = int(reviews.rating[place]), PRODUCTS[reviews.product[place]]
            person = int(world.orders.person[reviews.order[place]])
            title, body = REVIEWS[rating][reviews.text[place] % len(REVIEWS[rating])]
            reply = THANKS_FOR_REVIEW if rating < 3 else ""
            writer.writerow(
                [
                    *(title, body, rating, f"{posted[place]} UTC", "email", "ok", world.people.name(person)),
                    *(world.people.email(person), product_id(item.handle), item.handle, reply),
                    *(f"{posted[place][:10]} 20:00:00 UTC" if reply else "", "", f"203.0.113.{person % 254 + 1}"),
                    *(world.people.address(person).country, ""),
                ]
            )
    return path


def product_id(handle: str) -> int:
    """Return the number under which a shop system knows the product; all its sizes share it."""
    handles = list(dict.fromkeys(item.handle for item in PRODUCTS))
    return 7_012_345_600 + handles.index(handle)
