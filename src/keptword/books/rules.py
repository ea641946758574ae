"""The rules of the books: promises made to everybody, in versions; each with the calendar it was told with."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from keptword.books.opened import Books
from keptword.closing.configuration import ToldRule
from keptword.core.calendars.zones import counted
from keptword.core.problems import KeptwordError
from keptword.core.rules import Rule, Settings, as_toml, describe, rules_from_toml

PINNED_YEARS = 20
"""For how many years ahead the holidays of a rule are fixed when it is told."""


@dataclass(frozen=True)
class Version:
    """One version of a rule in the books: what was told, and on which day."""

    told: ToldRule
    told_on: date


def versions() -> tuple[Version, ...]:
    """Return all rules of the open books in all their versions, the oldest first."""
    from keptword.intake import database
    from keptword.intake.models import RuleVersion

    with database.troubles():
        read = [_read(row) for row in RuleVersion.objects.order_by("since", "pk")]
    numbered: dict[str, int] = {}
    found = []
    for version in read:
        identity = version.told.rule.identity
        numbered[identity] = numbered.get(identity, 0) + 1
        told = replace(version.told, rule=replace(version.told.rule, version=numbered[identity]))
        found.append(replace(version, told=told))
    return tuple(found)


def told_rules() -> tuple[ToldRule, ...]:
    """Return the rules by which facts make promises."""
    return tuple(version.told for version in versions())


def _read(row: Any) -> Version:
    read = rules_from_toml(row.text, where="the rules of the books").rules[0]
    calendar = {**row.calendar}
    for name in ("extra_holidays", "extra_working_days"):
        calendar[name] = tuple(date.fromisoformat(day) for day in calendar.get(name, ()))
    for name in ("working_days", "working_hours"):
        if isinstance(calendar.get(name), list):
            calendar[name] = tuple(calendar[name])
    rule = replace(read, since=row.since, until=row.until)
    return Version(ToldRule(rule, Settings(**calendar)), told_on=row.told_at.date())


def add(books: Books, rule: Rule) -> Version:
    """Tell a new rule, or a new version of one, from its `since` on (today unless told); return it as it stands.

    A version told before ends on the day before. Promises made stay as they were made: a
    newer version cannot begin before today, nor two on one day.
    """
    from django.db import transaction

    from keptword.intake import database
    from keptword.intake.models import RuleVersion

    rule = replace(rule, since=rule.since or books.today)
    assert rule.since is not None
    counted(rule.since)
    with database.troubles(), transaction.atomic(durable=True):
        before = RuleVersion.objects.filter(identity=rule.identity).order_by("-since").first()
        if before is not None:
            _refuse_backdating(before, rule, today=books.today)
            if before.until is None or before.until >= rule.since:
                before.until = rule.since - timedelta(days=1)
                before.save(update_fields=["until"])
        RuleVersion.objects.create(
            identity=rule.identity,
            text=as_toml(rule),
            since=rule.since,
            until=rule.until,
            told_at=datetime.now(UTC),
            calendar=pinned(books.business.settings, since=rule.since),
        )
    return next(version for version in reversed(versions()) if version.told.rule.identity == rule.identity)


def _refuse_backdating(before: Any, rule: Rule, *, today: date) -> None:
    assert rule.since is not None
    if rule.since <= before.since:
        if as_toml(replace(_read(before).told.rule, since=None)) == as_toml(replace(rule, since=None)):
            raise KeptwordError(
                'You have told this since {before}: "{sentence}" Nothing was changed.',
                before=before.since,
                sentence=describe(rule),
            )
        raise KeptwordError(
            'There is a version of "{identity}" from {before} on; a newer one begins later: --since {earliest}',
            identity=before.identity,
            before=before.since,
            earliest=max(today, before.since + timedelta(days=1)),
        )
    if rule.since < today:
        raise KeptwordError(
            "A change of this rule cannot begin on {since}: promises made since then were made by the version "
            "of {before}, and stay. Begin it today or later.",
            since=rule.since,
            before=before.since,
        )


def end(books: Books, identity: str, *, on: date | None) -> Version | None:
    """End a rule: facts after `on` (today unless told) make no such promise any more; promises made stay.

    Returns its last version. Versions that would have begun later are called off, since they promised nothing to
    anybody; None where there was no other.
    """
    from django.db import transaction

    from keptword.intake import database
    from keptword.intake.models import RuleVersion

    found = [version for version in versions() if identity in (version.told.rule.identity, version.told.rule.rule_id)]
    if not found:
        known = ", ".join(sorted({version.told.rule.identity for version in versions()})) or "none"
        raise KeptwordError(
            'There is no rule "{identity}" in the books. There are: {known}.', identity=identity, known=known
        )
    rule = found[-1].told.rule
    last = on or books.today
    if last < books.today:
        raise KeptwordError(
            "The rule cannot end on {last}: what was promised since then was promised. End it today or later.",
            last=last,
        )
    told = RuleVersion.objects.filter(identity=rule.identity)
    with database.troubles(), transaction.atomic(durable=True):
        told.filter(since__gt=last).delete()
        told.filter(since__lte=last, until__isnull=True).update(until=last)
        told.filter(since__lte=last, until__gt=last).update(until=last)
    left = versions_of(rule.identity)
    return left[-1] if left else None


def versions_of(identity: str) -> tuple[Version, ...]:
    """Return the versions of one rule, the oldest first."""
    return tuple(version for version in versions() if version.told.rule.identity == identity)


def pinned(settings: Settings, *, since: date) -> dict[str, Any]:
    """Return settings as JSON holds them, the country's holidays written out day by day.

    So neither a change of the settings nor a newer list of holidays moves what was promised.
    """
    years = range(since.year - 1, since.year + PINNED_YEARS)
    calendar = settings.calendar(years=years)
    pinned_settings = replace(
        settings,
        holidays=False,
        extra_holidays=tuple(sorted(calendar.holidays)),
        extra_working_days=tuple(sorted(calendar.extra_days)),
        leave_out={},
    )
    plain = asdict(pinned_settings)
    for name in ("extra_holidays", "extra_working_days"):
        plain[name] = [day.isoformat() for day in plain[name]]
    return plain
