"""Judge.me's review export: *Reviews → Export*, a CSV."""

from keptword.sources.judgeme_reviews.reader import SOURCE

__all__ = ["SOURCE"]
