"""Erases a customer at their request from everything the books hold, and proves it by searching all of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from keptword.books import uploads
from keptword.books.engine import engine_for
from keptword.books.opened import Books, Say, writing
from keptword.books.recording import settle
from keptword.books.searching import Searched, search, search_server
from keptword.closing import erasing as closed
from keptword.closing.erasing import ErasedFrom
from keptword.closing.sealed import clear_drafts, sealed_closings
from keptword.core.mentions import Name, namesakes
from keptword.core.problems import KeptwordError
from keptword.engines.duckdb import Engine, quoted
from keptword.journal.erasing import Erased

if TYPE_CHECKING:
    from keptword.intake.lease import Held
    from keptword.intake.tombstones import Forgotten
    from keptword.office.forgetting import Kept

_STAGED: Final = re.compile(r"import-(\d+)(?:\.people)?\.parquet")
_PATIENCE: Final = 30.0


@dataclass(frozen=True)
class Presence:
    """What the books hold of somebody: `entries` of their own, `mentions` as the other end in others' entries,
    `waiting` entries, `refused` lines that name them, rows in closed days, what the desk keeps (`office`: their row of
    the address book, notes, letters); and whether they were erased before."""

    user_key: str
    entries: int
    mentions: int
    waiting: int
    refused: int
    closings: tuple[ErasedFrom, ...]
    office: Kept
    was_erased: bool

    @property
    def is_empty(self) -> bool:
        """Whether the books hold nothing of them."""
        there = (self.entries, self.mentions, self.waiting, self.refused, self.closings, self.office)
        return not any(there)


@dataclass(frozen=True)
class Taken:
    """What was taken out of the database, of the desk's part of it, of the journal and the closings, how many left-over
    files were removed, and the files that imports are writing just now."""

    database: Forgotten
    office: Kept
    journal: Erased
    closings: tuple[ErasedFrom, ...]
    leftovers: int
    running: tuple[str, ...]


@dataclass(frozen=True)
class Erasure:
    """An erasure and its proof: what was there, what was taken out, and what a search of every file found afterwards.

    It was searched for the key, and for `mail` too, where the address book had one that is nobody else's. `beside` are
    older copies of the books that lie beside them, which nobody was erased from.
    """

    found: Presence
    taken: Taken
    searched: Searched
    beside: tuple[Path, ...]
    mail: str = ""


def presence(books: Books, user_key: str, *, say: Say) -> Presence:
    """Return what the books hold of somebody; refuse a key nobody has or had."""
    with engine_for(books) as engine:
        say("Looking for them …")
        found = _presence(books, engine, user_key=user_key)
    if found.is_empty and not found.was_erased:
        raise KeptwordError(unknown(books, user_key))
    return found


def unknown(books: Books, user_key: str) -> str:
    """Return the sentence about a key that nobody has."""
    return (
        f'Nobody in the books of {books.business.name} has the key "{user_key}". Nothing was changed. Keys are written '
        "exactly as in the entries, with small and large letters; keptword promises and keptword facts show them."
    )


def erase(books: Books, user_key: str, *, say: Say) -> Erasure:
    """Erase somebody from the database, the journal and its history, closed days and whatever lies in the folder.

    A tombstone comes first, so that nobody comes back whatever happens after. May be killed anywhere: running it again
    finishes, also where nothing can be found of them any more. In others' entries that name them as the other end of
    a recommendation, that column is emptied: the entry is the other's and stays. What closed days count of everybody
    stays as it was sealed. Raises `KeptwordError` for a key nobody has or had, before anything is changed.
    """

    with writing(books, say=say) as lease, _without_figures(books), engine_for(books) as engine:
        # What waits comes first, so that what is counted is all there is.
        settle(books, engine, lease=lease, say=say)
        clear_drafts(books.folder.closings)
        found = _presence(books, engine, user_key=user_key)
        if found.is_empty and not found.was_erased:
            raise KeptwordError(unknown(books, user_key))
        name = Name(user_key, _namesakes(books, engine, user_key=user_key))
        addresses = _addresses(user_key)
        taken = _take_out(books, engine, lease=lease, names=[name], also=addresses, say=say)
        say("Searching every file …")
        searched = search(books.folder.path, engine, name=name, also=addresses)
        on_server = tuple(table for each in (name, *addresses) for table in search_server(each))
        searched = replace(searched, held=(*searched.held, *dict.fromkeys(on_server)))
    mail = addresses[0].key if addresses else ""
    return Erasure(found, taken=taken, searched=searched, beside=copies_beside(books.folder.path), mail=mail)


def erase_again(books: Books, user_keys: Sequence[str], *, say: Say) -> None:
    """Erase people who were erased before, from books that come from a backup; without asking who they are."""
    with writing(books, say=say) as lease, _without_figures(books), engine_for(books) as engine:
        clear_drafts(books.folder.closings)
        names = [Name(key, _namesakes(books, engine, user_key=key)) for key in user_keys]
        _take_out(books, engine, lease=lease, names=names, say=say)


def _take_out(
    books: Books, engine: Engine, *, lease: Held, names: Sequence[Name], say: Say, also: Sequence[Name] = ()
) -> Taken:
    from keptword.intake import tombstones
    from keptword.office import forgetting

    keys = [name.key for name in names]
    tombstones.bury(keys, now=datetime.now(UTC))
    # What waits, and an import handed over in between, is recorded without them.
    settle(books, engine, lease=lease, say=say)
    say("Erasing …")
    if _meet_others(books, engine, user_keys=keys):
        closed.no_foundation(books.folder.closings, guard=lease.check)
    others = {each for name in names for each in name.namesakes} - {*keys}
    forgotten = tombstones.forget(keys, namesakes=others)
    office = forgetting.forget(keys, namesakes=others)
    journal = books.journal.erase(engine, keys, guard=lease.check)
    closings = closed.erase(books.folder.closings, engine, user_keys=keys, guard=lease.check)
    leftovers, running = _without_leftovers(books, lease)
    remove_figures(books)
    # Somebody may have been writing about them just as the tombstone came.
    forgetting.forget(keys, namesakes=others)
    say("Rewriting the database …")
    _scrub(books, [*names, *also])
    return Taken(forgotten, office, journal=journal, closings=closings, leftovers=leftovers, running=running)


@contextmanager
def _without_figures(books: Books) -> Iterator[None]:
    """Let nobody work out figures meanwhile, which would have been read before somebody is taken out."""
    from keptword.intake.lease import held

    with held(name="figures", wait=None):
        yield


def remove_figures(books: Books) -> None:
    """Remove all figures, which name customers; they are made anew. For who holds their lease.

    Whoever has a file of them open keeps it until then, where the system allows that; on Windows such a file stays
    until it is closed, and the search that follows an erasure tells of it.
    """
    for path in sorted(books.folder.figures.glob("*")):
        with suppress(OSError):
            path.unlink()


def copies_beside(folder: Path) -> tuple[Path, ...]:
    """Return the copies of the books that an upgrade or a restore left beside them: nobody is erased from those."""
    return tuple(sorted(folder.absolute().parent.glob(f"{_escaped(folder.absolute().name)}-before-*")))


def _escaped(name: str) -> str:
    return re.sub(r"([\[\]*?])", r"[\1]", name)


def _presence(books: Books, engine: Engine, *, user_key: str) -> Presence:
    from keptword.intake import tombstones
    from keptword.office import forgetting

    facts = quoted(books.journal.facts(engine).get_name())
    row = engine.sql(
        f"SELECT count(*) FILTER (user_key = $1), count(*) FILTER (other_user = $1 AND user_key IS DISTINCT FROM $1) "
        f"FROM {facts} WHERE user_key = $1 OR other_user = $1",
        [user_key],
    ).fetchone()
    there = tombstones.held(user_key, namesakes=_namesakes(books, engine, user_key=user_key))
    return Presence(
        user_key=user_key,
        entries=int(row[0]) if row else 0,
        mentions=int(row[1]) if row else 0,
        waiting=there.waiting,
        refused=there.quarantined,
        closings=closed.holding(books.folder.closings, engine, user_keys=[user_key]),
        office=forgetting.kept(user_key),
        was_erased=tombstones.is_buried(user_key),
    )


def _namesakes(books: Books, engine: Engine, *, user_key: str) -> tuple[str, ...]:
    """The keys of others that hold this one as a part: to be left alone, and not to be taken for this one."""
    facts = quoted(books.journal.facts(engine).get_name())
    rows = engine.sql(
        f"SELECT user_key FROM {facts} WHERE contains(user_key, $1) UNION "
        f"SELECT other_user FROM {facts} WHERE contains(other_user, $1)",
        [user_key],
    ).fetchall()
    return namesakes(user_key, (key for (key,) in rows))


def _addresses(user_key: str) -> tuple[Name, ...]:
    """The mail address of somebody as it is written and in small letters, to be searched for; none another has too."""
    from keptword.office import people

    own = people.person(user_key)
    if own is None or not own.mail:
        return ()
    alike = [each.mail for each in people.with_mail(own.mail) if each.user_key != user_key]
    spelled = dict.fromkeys((own.mail, own.mail.lower()))
    if any(mail.lower() == own.mail.lower() for mail in alike):
        return ()
    return tuple(Name(each, namesakes(each, (*alike, *(mail.lower() for mail in alike)))) for each in spelled)


def _meet_others(books: Books, engine: Engine, *, user_keys: Sequence[str]) -> bool:
    """Whether a promise that others' entries are about too is made, moved or kept by an entry of theirs.

    Then it stands otherwise once they are gone, and what was sealed before is no ground to go on from.
    """
    done = sealed_closings(books.folder.closings)
    if not done:
        return False
    facts = quoted(books.journal.facts(engine).get_name())
    by_rule = "SELECT NULL WHERE false"
    if done[-1].has("promises"):
        book = quoted(done[-1].table(engine, "promises").get_name())
        by_rule = f"SELECT subject FROM {book} WHERE contains(promise_id, '/')"
    row = engine.sql(
        f"WITH people AS (SELECT unnest($1::VARCHAR[]) AS key), "
        f"theirs AS (SELECT promise_id, subject FROM {facts} WHERE user_key IN (SELECT key FROM people)) "
        f"SELECT 1 FROM {facts} WHERE (user_key IS NULL OR user_key NOT IN (SELECT key FROM people)) AND ("
        "promise_id IN (SELECT promise_id FROM theirs WHERE promise_id IS NOT NULL) OR subject IN "
        f"(SELECT subject FROM theirs WHERE subject IS NOT NULL AND subject IN ({by_rule}))) LIMIT 1",
        [list(user_keys)],
    ).fetchone()
    return row is not None


def _without_leftovers(books: Books, lease: Held) -> tuple[int, tuple[str, ...]]:
    """Remove what killed commands left in the folder; return how many files, and what running imports are writing."""
    lease.check()
    removed = 0
    for path in [*books.folder.path.glob("*.part"), *books.folder.staged.glob("*.part")]:
        if path.is_file():
            path.unlink()
            removed += 1
    running = []
    for path in sorted(books.folder.staged.iterdir()) if books.folder.staged.is_dir() else ():
        found = _STAGED.search(path.name)
        if found and not _is_stale(path, number=int(found[1])):
            running.append(path.name)
        elif found:
            path.unlink(missing_ok=True)
            removed += 1
    # Whose data is in files given to the desk nobody can tell: all of them go, but for those being read just now.
    uploaded, being_read = uploads.remove_all(books.folder)
    return removed + uploaded, (*running, *being_read)


def _is_stale(path: Path, *, number: int) -> bool:
    """Whether a staged file is of an import that was killed before it handed the file over."""
    from keptword.intake import imports
    from keptword.intake.lease import LeaseBusy, held

    try:
        with held(name=f"import-{number}", wait=0.0):
            return f"import-{number}.parquet" not in imports.sealed(number)
    except LeaseBusy:
        return False


def _scrub(books: Books, names: Sequence[Name]) -> None:
    """Rewrite the database, and again where somebody reading kept the log beside it from being emptied."""
    from keptword.intake import database

    log = books.folder.database.with_name(books.folder.database.name + "-wal")
    until = time.monotonic() + _PATIENCE
    database.scrub()
    while log.exists() and log.stat().st_size and time.monotonic() < until:
        content = log.read_bytes()
        if not any(name.is_in_bytes(content) for name in names):
            return
        time.sleep(0.2)
        database.scrub()
