"""What a colleague does about promises, as entries: kept, moved, called off, not kept with a remedy, answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from keptword.figures.reading import current
from keptword.intake import tombstones
from keptword.intake.door import stamped
from keptword.office import acts
from keptword.office.acts import Clash, Intent, Recorded
from keptword.office.models import Member
from keptword.web import shop
from keptword.web.keeping.book import Book, book_of
from keptword.web.keeping.fields import Due, Money
from keptword.web.keeping.standing import DONE, Moment, Promise
from keptword.web.keeping.waits import ANSWERS, Wait, Waits

AGREED: Final = ("replied", "link", "phone")
"""How a customer may have agreed to another day: they answered, pressed a link, said so on the phone."""

WISHES: Final = ("customer", "both")
"""By whose wish a promise is called off: the customer's; or ours, and the customer agreed."""

MOST: Final = 50
"""So many can be done at once: what fits on a page that is looked at."""

_SETTLED: Final = (*DONE, "broken")
"""Where it was said that it will not be kept, it can still be kept, and nothing else."""

_CONVERSATION: Final = "conversation:"
_ANSWERED: Final = {"reply": "contact.replied", "resolution": "contact.resolved"}


@dataclass(frozen=True)
class Before:
    """What need not be done, since it was done before: by whom and when, where that is known, and as what."""

    kind: str
    by: str
    own: bool
    at: datetime | None


@dataclass(frozen=True)
class Done:
    """What came of it: the name it is undone by, what was done and what had been done before, and what there is not.

    `again` says that the same form had been sent before, and that nothing was recorded now.
    """

    group: str
    done: tuple[str, ...] = ()
    before: tuple[Before, ...] = ()
    missing: int = 0
    late: tuple[str, ...] = ()
    """Of what was done, the promises that had been late already."""
    again: bool = False


