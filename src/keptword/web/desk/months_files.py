"""The files of a month: its statement as a spreadsheet, for programs and as a text, and its promises."""

from __future__ import annotations

import json
from datetime import date
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from keptword.figures.reading import current
from keptword.figures.statements import Kept
from keptword.web import shop
from keptword.web.desk.promises.listed import said_state
from keptword.web.keeping.book import Wanted, book_of
from keptword.web.keeping.standing import Moment
from keptword.web.listing import as_csv
from keptword.web.spoken import promise

FORMS: Final = {"csv": "text/csv", "json": "application/json", "txt": "text/plain"}
"""What a statement is handed out as."""


def statement(kept: Kept, form: str) -> HttpResponse:
    """Return a statement as a file to be saved, the same as `keptword statement` writes it; nobody is named in it."""
    texts = {
        "csv": lambda: kept.csv,
        "json": lambda: json.dumps(kept.values, ensure_ascii=False, indent=2),
        "txt": lambda: kept.text,
    }
    response = HttpResponse(texts[form](), content_type=f"{FORMS[form]}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="statement-{kept.period.day}.{form}"'
    return response


def promises(request: HttpRequest, *, first: date, last: date) -> HttpResponseBase:
    """Return the promises that fell due from a day to another, one row each, as they stand now."""
    reader = current(shop.books().folder)
    if reader is None:
        raise Http404
    words = request.words
    heads = ("promise", "kind", "about", "customer", "made", "due", "kept", "stands", "carrier", "country", "channel")
    book = book_of(reader, moment=Moment(shop.now(), shop.books().timezone))
    rows = book.all(Wanted(due_from=first, due_to=last), sort="due", down=True)
    return as_csv(
        f"promises-{last}",
        heads=[words.say(f"months.file_{head}") for head in heads],
        rows=(
            (
                row.promise_id,
                promise(words, row.kind),
                row.subject,
                row.user_key,
                row.made_on,
                row.due_day,
                row.kept_on or "",
                said_state(words, row),
                row.carrier,
                row.country,
                row.channel,
            )
            for row in rows
        ),
    )
