"""Acts on their way from the desk through the door and the journal into the figures."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from intake.desk import Desk
from keptword.intake import database
from keptword.office import acts
from keptword.office.acts import HOLD, Intent, Recorded
from keptword.office.models import Act, Member
from office.conftest import NOW
from office.killed import post_due_killed

BERLIN = "Europe/Berlin"


@pytest.fixture
def desk(tmp_path) -> Desk:
    """Empty books with a database of their own."""
    if not database.is_file():
        pytest.skip("these tests make databases of their own")
    return Desk.made(tmp_path / "books")


@pytest.fixture
def ben(desk) -> Member:
    """Ben, who may write."""
    return Member.objects.create(mail="ben@example.org", name="Ben", role="agent", password="!", joined_at=NOW)


def kept(number: int = 1) -> Intent:
    """That a promise was kept."""
    return Intent("promise.kept", user_key=f"u{number}", promise_id=f"dispatch.v1/order:{number}")


def record(*intents: Intent, by, now=NOW) -> Recorded:
    """Record what somebody does."""
    return acts.record(intents, by=by, now=now, timezone=BERLIN)


def test_killed_between_posting_and_marking_it_is_posted_once(desk, ben):
    """The process ends after the entries are written and before the mark: neither is there; then it comes through."""
    record(kept(1), kept(2), by=ben)
    assert post_due_killed(desk.database, now=NOW + HOLD, statement='UPDATE "office_act"') == 9
    assert desk.waiting() == []
    acts.post_due(NOW + HOLD)
    assert sorted(desk.waiting()) == sorted(Act.objects.values_list("fact_id", flat=True))
    assert Act.objects.filter(posted_at__isnull=False).count() == 2
    assert acts.post_due(NOW + HOLD) == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_the_figures_hold_an_act_exactly_when_the_journal_they_read_did(desk, ben, engine, seed):
    """Recorded, undone, posted, pumped in any order, also between reading the journal and the end of making figures."""
    dice, now, number, figures, count = random.Random(seed), NOW, 0, [], 0

    def something() -> None:
        nonlocal now, count
        now += timedelta(minutes=dice.choice((0, 2, 11)))
        what = dice.choice(("record", "record", "undo", "post", "pump"))
        if what == "record":
            count += 1
            record(kept(count), by=ben, now=now)
        elif what == "undo":
            last = Act.objects.order_by("-pk").first()
            acts.undo(last.group if last else "", now=now)
        elif what == "post":
            acts.post_due(now)
        else:
            desk.pump(engine)

    for _ in range(12):
        for _ in range(dice.randrange(6)):
            something()
        number, batch = number + 1, desk.journal.last_batch()
        figures.append((number, batch))
        for _ in range(dice.randrange(4)):
            something()
        acts.inside(number, batch=batch, journal=desk.journal)
        batches = {row["fact_id"]: row["batch"] for row in desk.rows(engine)}
        for act in Act.objects.all():
            holding = [each for each, upto in figures if batches.get(act.fact_id, upto + 1) <= upto]
            assert act.figures == (min(holding) if holding else None)
            assert (act.figures is None and not act.undone_at) == (
                act.fact_id in {each.fact_id for each in acts.pending(number)}
            )
    assert Act.objects.filter(figures__isnull=False).count() > 3