@dataclass(frozen=True)
class Desk:
    """Where somebody does something: the promises as they stand, who does it, and when."""

    book: Book
    by: Member
    moment: Moment
    group: str = ""

    def keep(self, names: Sequence[str]) -> Done:
        """Record that promises were kept, and messages answered, by their names in forms."""
        return self._each(names, self._kept)

    def move(self, names: Sequence[str], *, to: Due, agreed: str, evidence: str) -> Done:
        """Record that customers agreed to another day, and by what words; what was due before stays late."""
        columns = {**due_columns(to), "attributes": {"agreed": agreed, "evidence": evidence}}
        return self._each(names, lambda promise: [_about(promise, "promise.renegotiated", **columns)], settled=_SETTLED)

    def call_off(self, names: Sequence[str], *, reason: str, wish: str, evidence: str) -> Done:
        """Record that promises were called off, by the customer's wish or with their consent, and by what words."""
        attributes = {"wish": wish, "evidence": evidence} | ({"reason": reason} if reason else {})
        return self._each(
            names, lambda promise: [_about(promise, "promise.released", attributes=attributes)], settled=_SETTLED
        )

    def fail(self, name: str, *, reason: str, remedy: str, money: Money | None, sorry: bool) -> Done:
        """Record that a promise will not be kept, and what the customer gets instead: a remedy, an apology."""

        def facts(promise: Promise) -> list[Intent]:
            told: dict[str, Any] = {"attributes": {"reason": reason}} if reason else {}
            found = [_about(promise, "promise.broken", **told)]
            if remedy or money:
                given: dict[str, Any] = {"attributes": {"what": remedy}} if remedy else {}
                paid = {"amount": money.amount, "currency": money.currency} if money else {}
                subject = promise.subject or f"promise:{promise.promise_id}"[:512]
                found.append(_about(promise, "remedy.given", subject=subject, **given, **paid))
            if sorry and promise.user_key:
                found.append(_about(promise, "apology.sent"))
            return found

        return self._each([f"p:{name}"], facts, settled=_SETTLED)

    def make(self, intent: Intent) -> Recorded:
        """Record a promise made by hand."""
        return self._record([intent])

    def _kept(self, promise: Promise) -> list[Intent]:
        found = [_about(promise, "promise.kept")]
        if promise.kind in _ANSWERED and promise.subject.startswith(_CONVERSATION):
            # Else the message would seem unanswered again.
            found.append(_about(promise, _ANSWERED[promise.kind]))
        return found

    def _each(
        self, names: Sequence[str], facts: Callable[[Promise], list[Intent]], *, settled: Sequence[str] = DONE
    ) -> Done:
        """Do the same about each of some promises but those that are settled; messages are marked as answered."""
        names = list(dict.fromkeys(names))[:MOST]
        promises = self.book.some([name.removeprefix("p:") for name in names if name.startswith("p:")])
        waits = Waits(self.book).some([name for name in names if name.startswith("c:")])
        # Whoever is being erased stands in the figures until those are made anew.
        erased = tombstones.erased([*(each.user_key for each in promises.values()), *(wait.user_key for wait in waits)])
        promises = {name: each for name, each in promises.items() if each.user_key not in erased}
        waits = [wait for wait in waits if wait.user_key not in erased]
        intents = [intent for each in promises.values() if each.state not in settled for intent in facts(each)]
        intents += [_answered(wait) for wait in waits]
        recorded = self._record(intents)
        if recorded.again:
            return Done(recorded.group, again=True)
        gone = {name for name in names if name.startswith("c:")} - {wait.name for wait in waits}
        answered = [act for act in self.book.pending if act.kind in ANSWERS and f"c:{act.subject}" in gone]
        return Done(
            recorded.group,
            recorded.done,
            before=(
                *(_before(clash) for clash in recorded.clashes),
                *(self._settled(each) for each in promises.values() if each.state in settled),
                *(Before(act.kind, act.member, act.member_id == self.by.pk, act.at) for act in answered),
            ),
            missing=len(names) - len(promises) - len(waits) - len(answered),
            late=tuple(name for name in recorded.done if name in promises and promises[name].state == "overdue"),
        )

    def _record(self, intents: Sequence[Intent]) -> Recorded:
        return acts.record(
            intents,
            by=self.by,
            now=self.moment.now,
            timezone=self.moment.timezone,
            figures=self.book.reader.number,
            group=self.group,
        )

    def _settled(self, promise: Promise) -> Before:
        """Return who settled a promise: a colleague at the desk, where it was one, else when the entries say it was."""
        kind = f"promise.{promise.state if promise.state in ('released', 'broken') else 'kept'}"
        act = acts.last_about(promise.promise_id, kind=kind)
        if act is not None:
            return Before(kind, act.member, act.member_id == self.by.pk, act.at)
        return Before(kind, "", False, promise.kept_at)


def desk_for(by: Member, *, group: str = "") -> Desk | None:
    """Return where a colleague of the books being served does something now; None before there are any figures."""
    books = shop.books()
    reader = current(books.folder)
    if reader is None:
        return None
    moment = Moment(shop.now(), books.timezone)
    return Desk(book_of(reader, moment=moment), by, moment, group)


def due_columns(due: Due) -> dict[str, Any]:
    """Return the columns of a fact that say when something is due."""
    told = {"due_at": stamped(due.at)}
    return told | ({"due_on": due.on.isoformat()} if due.on else {})


def _about(promise: Promise, kind: str, *, subject: str = "", **columns: Any) -> Intent:
    return Intent(
        kind,
        user_key=promise.user_key,
        promise_id=promise.promise_id,
        subject=subject or promise.subject,
        columns=columns,
    )


def _answered(wait: Wait) -> Intent:
    return Intent("contact.replied", user_key=wait.user_key, subject=wait.subject)


def _before(clash: Clash) -> Before:
    return Before(clash.kind, clash.member, clash.own, clash.at)
