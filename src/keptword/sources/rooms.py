"""The sources there are, by name: what can be told of them without loading any."""

from __future__ import annotations

from typing import Final

ROOMS: Final = ("shopify_orders", "shopify_products", "woocommerce_orders", "judgeme_reviews", "mailbox")
"""The folders of the sources, one each, named as they are; adding a source is adding its folder and its name here."""
