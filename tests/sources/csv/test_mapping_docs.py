"""The page on the mapping language names every entry there is, and its examples are mappings."""

from __future__ import annotations

import re
import tomllib

import pytest

from keptword.core.schema import PROMISE_KINDS
from keptword.sources.csv import entries, mapping, parse, parsing, specs

_KNOWN = {
    "tables": parsing.TABLES,
    "file": parsing.FILE_KEYS,
    "rows": parsing.ROWS_KEYS,
    "defaults": parsing.DEFAULT_KEYS,
    "fact": parsing.FACT_KEYS,
    "leave_out": ("reason", "if"),
    "texts": (*specs._TEXT_KEYS, "fate"),
    "numbers": specs._NUMBER_KEYS,
    "moments": specs._MOMENT_KEYS,
    "promise": specs._PROMISE_KEYS,
    "promise kinds": PROMISE_KINDS,
    "fates": tuple(mapping.FATES),
    "personal": parsing.PERSONAL_KEYS,
    "address book": mapping.PARTS,
    "ways to take cells": tuple(mapping.TAKES),
    "units": ("seconds", "minutes", "hours", "days", "weeks"),
    "formats": entries.BUILT_IN_FORMATS,
    "letters of formats": tuple(f"%{letter}" for letter in entries.DIRECTIVES),
}


@pytest.fixture(scope="module")
def page(root):
    """The page as text."""
    return (root / "docs" / "mapping.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("what", _KNOWN)
def test_every_entry_there_is_stands_on_the_page(page, what):
    """In backticks, with or without quotes, or as the name of a table."""
    for word in _KNOWN[what]:
        assert re.search(rf"`\[*\"?{re.escape(word)}\"?\]*`", page), f"{word} ({what}) is missing in docs/mapping.md"


def test_units_on_the_page_are_all_there_are():
    assert set(_KNOWN["units"]) == set(mapping.UNITS)


def test_every_key_in_a_table_of_the_page_exists(page):
    """First cells of the rows below "| key |" name keys that the language knows."""
    known = {word for words in _KNOWN.values() for word in words}
    rows = re.findall(r"^\| key \|.*\n\|[- |]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    named = {key for table in rows for key in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)}
    assert len(named) >= 25
    assert named <= known


def test_every_example_is_a_mapping_or_a_part_of_one(page):
    """Whole ones are parsed as they are; parts become whole with a name and an entry."""
    blocks = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    rest = '[file]\nname = "x"\n[[fact]]\nkind = "order.placed"\nwhen = "Ordered"\nsubject = "order:{Order}"\n'
    for block in blocks:
        parse(block if "file" in tomllib.loads(block) else block + rest, file="docs/mapping.md")
