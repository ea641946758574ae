"""People we owe something, as a file for the mail tool: nobody who waits for a refund gets an offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from django.http import HttpRequest, HttpResponseBase

from keptword.office.people import several
from keptword.web.desk.waiting.drafts import waits_now
from keptword.web.keeping.telling import Teller, teller
from keptword.web.keeping.waits import Wait
from keptword.web.listing import as_csv
from keptword.web.spoken import customer
from keptword.words import Words, without_marks

_AT_ONCE = 500


def owed(request: HttpRequest) -> HttpResponseBase:
    """Give the file: one row a person, with what we owe them and since when; no address where none is known."""
    waits, words = waits_now(), request.words
    rows: Iterable[tuple[str, str, str, str]] = ()
    if waits is not None:
        speaker = teller(waits.book.reader, words=words, user_keys=())
        people = [(key, list(some)) for key, some in groupby(waits.owed(), key=lambda wait: wait.user_key)]
        rows = _rows(iter(people), speaker=speaker, words=words)
    heads = [without_marks(words.say(f"waits.column_{name}")) for name in ("name", "mail", "owed", "since")]
    return as_csv(without_marks(words.say("waits.owed_file")), heads=heads, rows=rows)


def _rows(
    people: Iterator[tuple[str, list[Wait]]], *, speaker: Teller, words: Words
) -> Iterator[tuple[str, str, str, str]]:
    while some := list(islice(people, _AT_ONCE)):
        known = several(key for key, _ in some)
        for key, waits in some:
            name, mail = (known[key].name, known[key].mail) if key in known else ("", "")
            named = dict.fromkeys(_named(wait, speaker=speaker) for wait in waits)
            since = min(wait.since_on for wait in waits)
            called = name if name or mail else without_marks(customer(words, user_key=key))
            yield called, mail, words.listed(list(named)), since.isoformat()


def _named(wait: Wait, *, speaker: Teller) -> str:
    about = speaker.about(wait.subject)
    return f"{speaker.kind(wait)} ({about})" if about and not wait.is_conversation else speaker.kind(wait)
