"""JSON files as tables: which form of JSON it is, and the keys that become columns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Literal

import duckdb

from keptword.core.problems import KeptwordError, Sentence
from keptword.engines.duckdb import Engine, literal
from keptword.sources.files.scanning import LONGEST_OBJECT, lines_of, literal_path

_ARRAY: Final = re.compile(r"\s*\[\s*[{\]]")
_ROWS_FOR_KEYS: Final = 100_000
_LARGEST_WHOLE: Final = 256_000_000


def json_form(text: str) -> Literal["array", "lines", "whole"] | None:
    """Say whether the start of a file is that of a JSON array, of JSON Lines, or of one or more whole objects.

    JSON Lines hold one object a line; "whole" objects go over several lines. None where it is no JSON at all.
    """
    if _ARRAY.match(text):
        return "array"
    if not text.lstrip().startswith("{"):
        return None
    lines = [line for line in text.split("\n")[:20] if line.strip()]
    objects = sum(_is_object(line) for line in lines)
    return "lines" if objects * 2 > len(lines) and not _is_wrapper(lines[0]) else "whole"


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _is_wrapper(line: str) -> bool:
    # {"orders": [...]}: what some programs write around their rows, all on one line.
    return re.match(r'\s*\{\s*"\w+"\s*:\s*\[\s*\{', line) is not None


def as_lines(path: Path, *, name: str, to: Callable[[], Path]) -> Path:
    """Rewrite whole objects, or the only list inside a single one (`{"orders": [...]}`), as JSON Lines.

    `to` names a new file in the scratch folder. Raises `KeptwordError` where the file is not whole, or too large
    for reading it in one piece.
    """
    if path.stat().st_size > _LARGEST_WHOLE:
        raise KeptwordError(
            "{name}: this JSON file is one piece of more than {most} MB. Save it as JSON"
            " Lines (one object a line) or as a list of objects; those are read whatever their size.",
            name=name,
            most=_LARGEST_WHOLE // 1_000_000,
        )
    copy = to()
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    with copy.open("w", encoding="utf-8", newline="\n") as stream:
        for one in _unwrapped(list(_decoded(text, name=name))):
            stream.write(json.dumps(one, ensure_ascii=False) + "\n")
    return copy


def _decoded(text: str, *, name: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    place = 0
    while rest := re.compile(r"\s*").match(text, place):
        if rest.end() == len(text):
            return
        try:
            one, place = decoder.raw_decode(text, rest.end())
        except json.JSONDecodeError as error:
            raise KeptwordError(
                "{name}, line {line}: the JSON breaks off or is damaged here ({why}, at character"
                " {at}). Download or export the file again.",
                name=name,
                line=error.lineno,
                why=error.msg,
                at=error.colno,
            ) from error
        yield one


def _unwrapped(decoded: list[Any]) -> list[Any]:
    if len(decoded) == 1 and isinstance(decoded[0], dict):
        lists = [value for value in decoded[0].values() if isinstance(value, list) and _all_objects(value)]
        if len(lists) == 1 and len(decoded[0]) <= 3:
            return lists[0]
    return decoded


def _all_objects(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(value, dict) for value in values)


def rows_of(path: Path, *, form: Literal["json", "jsonl"]) -> str:
    """Return DuckDB's reading of a JSON file: `written`, a line or item each; `object`, NULL where that is no JSON."""
    if form == "jsonl":
        return f"(SELECT CASE WHEN json_valid(c0) THEN c0 END AS object, c0 AS written FROM {lines_of(path)})"
    return (
        "(SELECT json AS object, json::VARCHAR AS written FROM read_json_objects("
        f"{literal_path(path)}, format = 'array', maximum_object_size = {LONGEST_OBJECT}, compression = 'none'))"
    )


def keys(engine: Engine, path: Path, *, form: Literal["json", "jsonl"], name: str) -> tuple[str, ...]:
    """Return the keys of the objects, in the order of their first appearance, judged on the first 100,000.

    Raises `KeptwordError` where none of them is an object, or where the file is damaged.
    """
    sample = (
        f"(SELECT object FROM {rows_of(path, form=form)} WHERE json_type(object) = 'OBJECT' LIMIT {_ROWS_FOR_KEYS})"
    )
    try:
        found = engine.sql(
            "SELECT key FROM (SELECT unnest(listed) AS key, generate_subscripts(listed, 1) AS place, row_number"
            f" FROM (SELECT json_keys(object) AS listed, row_number() OVER () AS row_number FROM {sample}))"
            " GROUP BY key ORDER BY min(row_number), min(place), key"
        ).fetchall()
    except duckdb.Error as error:
        raise KeptwordError(damaged(name, error)) from error
    if not found:
        raise KeptwordError(
            '{name}: this JSON file holds no objects (like {{"id": 1}}), so there are no columns to read.'
            " Give a list of objects, or one object a line.",
            name=name,
        )
    return tuple(key for (key,) in found)


def damaged(name: str, error: duckdb.Error) -> str:
    """Return the sentence for a JSON file that DuckDB could not read to its end."""
    place = re.search(r"record/value (\d+)", str(error))
    where = Sentence(" at object {number}", number=place.group(1)) if place else ""
    return Sentence(
        "{name}: the JSON breaks off or is damaged{where}. Download or export the file again.", name=name, where=where
    )


def pointer(key: str) -> str:
    """Return the JSON pointer to a top-level key, as an SQL literal."""
    return literal("/" + key.replace("~", "~0").replace("/", "~1"))
