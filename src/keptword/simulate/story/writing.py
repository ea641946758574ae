"""Writes the story's facts as Keptword reads them, block by block, with the truth beside them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal

import duckdb
import numpy as np

from keptword.core.problems import KeptwordError
from keptword.core.schema import COLUMNS, KINDS, PROMISE_KINDS
from keptword.engines.duckdb import Engine, literal, quoted
from keptword.simulate.catalogue import PRODUCTS
from keptword.simulate.clock import Numbers
from keptword.simulate.story.life import Block, Story
from keptword.simulate.story.log import CHANNELS, CURRENCIES, KIND_NUMBER, NONE, SUBJECTS, Columns
from keptword.simulate.story.scene import NUMBERS_PER_BLOCK
from keptword.simulate.story.texts import NOTES
from keptword.simulate.story.truth import Tally

FactForm = Literal["jsonl", "parquet"]

Progress = Callable[[int, int], None]
"""Told after each block: how many of how many customers' entries are written."""

LATER: Final = 90
"""A fact is learned at most so many seconds after it happened."""

_ROW_GROUP: Final = 122_880
_OURS: Final = re.compile(r"(facts\.jsonl|facts-\d{4,}\.parquet)(\.part)?|truth\.json")
_PRODUCT: Final = SUBJECTS.index("product") + 1


def _texts(names: list[str]) -> str:
    return "[" + ", ".join(literal(name) for name in names) + "]"


def _empty(column: str) -> str:
    return f"nullif({column}, {NONE})"


def _key(number: str, mixed: str) -> str:
    return f"CASE WHEN \"{number}\" <> {NONE} THEN lower(lpad(hex({mixed}), 16, '0')) END"


_MOMENTS: Final = {
    "occurred_at": 'make_timestamp("at" * 1000000)',
    "recorded_at": 'make_timestamp(("at" + later) * 1000000)',
    "due_at": f"make_timestamp({_empty('due_at')} * 1000000)",
}


def _select(story: Story, *, form: FactForm) -> str:
    """Return the query that turns the columns of a block into facts, up to the name of the table they are in."""
    source = f"haiwen-{story.seed}"
    kind = f"{_texts(list(KINDS))}[kind]"
    subject = f"{_texts([f'{name}:' for name in SUBJECTS])}[subject]"
    skus = _texts([product.sku for product in PRODUCTS])
    promised = f"{_texts(list(PROMISE_KINDS))}[promise]"
    cells = {
        "fact_id": f"{literal(source + ':')} || {kind} || ':' || serial",
        "kind": kind,
        "user_key": _key("user", "user_key"),
        "occurred_on": "date '1970-01-01' + \"on\"::integer",
        "clock_seconds": "clock::integer",
        "promise_id": f"{literal(source + ':')} || {promised} || ':' || number",
        "promise_kind": f"CASE WHEN kind = {KIND_NUMBER['promise.made']} THEN {promised} END",
        "due_on": f"date '1970-01-01' + {_empty('due_on')}::integer",
        "subject": f"{subject} || CASE WHEN subject = {_PRODUCT} THEN {skus}[number] ELSE number::varchar END",
        "stage": f"{_texts([one.stage for one in KINDS.values()])}[kind]",
        "channel": f"{_texts(list(CHANNELS))}[channel]",
        "member": "CASE WHEN member > 0 THEN 'member-' || member END",
        "other_user": _key("other_user", "other_key"),
        "amount": f"({_empty('amount')}::decimal(16, 0) / 100)::decimal(18, 4)",
        "cost": f"({_empty('cost')}::decimal(16, 0) / 100)::decimal(18, 4)",
        "currency": f"{_texts(list(CURRENCIES))}[currency]",
        "seconds": "seconds",
        "steps": f"{_empty('steps')}::integer",
        "score": "score",
        "attributes": f"{_texts(list(NOTES))}[note]",
        "source": literal(source),
    }
    for name, moment in _MOMENTS.items():
        cells[name] = moment if form == "parquet" else f"strftime({moment}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    if form == "jsonl":
        cells["attributes"] += "::json"
    return "SELECT " + ", ".join(f"{cells[column.name]} AS {column.name}" for column in COLUMNS) + " FROM "


