"""Takes a person out of the journal: out of the live files, and out of every file that is not live any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from keptword.engines.duckdb import Engine, quoted
from keptword.journal.failures import told
from keptword.journal.layout import JournalFile
from keptword.journal.reading import parquet, refuse_damaged
from keptword.journal.rewriting import replace
from keptword.journal.snapshot import open_snapshot
from keptword.journal.upkeep import refuse_other_rows, vacuum
from keptword.journal.writing import Written, removed_unless_committed, write_months

_TEXTS: Final = ("subject", "source", "member", "attributes")
"""Besides the id, where a source may have written the other end of a word of mouth a second time."""


@dataclass(frozen=True)
class Erased:
    """What an erasure did: `entries` of the person deleted, `mentions` of them in others' entries emptied,
    `rewritten` live files, and `deleted` files that were on the disk and held them, or were nobody's any more."""

    entries: int
    mentions: int
    rewritten: int
    deleted: int


def erase(folder: Path, engine: Engine, *, user_keys: Sequence[str], guard: Callable[[], None]) -> Erased:
    """Erase the people named by `user_keys` and return what was done; erasing again, or somebody unknown, is no error.

    Their own entries go; in others' entries `other_user` is emptied, and the key taken out of their texts, since those
    are not theirs to take along. Then
    everything not live is deleted at once, also where an erasure was killed before it came to that.
    """
    doing = "erasing somebody from the journal"
    snapshot = open_snapshot(folder)
    files = snapshot.files()
    refuse_damaged(files)
    keys = quoted(engine.put("erased", {"key": "string"}, rows=[(key,) for key in user_keys]).get_name())
    written: list[Written] = []
    try:
        with told(folder, doing=doing):
            found = _holders(engine, files, keys=keys)
        with removed_unless_committed(folder, written):
            for file, (entries, _) in found.items():
                with told(folder, doing=doing):
                    kept = write_months(engine, folder, source=_without(engine, file, keys=keys))
                written += kept
                refuse_other_rows(folder, before=file.rows - entries, after=sum(one.rows for one in kept))
            if found:
                replace(snapshot, old=list(found), new=written, data_change=True, guard=guard, doing=doing)
    finally:
        engine.sql(f"DROP TABLE {keys}")
    deleted = vacuum(folder, guard=guard, spare=timedelta(0))
    return Erased(
        entries=sum(entries for entries, _ in found.values()),
        mentions=sum(mentions for _, mentions in found.values()),
        rewritten=len(found),
        deleted=deleted,
    )


def _holders(engine: Engine, files: Sequence[JournalFile], *, keys: str) -> dict[JournalFile, tuple[int, int]]:
    """The files that hold one of the keys, each with the entries of those people and the mentions in others'."""
    if not files:
        return {}
    own, other = (f"coalesce({column} IN (SELECT key FROM {keys}), false)" for column in ("user_key", "other_user"))
    counted = engine.sql(
        f"SELECT filename, count(*) FILTER (own), count(*) FILTER (NOT own) FROM ("
        f"SELECT filename, {own} AS own, {other} AS other FROM {parquet(engine, files, options=', filename=true')}"
        f") WHERE own OR other GROUP BY filename ORDER BY filename"
    ).fetchall()
    # By the last part: it is a number of its own, and the engine may write the path before it in another way.
    by_name = {file.path.name: file for file in files}
    return {by_name[Path(path).name]: (int(entries), int(mentions)) for path, entries, mentions in counted}


def _without(engine: Engine, file: JournalFile, *, keys: str) -> str:
    """The rows of a file without the people's own; where others' name one of them, nothing of the key is left in them.

    Such an entry cannot come in a second time under its old id: the pump keeps out what names somebody erased.
    """
    named = f"coalesce(other_user IN (SELECT key FROM {keys}), false)"
    own = f"user_key IS NULL OR user_key NOT IN (SELECT key FROM {keys})"
    rows = f"(SELECT *, {named} AS named FROM {parquet(engine, [file])} WHERE {own})"
    texts = [f"CASE WHEN named THEN {_unnamed(column)} ELSE {column} END AS {column}" for column in _TEXTS]
    # An id stays one of its own, and can be told from no other by what took the place of the key.
    token = "'erased-' || left(uuid()::VARCHAR, 8)"
    texts.append(f"CASE WHEN named THEN {_unnamed('fact_id', by=token)} ELSE fact_id END AS fact_id")
    return (
        "(SELECT * EXCLUDE (named) REPLACE (CASE WHEN named THEN NULL ELSE other_user END AS other_user, "
        "CASE WHEN named THEN ('0x' || substr(md5(fact_id), 1, 15))::BIGINT ELSE fact_hash END AS fact_hash) "
        f"FROM (SELECT * REPLACE ({', '.join(texts)}) FROM {rows}))"
    )


def _unnamed(column: str, *, by: str = "'erased'") -> str:
    """A text with another word wherever `other_user` stands in it by itself, not as a part of a longer word."""
    pattern = "'(^|[^\\pL\\pN])' || regexp_escape(other_user) || '($|[^\\pL\\pN])'"
    once = f"regexp_replace({column}, {pattern}, '\\1' || {by} || '\\2', 'g')"
    # Twice, since of two that stand side by side the first takes the sign between them.
    return f"regexp_replace({once}, {pattern}, '\\1' || {by} || '\\2', 'g')"
