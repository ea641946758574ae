"""Acts at the desk: held for ten minutes, undone as a whole, posted exactly once."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pytest

from keptword.core.problems import KeptwordError
from keptword.intake import tombstones
from keptword.intake.checking import Refused
from keptword.intake.models import Quarantined, Tombstone, Waiting
from keptword.office import acts, letters, notes
from keptword.office.acts import HOLD, Intent
from keptword.office.chosen import choose, forget
from keptword.office.letters import Drafted
from keptword.office.models import Act, Letter, Member
from office.at_once import at_once
from office.conftest import NOW

SECOND = timedelta(seconds=1)
BERLIN = "Europe/Berlin"


@pytest.fixture
def ben(hire):
    """Ben, who may write; nothing was done before."""
    for table in (Act, Letter, Waiting, Quarantined):
        table.objects.all().delete()
    forget(acts.NAMED)
    return hire("ben")


def kept(number: int = 1) -> Intent:
    """That a promise was kept."""
    return Intent("promise.kept", user_key=f"u{number}", promise_id=f"dispatch.v1/order:{number}")


def record(*intents: Intent, by, now=NOW, **more):
    """Record what somebody does."""
    return acts.record(intents, by=by, now=now, timezone=BERLIN, **more)


def waiting() -> list[dict]:
    """The entries at the door."""
    return [json.loads(content) for content in Waiting.objects.order_by("id").values_list("content", flat=True)]


def test_it_is_posted_after_ten_minutes_and_not_before(ben):
    group = record(kept(), by=ben).group
    assert acts.post_due(NOW + HOLD - SECOND) == 0
    assert waiting() == []
    assert acts.post_due(NOW + HOLD) == 1
    (fact,) = waiting()
    assert fact["fact_id"] == f"desk:{group}:0"
    assert (fact["kind"], fact["promise_id"], fact["user_key"]) == ("promise.kept", "dispatch.v1/order:1", "u1")
    assert (fact["occurred_at"], fact["occurred_on"]) == ("2031-03-09T12:00:00.000000Z", "2031-03-09")


def test_it_can_be_undone_at_nine_fifty_nine_and_not_at_ten_minutes_one(ben):
    first, second = record(kept(1), by=ben).group, record(kept(2), by=ben).group
    assert acts.undo(first, now=NOW + timedelta(minutes=9, seconds=59)) == 1
    assert acts.undo(second, now=NOW + timedelta(minutes=10, seconds=1)) == 0
    assert acts.post_due(NOW + timedelta(hours=1)) == 1
    assert [fact["user_key"] for fact in waiting()] == ["u2"]


def test_what_was_done_at_once_is_undone_at_once(ben):
    group = record(*map(kept, range(50)), by=ben).group
    assert acts.undo(group, now=NOW) == 50
    assert acts.undo(group, now=NOW) == 0
    assert acts.post_due(NOW + HOLD) == 0


def test_undoing_and_posting_at_once_is_one_or_the_other(ben):
    """Two clocks that do not agree meet at the end of the ten minutes."""
    for turn in range(8):
        group = record(*(kept(turn * 10 + number) for number in range(5)), by=ben).group
        undone, posted = at_once([partial(acts.undo, group, now=NOW), partial(acts.post_due, NOW + HOLD)])
        assert sorted((undone, posted)) == [0, 5]
    assert len(waiting()) == Act.objects.filter(posted_at__isnull=False).count()
    assert not Act.objects.filter(posted_at__isnull=False, undone_at__isnull=False).exists()


def test_of_two_who_keep_the_same_promise_the_second_is_told(ben, hire):
    ada = Member.objects.create(mail="ada@example.org", name="Ada", role="owner", password="!", joined_at=NOW)
    results = at_once([partial(record, kept(), kept(2), by=ben), partial(record, kept(), by=ada)])
    assert sum(len(result.done) for result in results) == 2
    assert Act.objects.filter(promise_id="dispatch.v1/order:1").count() == 1
    (clash,) = (clash for result in results for clash in result.clashes)
    assert (clash.kind, clash.own, clash.member in ("Ada", "Ben")) == ("promise.kept", False, True)


def test_what_goes_with_what_was_done_before_is_left_out_too(ben):
    """Called off; then said not to be kept, with an apology: neither is recorded."""
    record(Intent("promise.released", user_key="u1", promise_id="p"), by=ben)
    late = record(Intent("promise.broken", "u1", "p"), Intent("apology.sent", "u1", "p"), kept(2), by=ben)
    assert late.done == ("dispatch.v1/order:2",)
    assert [clash.kind for clash in late.clashes] == ["promise.released"]
    assert late.clashes[0].own
    assert Act.objects.count() == 2


def test_what_was_undone_may_be_done_again(ben):
    acts.undo(record(kept(), by=ben).group, now=NOW)
    assert record(kept(), by=ben).clashes == ()


def test_a_form_sent_twice_is_recorded_once(ben):
    """Also by two clicks at once; once it was undone it may be sent anew."""
    made = Intent("promise.made", "u1", "desk:a", columns={"promise_kind": "reply"})
    results = at_once([partial(record, made, by=ben, group="a" * 32)] * 2)
    assert sorted(len(result.done) for result in results) == [0, 1]
    assert Act.objects.count() == 1
    acts.undo("a" * 32, now=NOW)
    assert record(made, by=ben, group="a" * 32).done == ("desk:a",)


def test_what_is_no_entry_is_refused_and_nothing_stays(ben):
    with pytest.raises(Refused, match="control character"):
        record(kept(), Intent("promise.kept", promise_id="p\x07"), by=ben)
    with pytest.raises(Refused, match="no moment"):
        record(Intent("promise.renegotiated", promise_id="p", columns={"due_at": "2031-02-30"}), by=ben)
    assert not Act.objects.exists()


def test_colleagues_are_in_entries_only_where_the_owner_says_so_and_never_by_name(ben):
    record(kept(1), by=ben)
    choose(acts.NAMED, True)
    record(kept(2), by=ben)
    first, second = (json.loads(content) for content in Act.objects.order_by("pk").values_list("content", flat=True))
    assert "member" not in first
    assert second["member"] == acts.pseudonym(ben)
    assert "ben" not in second["member"].lower()


def test_a_clock_set_back_an_hour_posts_nothing_early_nothing_twice_and_keeps_the_order(ben):
    """
    12:00 promised
    11:00 by the clock that was put back: kept, and undone, and kept again
    """
    record(Intent("promise.made", "u1", "p", columns={"promise_kind": "reply"}), by=ben)
    back = NOW - timedelta(hours=1)
    group = record(Intent("promise.kept", "u1", "p"), by=ben, now=back).group
    assert acts.post_due(back + timedelta(minutes=5)) == 0
    assert acts.undo(group, now=back + timedelta(minutes=5)) == 1
    record(Intent("promise.kept", "u1", "p"), by=ben, now=back)
    for minutes in range(0, 90, 7):
        acts.post_due(back + timedelta(minutes=minutes))
    made, again = sorted(waiting(), key=lambda fact: fact["occurred_at"])
    assert (made["kind"], again["kind"]) == ("promise.made", "promise.kept")
    assert not Quarantined.objects.exists()


def test_many_waiting_are_posted_a_few_hundred_at_a_time(ben):
    for some in range(5):
        record(*(kept(some * 100 + number) for number in range(100)), by=ben)
    assert [acts.post_due(NOW + HOLD) for _ in range(4)] == [200, 200, 100, 0]
    assert len(waiting()) == 500


def test_one_that_the_door_refuses_is_told_among_the_refused_lines_and_counts_as_undone(ben):
    """Made by an earlier version, its kind is none any more; what was done beside it is posted."""
    record(kept(1), kept(2), by=ben)
    one = Act.objects.get(promise_id__endswith=":1")
    Act.objects.filter(pk=one.pk).update(content=one.content.replace("promise.kept", "promise.honoured"))
    acts.post_due(NOW + HOLD)
    assert [fact["promise_id"] for fact in waiting()] == ["dispatch.v1/order:2"]
    assert "promise.honoured" in Quarantined.objects.get().reason
    assert [act.promise_id for act in acts.pending(0)] == ["dispatch.v1/order:2"]
    assert acts.post_due(NOW + HOLD) == 0


def test_nothing_is_written_down_of_somebody_who_was_erased(ben):
    """u1 is erased while a page about them lies open: no act, no note to them, none about them."""
    tombstones.bury(["u1"], now=NOW)
    try:
        for write in (
            lambda: record(kept(2), kept(1), by=ben),
            lambda: letters.keep([Drafted("u1", (), "Hello", "Hello")], by=ben, now=NOW),
            lambda: notes.add("u1", text="called", member=ben, now=NOW),
        ):
            with pytest.raises(KeptwordError, match="erased at their request"):
                write()
        drafted = Letter.objects.create(user_key="u1", promise_ids=["p:a"], at=NOW)
        sent = letters.written([drafted.pk], apologies=[drafted.pk], by=ben, now=NOW, timezone=BERLIN)
        assert (sent.count, sent.gone) == (0, 1)
        assert not Act.objects.exists()
    finally:
        Tombstone.objects.all().delete()


def test_what_the_figures_hold_is_not_read_again_to_record_something_new(ben):
    """A thousand acts that the figures hold, and ten about other promises: none of them is looked at."""
    held = [Act(fact_id=f"f{n}", kind="x", content="no fact", at=NOW, hold_until=NOW, figures=3) for n in range(1_000)]
    others = [
        Act(fact_id=f"o{n}", kind="x", promise_id=f"o{n}", content="no fact", at=NOW, hold_until=NOW) for n in range(10)
    ]
    Act.objects.bulk_create(held + others)
    record(kept(), by=ben, figures=3)
    about = Letter.objects.create(user_key="u2", promise_ids=["p:a"], at=NOW)
    letters.written([about.pk], apologies=[about.pk], by=ben, now=NOW, timezone=BERLIN, figures=3)
    assert set(Act.objects.filter(figures=None, kind__contains=".").values_list("kind", flat=True)) == {
        "promise.kept",
        "apology.sent",
    }
