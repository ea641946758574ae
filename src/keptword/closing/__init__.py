"""Closings: what the facts come to as of a day, computed, sealed, carried forward and compared."""
