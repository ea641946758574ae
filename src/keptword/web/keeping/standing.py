"""How one promise stands now: the row the figures have of it, what was done at the desk since, and what time it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Final

from keptword.core.calendars.zones import local_day
from keptword.office.acts import Pending

COLUMNS: Final = {
    "promise_id": "VARCHAR",
    "promise_kind": "VARCHAR",
    "user_key": "VARCHAR",
    "subject": "VARCHAR",
    "made_at": "TIMESTAMP",
    "made_on": "DATE",
    "due_at": "TIMESTAMP",
    "due_on": "DATE",
    "due_day": "DATE",
    "kept_at": "TIMESTAMP",
    "kept_on": "DATE",
    "broken_on": "DATE",
    "vague": "BOOLEAN",
    "outcome": "VARCHAR",
    "rule": "VARCHAR",
    "rule_id": "VARCHAR",
    "said": "VARCHAR",
    "shown_at": "VARCHAR",
    "channel": "VARCHAR",
    "member": "VARCHAR",
    "carrier": "VARCHAR",
    "country": "VARCHAR",
}
"""What is read of a promise, with the types DuckDB has for it."""

STATES: Final = ("open", "overdue", "kept", "late", "broken", "released")
"""How a promise may stand now: waiting; waiting and late; kept; kept late; said not to be kept; called off."""

LONGEST_WAIT_DAYS: Final = 180
"""After so many days nobody is taken to wait any more for what was due."""

DONE: Final = ("kept", "late", "released")


@dataclass(frozen=True)
class Moment:
    """The moment a page speaks of, and the business's day then."""

    now: datetime
    timezone: str | None

    @cached_property
    def naive(self) -> datetime:
        """The minute in UTC, without a zone, as the figures have it: what is asked twice within it is the same."""
        return self.now.astimezone(UTC).replace(tzinfo=None, second=0, microsecond=0)

    @cached_property
    def today(self) -> date:
        """The business's local day."""
        return local_day(self.naive, self.timezone)

    def day_of(self, at: datetime) -> date:
        """Return the business's local day of an instant in UTC."""
        return local_day(at, self.timezone)


