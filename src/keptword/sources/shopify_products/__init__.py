"""Shopify's product export: the admin's *Products → Export* CSV, for what each thing costs the business."""

from keptword.sources.shopify_products.reader import SOURCE

__all__ = ["SOURCE"]
