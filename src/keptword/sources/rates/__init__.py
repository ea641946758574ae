"""Rates of currencies: the European Central Bank's tables, or a plain one of the business's own."""

from keptword.sources.rates.reader import read_rates

__all__ = ["read_rates"]
