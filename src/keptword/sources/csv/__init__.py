"""Files of one's own (CSV, TSV, JSON Lines, Parquet), read by a mapping that says how rows become facts."""

from __future__ import annotations

from keptword.sources.csv.mapping import Mapping
from keptword.sources.csv.parsing import load, parse
from keptword.sources.csv.preview import DryRun, dry_run
from keptword.sources.csv.reader import Written, describe, mapped, read, write

__all__ = ["DryRun", "Mapping", "Written", "describe", "dry_run", "load", "mapped", "parse", "read", "write"]
