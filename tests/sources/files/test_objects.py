"""JSON and Parquet become tables of texts like any other."""

from __future__ import annotations

import json
import re

import pytest

from keptword.sources.files import open_file, stage


def test_json_lines_are_read_by_their_keys(rows):
    content = '{"id": 1, "total": "5.00", "billing": {"city": "Köln"}}\n\n{"id": 2, "items": [1, 2], "total": " "}\n'
    assert rows(content, name="orders.jsonl") == [
        (1, "1", "5.00", '{"city":"Köln"}', None),
        (3, "2", None, None, "[1,2]"),
    ]


def test_a_json_array_is_read_by_its_keys(rows):
    content = '[\n {"id": 1, "billing": {"city": "Köln"}},\n {"id": 450789469876543210, "note": null, "ok": true}\n]'
    assert rows(content, name="orders.json", columns=["id", "billing", "ok"]) == [
        (1, "1", '{"city":"Köln"}', None),
        (2, "450789469876543210", None, "true"),
    ]


@pytest.mark.parametrize("indent", [None, 1])
def test_objects_wrapped_in_one_object_are_unwrapped(rows, indent):
    content = json.dumps({"orders": [{"id": 1}, {"id": 2}], "page": 1}, indent=indent)
    assert rows(content, name="orders.json") == [(1, "1"), (2, "2")]


def test_a_json_key_may_hold_any_sign(rows):
    assert rows('{"a/b~c \\"d\\"": 1, "Line": 2}\n', name="o.jsonl") == [(1, "1", "2")]


def test_a_key_that_comes_late_is_read_where_it_is_asked_for(rows):
    content = '{"id": 1}\n' * 100_001 + '{"id": 2, "late": "x"}\n'
    assert rows(content, name="o.jsonl", columns=["late"]) == [(100_002, "x")]


def test_json_in_utf16_is_read(rows):
    assert rows('{"id": "ü"}\n'.encode("utf-16"), name="o.jsonl") == [(1, "ü")]


@pytest.mark.parametrize("content", ['[{"id": 1}, {"id": 2', '{\n"id": 1, "b": [1, 2\n', "[]"])
def test_damaged_or_empty_json_is_named(refusal, content):
    assert re.search("breaks off or is damaged|holds no objects", refusal(content, name="orders.json"))


def test_parquet_of_any_types_becomes_text(engine, tmp_path):
    path = tmp_path / "orders[1].parquet"
    engine.sql(
        f"COPY (SELECT ' x ' AS name, 17850::DOUBLE AS customer, 19.95::DOUBLE AS price, 5.10::DECIMAL(9, 2) AS total,"
        f" DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 23:59:58.5' AS at, true AS ok, [1, 2] AS items,"
        f" TIMESTAMPTZ '2024-02-29 12:00:00+02' AS zoned, NULL::INTEGER AS nothing) TO '{path}'"
        " (FORMAT parquet)"
    )
    file = open_file(path, engine=engine)
    assert file.form == "parquet"
    (row,) = engine.rows(stage(engine, file).table)
    assert row == {
        "name": "x",
        "customer": "17850",
        "price": "19.95",
        "total": "5.10",
        "day": "2024-02-29",
        "at": "2024-02-29 23:59:58.5",
        "ok": "true",
        "items": "[1,2]",
        "zoned": "2024-02-29 10:00:00+00:00",
        "nothing": None,
        "line": 1,
    }


def test_a_damaged_parquet_file_is_named(refusal):
    assert "Parquet file is damaged" in refusal(b"PAR1" + bytes(100), name="orders.parquet")
