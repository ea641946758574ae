"""WooCommerce's orders: the CSV of the usual export plug-ins, and what its REST interface answers, saved as JSON."""

from keptword.sources.woocommerce_orders.reader import SOURCE

__all__ = ["SOURCE"]
