"""Files of one's own (CSV, TSV, JSON Lines, Parquet), read by a mapping that says how rows become facts."""

from __future__ import annotations

from keptword.sources.csv.mapping import Mapping
from keptword.sources.csv.parsing import load, parse
from keptword.sources.csv.reader import mapped, read

__all__ = ["Mapping", "load", "mapped", "parse", "read"]
