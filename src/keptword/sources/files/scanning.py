"""DuckDB's reading of a table of text, every option said: nothing is left to its own guesses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from keptword.engines.duckdb import literal

LONGEST_LINE: Final = 128_000_000
"""Bytes of the longest row that is read."""

LONGEST_OBJECT: Final = 32_000_000
"""Bytes of the longest JSON object that is read; each thread holds a few such buffers."""

_USUAL_LINE: Final = 8_000_000
_USUAL_BUFFER: Final = 16_000_000


def literal_path(path: Path) -> str:
    """Return a path as an SQL literal that stands for that file alone: to DuckDB `[`, `*` and `?` are patterns."""
    text = os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links, and "~" must not be a home
    return literal("".join(f"[{sign}]" if sign in "[*?" else sign for sign in text))


def cells_of(
    path: Path,
    *,
    types: list[str],
    delimiter: str = ",",
    lead: int = 0,
    parallel: bool = True,
) -> str:
    """Return DuckDB's reading of a CSV file with the columns `c0`, `c1`, … of the given types.

    In parallel DuckDB guesses where a row begins; it never takes a wrong guess for data but refuses the file, which
    happens where a long quoted cell looks like rows. In one thread it does not guess, but takes a quote never closed
    without a word: so that is for files alone that Keptword wrote itself.
    """
    columns = ", ".join(f"'c{place}': '{kind}'" for place, kind in enumerate(types))
    longest = _USUAL_LINE if parallel else LONGEST_LINE
    return (
        f"read_csv({literal_path(path)}, auto_detect = false, columns = {{{columns}}}, delim = {literal(delimiter)},"
        f""" quote = '"', escape = '"', header = true, skip = {lead}, strict_mode = true,"""
        f" max_line_size = {longest}, buffer_size = {max(longest, _USUAL_BUFFER)}, parallel = {str(parallel).lower()},"
        " compression = 'none', hive_partitioning = false)"
    )


def lines_of(path: Path) -> str:
    """Return DuckDB's reading of a text file with one column `c0`: the line, NULL where it is empty."""
    never = literal("\x01\x02\x03\x04")
    return (
        f"read_csv({literal_path(path)}, auto_detect = false, columns = {{'c0': 'VARCHAR'}}, delim = {never},"
        f" quote = '', escape = '', header = false, max_line_size = {LONGEST_OBJECT}, buffer_size = {LONGEST_OBJECT},"
        " compression = 'none', hive_partitioning = false)"
    )


def parquet_of(path: Path, *, numbered: bool = False) -> str:
    """Return DuckDB's reading of a Parquet file; `numbered` adds the number of the row, from 0, as a last column."""
    number = ", file_row_number = true" if numbered else ""
    return f"read_parquet({literal_path(path)}, hive_partitioning = false, binary_as_string = true{number})"
