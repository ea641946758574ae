"""The journal: every fact ever recorded, in a Delta Lake table that DuckDB writes and anybody may read."""
