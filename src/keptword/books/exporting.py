"""Everything the books hold about one customer, in one piece they can be handed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from ibis.expr.types import Table

from keptword.books.accounts import Account, AccountLine, account_of
from keptword.books.closing import closings, configuration
from keptword.books.engine import engine_for
from keptword.books.erasing import unknown
from keptword.books.facts import live_facts
from keptword.books.opened import Books, Say
from keptword.books.recording import settle_now
from keptword.closing.compute import Closer
from keptword.closing.configuration import Input
from keptword.closing.promise_book import Spoken, promise_book
from keptword.closing.sealed import Sealed
from keptword.core.lines import GRADES, MAGNITUDES
from keptword.core.problems import KeptwordError
from keptword.core.schema import COLUMNS, FACT_SCHEMA, KINDS
from keptword.engines import traits
from keptword.engines.duckdb import Engine

_NAMED: Final = ("kind", "occurred_at", "occurred_on", "subject", "channel", "source")
"""What is told of others' entries that name them: not who the other is."""

_DIGITS: Final = 6


def exported(books: Books, user_key: str, *, say: Say) -> dict[str, Any]:
    """Return everything about a customer as JSON would hold it: entries, promises, our record, what was laid aside, and
    what the desk knows: their row of the address book, notes about them, letters to them.

    Promises and the record are as of the last day closed; promises as of today where they are not known by then.
    Raises `KeptwordError` for a key nobody has.
    """
    from keptword.intake import tombstones
    from keptword.office import forgetting

    settle_now(books, say=say)
    with engine_for(books) as engine:
        say("Reading …")
        facts = books.journal.facts(engine)
        entries = engine.rows(_theirs(facts, user_key).order_by("occurred_at", "fact_id"))
        named = facts.filter((facts.other_user == user_key) & (facts.user_key.fill_null("") != user_key))
        mentions = engine.rows(named.select(*_NAMED).order_by("occurred_at", "subject"))
        laid_aside = tombstones.lines_of(user_key)
        waits = tombstones.held(user_key).waiting
        desk = forgetting.everything(user_key)
        if not (entries or mentions or laid_aside or waits or any(desk.values())):
            raise KeptwordError(
                f'"{user_key}" was erased before; there is nothing of them to hand out.'
                if tombstones.is_buried(user_key)
                else unknown(books, user_key)
            )
        counted = {row["fact_id"] for row in engine.rows(_theirs(live_facts(books, engine), user_key))}
        account, sealed = _account(books, engine, facts=facts, user_key=user_key)
        told = {
            "about": f"Everything the books of {books.business.name} hold about one customer.",
            "business": books.business.name,
            "user_key": user_key,
            "exported_at": _plain(datetime.now(UTC)),
            "address_book": _plain_row(desk["address_book"]),
            **{name: [_plain_row(row) for row in rows] for name, rows in desk.items() if name != "address_book"},
            "entries": [_entry(row, counts=row["fact_id"] in counted) for row in entries],
            "entries_of_others_that_name_them": [_plain_row(row) for row in mentions],
            "entries_that_wait": waits,
            **(_record(account) if account else _promises_today(books, engine, facts=facts, user_key=user_key)),
            "word_of_mouth": _brought(engine, sealed, user_key=user_key),
            "lines_we_could_not_read": [
                {"line": each.content, "why": each.reason, "from": each.place, "since": _plain(each.since)}
                for each in laid_aside
            ],
        }
    return told | {"what_the_words_mean": _meanings(told)}


def _theirs(facts: Table, user_key: str) -> Table:
    return facts.filter(facts.user_key == user_key)


def _entry(row: Mapping[str, Any], *, counts: bool) -> dict[str, Any]:
    """One entry with what is known of it; one whose import was taken back says so."""
    plain = _plain_row({name: row[name] for name in (*FACT_SCHEMA, "import_number")})
    if plain.get("attributes"):
        plain["attributes"] = json.loads(plain["attributes"])
    return plain if counts else plain | {"taken_back": True}


def _account(books: Books, engine: Engine, *, facts: Table, user_key: str) -> tuple[Account | None, Sealed | None]:
    done = closings(books)
    if not done:
        return None, None
    known = books.journal.facts(engine, upto=done[-1].input.batch)
    told = configuration(books)
    try:
        return account_of(engine, known, user_key=user_key, sealed=done[-1], configuration=told), done[-1]
    except KeptwordError:
        # They came after the last day that was closed.
        return None, done[-1]


def _record(account: Account) -> dict[str, Any]:
    return {
        "as_of": account.as_of.isoformat(),
        "promises": [_plain_row(vars(each)) for each in account.promises],
        "our_record": [_line(each) for each in account.lines],
    }


def _line(each: AccountLine) -> dict[str, Any]:
    line = each.line
    return {
        "line": line.name,
        "title": line.title,
        "balance": _plain(each.balance),
        "counts": MAGNITUDES[line.magnitude],
        "half_life_days": line.half_life_days or "does not fade",
        "assumed_from": line.source,
        "how_good_that_is": GRADES[line.grade],
        "entries": [_plain_row(vars(entry)) for entry in each.entries],
    }


def _promises_today(books: Books, engine: Engine, *, facts: Table, user_key: str) -> dict[str, Any]:
    """Return the promises to them as they stand today, judged from the entries that have to do with them."""
    theirs = _theirs(facts, user_key)
    near = (
        (facts.user_key == user_key)
        | facts.subject.isin(theirs.subject)
        | facts.promise_id.isin(theirs.promise_id)
        # What was done about a promise made by rule may name nothing but the promise.
        | facts.promise_id.contains("/")
        | (facts.kind == "import.withdrawn")
    )
    around = engine.create("around", facts.filter(near))
    told = configuration(books)
    closer = Closer(engine, around, configuration=told, upto=Input(books.today, books.journal.last_batch()))
    known = engine.create("known", closer.told())
    book = promise_book(
        engine,
        Spoken(known, ruled=known, moves=known),
        rules=told.rules,
        as_of=closer.as_of,
        traits=lambda name: traits.trait(engine, known, name=name),
    )
    rows = engine.rows(_theirs(book, user_key).order_by("made_on", "promise_id"))
    return {"as_of": books.today.isoformat(), "promises": [_plain_row(row) for row in rows], "our_record": []}


def _brought(engine: Engine, sealed: Sealed | None, *, user_key: str) -> dict[str, Any] | None:
    rows = engine.rows(_theirs(sealed.table(engine, "brought"), user_key)) if sealed else []
    return _plain_row(rows[0]) if rows else None


def _meanings(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return in a sentence what each column and each kind of entry that occurs means."""
    entries = told["entries"]
    columns = {name for entry in entries for name in entry}
    kinds = sorted({entry["kind"] for entry in entries})
    return {
        "columns": {column.name: column.meaning for column in COLUMNS if column.name in columns},
        "kinds": {kind: KINDS[kind].sentence for kind in kinds},
    }


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row without what is empty, as JSON holds it."""
    return {name: _plain(value) for name, value in row.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat(timespec="microseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        text = f"{round(value, _DIGITS):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value