@dataclass(frozen=True)
class Promise:
    """One promise as it stands now; `state` is one of `STATES`, `days_late` counts where it is, or was kept, late."""

    promise_id: str
    kind: str
    user_key: str
    subject: str
    made_at: datetime
    made_on: date
    due_at: datetime | None
    due_on: date | None
    due_day: date | None
    kept_at: datetime | None
    kept_on: date | None
    broken_on: date | None
    vague: bool
    state: str
    days_late: int | None
    rule_id: str
    said: str
    shown_at: str
    channel: str
    member: str
    carrier: str
    country: str
    held: bool
    """Whether something was done about it that can perhaps still be undone."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.state in DONE

    @property
    def names_hour(self) -> bool:
        """Whether it names an hour, and not only a day."""
        return self.due_at is not None and self.due_on is None


def promise_of(row: Mapping[str, Any], *, moment: Moment, held: bool = False) -> Promise:
    """Return a promise out of its row, as it stands at a moment."""
    state = state_of(row, moment=moment)
    return Promise(
        promise_id=row["promise_id"],
        kind=row["promise_kind"],
        user_key=row["user_key"] or "",
        subject=row["subject"] or "",
        made_at=row["made_at"],
        made_on=row["made_on"],
        due_at=row["due_at"],
        due_on=row["due_on"],
        due_day=row["due_day"],
        kept_at=row["kept_at"],
        kept_on=row["kept_on"],
        broken_on=row["broken_on"],
        vague=bool(row["vague"]),
        state=state,
        days_late=_days_late(row, state=state, moment=moment),
        rule_id=row["rule_id"] or "",
        said=row["said"] or "",
        shown_at=row["shown_at"] or "",
        channel=row["channel"] or "",
        member=row["member"] or "",
        carrier=row["carrier"] or "",
        country=row["country"] or "",
        held=held,
    )


def state_of(row: Mapping[str, Any], *, moment: Moment) -> str:
    """Return how a promise stands at a moment, of `STATES`."""
    if row["outcome"] in DONE:
        return str(row["outcome"])
    if row["broken_on"] is not None:
        return "broken"
    return "overdue" if _over(row, moment=moment) else "open"


def _over(row: Mapping[str, Any], *, moment: Moment) -> bool:
    if row["due_on"] is not None:
        return bool(row["due_on"] < moment.today)
    return row["due_at"] is not None and bool(row["due_at"] <= moment.naive)


def _days_late(row: Mapping[str, Any], *, state: str, moment: Moment) -> int | None:
    if row["due_day"] is None:
        return None
    if state == "overdue":
        return int((moment.today - row["due_day"]).days)
    return int((row["kept_on"] - row["due_day"]).days) if state == "late" else None


def laid(row: Mapping[str, Any] | None, acts: Iterable[Pending], *, moment: Moment) -> dict[str, Any] | None:
    """Return the row of a promise with acts laid over it, in the order they happened; None where nobody made it.

    It says what the promise book will say once the acts are in it (docs/decisions/0004): laying over an act that the
    row holds already changes nothing.
    """
    found: dict[str, Any] | None = None if row is None else dict(row)
    released_at: datetime | None = None
    broken_at: datetime | None = None
    for act in acts:
        at = _naive(act.at)
        day = date.fromisoformat(act.fact["occurred_on"])
        if act.kind == "promise.made":
            found = _made(act, at=at, day=day, moment=moment) if found is None else found
        elif found is None:
            continue
        elif act.kind == "promise.kept" and (found["kept_at"] is None or at < found["kept_at"]):
            found.update(kept_at=at, kept_on=day)
        elif act.kind == "promise.renegotiated":
            _move(found, act, at=at, day=day, moment=moment)
        elif act.kind == "promise.released":
            released_at = min(at, released_at or at)
        elif act.kind == "promise.broken":
            broken_at = min(at, broken_at or at)
            found["broken_on"] = min(day, found["broken_on"] or day)
    if found is not None:
        _judge(found, released_at=released_at, broken_at=broken_at, moment=moment)
    return found


def _made(act: Pending, *, at: datetime, day: date, moment: Moment) -> dict[str, Any]:
    fact = act.fact
    attributes = fact.get("attributes", {})
    due_at = _naive(datetime.fromisoformat(fact["due_at"])) if "due_at" in fact else None
    due_on = date.fromisoformat(fact["due_on"]) if "due_on" in fact else None
    given = {
        "promise_id": act.promise_id,
        "promise_kind": fact["promise_kind"],
        "user_key": fact.get("user_key"),
        "subject": fact.get("subject"),
        "made_at": at,
        "made_on": day,
        "due_at": due_at,
        "due_on": due_on,
        "due_day": due_on or (moment.day_of(due_at) if due_at else None),
        "vague": due_at is None,
        "outcome": "open",
        "said": attributes.get("what"),
        "shown_at": attributes.get("shown_at"),
        "channel": fact.get("channel"),
        "member": fact.get("member"),
    }
    return {name: given.get(name) for name in COLUMNS}


def _move(found: dict[str, Any], act: Pending, *, at: datetime, day: date, moment: Moment) -> None:
    """Move a promise to another day, unless it is done, or the moment in force has passed."""
    missed = day > found["due_on"] if found["due_on"] is not None else found["due_at"] and at > found["due_at"]
    if missed or (found["kept_at"] is not None and at > found["kept_at"]):
        return
    due_at = _naive(datetime.fromisoformat(act.fact["due_at"]))
    due_on = date.fromisoformat(act.fact["due_on"]) if "due_on" in act.fact else None
    found.update(due_at=due_at, due_on=due_on, due_day=due_on or moment.day_of(due_at), vague=False)


def _judge(found: dict[str, Any], *, released_at: datetime | None, broken_at: datetime | None, moment: Moment) -> None:
    kept_at = found["kept_at"]
    if found["outcome"] == "released" or (released_at is not None and (kept_at is None or released_at < kept_at)):
        found["outcome"] = "released"
    elif kept_at is not None:
        found["outcome"] = "kept" if _in_time(found, broken_at=broken_at) else "late"
    else:
        found["outcome"] = "broken" if found["broken_on"] is not None or _over(found, moment=moment) else "open"


def _in_time(found: Mapping[str, Any], *, broken_at: datetime | None) -> bool:
    if found["due_on"] is not None:
        return bool(found["kept_on"] <= found["due_on"])
    if found["due_at"] is not None:
        return bool(found["kept_at"] <= found["due_at"])
    if broken_at is not None:
        return bool(broken_at >= found["kept_at"])
    # Of what the figures say, only the day is known on which it was said that it will not be kept.
    return found["broken_on"] is None or bool(found["broken_on"] > found["kept_on"])


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
