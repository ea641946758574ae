"""Writes files of every kind and has them opened and read."""

from __future__ import annotations

import pytest

from keptword.core.problems import KeptwordError
from keptword.sources.files import open_file, stage


@pytest.fixture
def rows(engine, tmp_path):
    """Write a file, read it, and give its rows as tuples: the row's number first, then the cells."""

    def read(content, *, name="orders.csv", columns=None):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        staged = stage(engine, open_file(path, engine=engine), columns=columns)
        names = [column for column in staged.table.columns if column != "line"]
        found = [(row["line"], *(row[column] for column in names)) for row in engine.rows(staged.table)]
        assert staged.rows == len(found)
        return found

    return read


@pytest.fixture
def opened(engine, tmp_path):
    """Write a file and open it."""

    def open_it(content, *, name="orders.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_file(path, engine=engine)

    return open_it


@pytest.fixture
def refusal(opened):
    """Write a file that cannot be read and give the sentence that says so."""

    def said(content, *, name="orders.csv"):
        with pytest.raises(KeptwordError) as caught:
            opened(content, name=name)
        sentence = str(caught.value)
        assert sentence.startswith(name), "it says where"
        assert sentence.endswith((".", "?")), "it is a whole sentence"
        return sentence

    return said
