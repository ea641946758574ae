"""What Monday's mail says: the verdict and the acts of the overview, in plain text, nine lines at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from keptword.figures.reading import Reader, current
from keptword.web import shop
from keptword.web.addresses import whole
from keptword.web.desk import overview_much
from keptword.web.desk.overview_acts import acts
from keptword.web.desk.overview_parts import Told, overdue, unanswered
from keptword.web.pages import address
from keptword.words import Words, without_marks

VERDICT = 3
"""Lines the verdict takes at most; three acts, the business's name and two links make nine."""


@dataclass(frozen=True)
class Message:
    """What is said: the subject, the name above it, the sentences, and two links with what they are called."""

    subject: str
    head: str
    verdict: tuple[str, ...]
    acts: tuple[str, ...]
    links: tuple[tuple[str, str], ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, a line each."""
        return (self.head, *self.verdict, *self.acts, *(f"{name}: {link}" for name, link in self.links))


def message(*, words: Words, day: date) -> Message | None:
    """Return what is to be said on a day, in a language, of the books as they are; None where there is nothing yet."""
    reader = current(shop.books().folder)
    if reader is None or not reader.said("shop")["entries"]:
        return None
    name = shop.books().business.name
    headline, *verdict = map(without_marks, _verdict(reader, words=words))
    return Message(
        subject=words.say("monday.subject", name=name, verdict=headline),
        head=words.say("monday.head", name=name, day=words.day(day)),
        verdict=(headline, *verdict),
        acts=tuple(without_marks(each.sentence) for each in acts(words, reader)),
        links=(
            (words.say("monday.overview"), whole(address("overview"))),
            (words.say("monday.waiting"), whole(address("waiting"))),
        ),
    )


def somebody_waits() -> bool:
    """Tell whether anybody waits for something that was due, or for an answer."""
    reader = current(shop.books().folder)
    return reader is not None and bool(overdue(reader).count or unanswered(reader).count)


def _verdict(reader: Reader, *, words: Words) -> tuple[str, ...]:
    if overview_much.is_much(reader):
        kinds = reader.said("kinds")
        return (overview_much.headline(kinds, words=words), *overview_much.carried(kinds, words=words))[:VERDICT]
    report: Mapping[str, object] | None = reader.said("report")
    if report is None:
        return (words.say("overview.large"),)
    told = Told(report, words=words)
    lede = tuple(sentence for sentence in told.lede if sentence != told.headline)
    return (told.headline, *lede)[:VERDICT]