def _mixed(users: Numbers, *, seed: int) -> Numbers:
    """Return a pseudonym for each user: no two the same, in no order (SplitMix64, Steele et al. 2014)."""
    mixed = users.astype(np.uint64) + np.uint64(seed % (1 << 24)) * np.uint64(1 << 40)
    mixed = mixed * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: Numbers = mixed ^ (mixed >> np.uint64(31))
    return found


def _numbered(story: Story, block: Block) -> Columns:
    """Return a block's columns with what makes facts of them: serial numbers, pseudonyms, when they were learned."""
    facts = block.facts
    serial = block.number * NUMBERS_PER_BLOCK + np.arange(1, len(block) + 1)
    return facts | {
        "serial": serial,
        "later": serial * 7919 % LATER + 1,
        "user_key": _mixed(facts["user"], seed=story.seed),
        "other_key": _mixed(facts["other_user"], seed=story.seed),
    }


def write_story(
    story: Story, *, engine: Engine, folder: Path, form: FactForm, progress: Progress | None = None
) -> list[Path]:
    """Write the facts and `truth.json` into the folder and return their paths, the truth last.

    JSON Lines go to `facts.jsonl`, oldest first within each block of users; Parquet tables, one a block, to
    `facts-0001.parquet` and so on. The folder is made where it does not exist; what an earlier story left there
    under these names is removed. Raises `KeptwordError` where it cannot write.
    """
    tally = Tally(story)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        paths = _write_facts(story, engine=engine, folder=folder, form=form, tally=tally, progress=progress)
        truth = folder / "truth.json"
        text = json.dumps(tally.truth(), ensure_ascii=False, indent=1) + "\n"
        truth.write_text(text, encoding="utf-8", newline="\n")
    except (OSError, duckdb.IOException) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise KeptwordError(
            f"The invented shop's entries could not be written to {folder}: {reason}. "
            "Name a folder you may write to, or make room on the disk."
        ) from problem
    return [*paths, truth]


def _clear(folder: Path) -> None:
    """Remove what an earlier story left, so that the facts of two stories never lie side by side."""
    for path in folder.iterdir():
        if _OURS.fullmatch(path.name):
            path.unlink()


def _write_facts(
    story: Story, *, engine: Engine, folder: Path, form: FactForm, tally: Tally, progress: Progress | None
) -> list[Path]:
    """Write block after block; while one is written, the next is drawn."""
    select, paths = _select(story, form=form), []
    lines = folder / "facts.jsonl"

    def write(block: Block, path: Path) -> None:
        _copy(engine, block=_numbered(story, block), select=select, path=path, form=form)

    with ThreadPoolExecutor(max_workers=1) as beside:
        writing: Future[None] | None = None
        for block in story.blocks():
            tally.add(block)
            if writing is not None:
                writing.result()
            path = lines if form == "jsonl" else folder / f"facts-{block.number + 1:04}.parquet"
            if path not in paths:
                paths.append(path)
            writing = beside.submit(write, block, path)
            if progress is not None:
                progress(min((block.number + 1) * story.block, story.users), story.users)
        if writing is not None:
            writing.result()
    for path in paths:
        _part(path).replace(path)
    return paths


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _copy(engine: Engine, *, block: Columns, select: str, path: Path, form: FactForm) -> None:
    """Write one block to a file of its own, or at the end of the lines written so far."""
    with engine.lent(block) as name:
        query = select + quoted(name)
        if form == "parquet":
            options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP}"
            engine.sql(f"COPY ({query}) TO {literal(str(_part(path)))} ({options})")
            return
        lines = engine.folder / "block.jsonl"
        engine.sql(f"COPY ({query}) TO {literal(str(lines))} (FORMAT json)")
    with lines.open("rb") as begin, _part(path).open("ab") as end:
        shutil.copyfileobj(begin, end, 1 << 20)
    lines.unlink()
