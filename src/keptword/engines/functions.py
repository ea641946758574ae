"""DuckDB's own functions that sources use to read files; nothing a closing computes may use them.

Ibis only needs the declarations: their bodies are never called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.datatypes as dt

_text = dt.string
_texts = dt.Array(dt.string)
_local = dt.Timestamp(scale=6)
_instant = dt.Timestamp(timezone="UTC", scale=6)


def _one(a: object) -> object: ...


def _two(a: object, b: object) -> object: ...


def _builtin(name: str, arguments: tuple[dt.DataType, ...], gives: dt.DataType) -> Any:
    """Declare one function of DuckDB by name and types; Ibis takes the number of arguments from a function."""
    shape: Callable[..., object] = _one if len(arguments) == 1 else _two
    return ibis.udf.scalar.builtin(shape, name=name, signature=(arguments, gives))


try_strptime = _builtin("try_strptime", (_text, _texts), _local)
"""A local time in the first format that fits, or nothing."""

sha256 = _builtin("sha256", (_text,), _text)
"""The digest of a text: 64 hexadecimal digits."""

local_to_instant = _builtin("timezone", (_text, _local), _instant)
"""The instant at which the clocks of a named time zone showed a local time."""

instant_to_local = _builtin("timezone", (_text, _instant), _local)
"""What the clocks of a named time zone showed at an instant."""

regexp_matches = _builtin("regexp_matches", (_text, _text), dt.boolean)
"""Whether a regular expression is found in a text."""

text_to_json = _builtin("to_json", (_text,), _text)
"""A text as a JSON string."""

list_to_json = _builtin("to_json", (_texts,), _text)
"""A list of texts as a JSON array."""

json_keys = _builtin("json_keys", (_text,), _texts)
"""The names of the members of a JSON object."""

json_part = _builtin("json_extract", (_text, _text), _text)
"""What stands at a path in a JSON text, as JSON again; empty where nothing does."""

json_text = _builtin("json_extract_string", (_text, _text), _text)
"""The value at a path of a JSON text (`$.country`), as a text."""

json_texts = _builtin("json_extract_string", (_text, _text), _texts)
"""The values at a path of a JSON text that names several (`$.product[*]`), as texts."""

newest_text = ibis.udf.agg.builtin(_two, name="arg_max", signature=((_text, _local), _text))
"""Of a group's texts the one with the latest moment; which of several of the same moment is left open.

Ibis' own `argmax` puts each group in order first, which takes several times as long.
"""
