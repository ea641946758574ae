"""Shopify's own order export: the admin's *Orders → Export* CSV."""

from keptword.sources.shopify_orders.reader import SOURCE

__all__ = ["SOURCE"]
