"""The background work: what is done when, what is tried again, what is closed at night, what is cleared away."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta

import pytest

from keptword.core.problems import KeptwordError

NIGHT = time(3, 0)


@pytest.mark.parametrize(
    ("moment", "first", "closed", "due"),
    [
        # The first night: the ends of the last two months, and yesterday.
        ("2031-11-24T03:00", "2030-05-03", [], ["2031-09-30", "2031-10-31", "2031-11-23"]),
        # Before three, yesterday may still be written to: the day before is due.
        ("2031-11-24T02:59", "2030-05-03", [], ["2031-09-30", "2031-10-31", "2031-11-22"]),
        ("2031-11-24T03:00", "2030-05-03", ["2031-11-22"], ["2031-11-23"]),
        ("2031-11-24T12:00", "2030-05-03", ["2031-11-23"], []),
        # After days off: yesterday alone. After months off: no month's end is left out.
        ("2031-11-24T03:00", "2030-05-03", ["2031-11-10"], ["2031-11-23"]),
        ("2031-11-24T03:00", "2030-05-03", ["2031-08-30"], ["2031-08-31", "2031-09-30", "2031-10-31", "2031-11-23"]),
        # The first of a month: yesterday is the month's end, once.
        ("2031-12-01T03:00", "2030-05-03", ["2031-11-29"], ["2031-11-30"]),
        # The clock goes back an hour, or a day: nothing twice, nothing before what is closed.
        ("2031-10-26T02:10", "2030-05-03", ["2031-10-25"], []),
        ("2031-10-26T03:10", "2030-05-03", ["2031-10-25"], []),
        ("2031-10-25T03:10", "2030-05-03", ["2031-10-25"], []),
        # Entries of today alone, or of days to come: nothing is over yet.
        ("2031-11-24T03:00", "2031-11-24", [], []),
        ("2031-11-24T03:00", "2031-11-23", [], ["2031-11-23"]),
        # A leap year, and a year's end.
        ("2032-03-01T03:00", "2031-12-05", ["2031-12-30"], ["2031-12-31", "2032-01-31", "2032-02-29"]),
    ],
)
def test_yesterday_is_closed_at_night_and_no_months_end_is_left_out(moment, first, closed, due):
    from keptword.web.work.nightly import days_due

    there = datetime.fromisoformat(moment)
    done = {date.fromisoformat(day) for day in closed}
    found = days_due(there, at=NIGHT, first=date.fromisoformat(first), closed=done)
    assert [str(day) for day in found] == due


@pytest.mark.parametrize(("told", "hour"), [(None, NIGHT), ("05:30", time(5, 30)), ("soon", NIGHT), (7, NIGHT)])
def test_the_hour_of_the_night_is_what_was_chosen(told, hour):
    from keptword.web.work.nightly import clock

    assert clock(told) == hour


def test_a_night_closes_one_day_at_a_time_until_none_is_due(monday):
    """Between two closings others get their turn; where somebody chose not to, nothing is closed."""
    from keptword.books.closing import closings
    from keptword.office.chosen import choose
    from keptword.web.work.nightly import close_next

    now = datetime.now(UTC).replace(hour=12)
    choose("night", {"on": False})
    assert close_next(monday.books, now) is None
    choose("night", {"on": True, "at": "03:00"})
    count = 0
    while close_next(monday.books, now) is not None:
        count += 1
        assert len(closings(monday.books)) == count
    days = [each.input.day for each in closings(monday.books)]
    assert days[-1] == monday.books.today - timedelta(days=1)
    assert close_next(monday.books, now - timedelta(hours=1)) is None


def test_empty_books_close_nothing(empty_desk):
    from keptword.web.work.nightly import close_next

    assert close_next(empty_desk.books, datetime.now(UTC)) is None


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_what_fails_is_noted_rests_longer_each_time_and_is_well_again(empty_desk, caplog):
    from keptword.office import troubles
    from keptword.web.work.loop import Round, Task

    clock, seen, well = Clock(), [], []

    def closing(*_: object) -> float | None:
        seen.append(clock.seconds)
        if not well:
            raise KeptwordError("The disk is full. Make room.")
        return None

    other = []
    tasks = [Task("night", closing, every=10), Task("cleaning", lambda *_: other.append(clock.seconds), every=10)]  # type: ignore[func-returns-value]
    turns = Round(tasks, clock=clock)
    with caplog.at_level(logging.CRITICAL):
        for _ in range(100):
            assert turns.turn() is False
            clock.seconds += 5
    assert seen == [0, 20, 60, 140, 300]
    assert len(other) == 50
    (trouble,) = troubles.listed()
    assert (trouble.name, trouble.sentence, trouble.times) == ("night", "The disk is full. Make room.", 5)
    well.append(True)
    clock.seconds = 5_000
    turns.turn()
    assert troubles.listed() == []


def test_the_unforeseen_is_in_the_log_and_stops_nothing(empty_desk, caplog):
    from keptword.office import troubles
    from keptword.web.work.loop import Round, Task

    def broken(*_: object) -> float | None:
        raise ZeroDivisionError

    Round([Task("figures", broken)], clock=Clock()).turn()
    assert "ZeroDivisionError" in caplog.text
    assert [(each.name, each.sentence) for each in troubles.listed()] == [("figures", "")]


def test_figures_rest_three_times_as_long_as_they_took_but_not_after_a_job(empty_desk):
    from keptword.web.work.loop import Round, Task

    clock, made, waiting = Clock(), [], []

    def make(*_: object) -> float | None:
        made.append(clock.seconds)
        clock.seconds += 10
        return 30.0

    def job(*_: object) -> float | None:
        return 0.0 if waiting and waiting.pop() else None

    turns = Round([Task("jobs", job, hurries="figures"), Task("figures", make, every=2)], clock=clock)
    while clock.seconds < 90:
        turns.turn()
        clock.seconds += 1
    assert made == [0, 40, 80]
    waiting.append(True)
    turns.turn()
    assert len(made) == 4


def test_what_came_in_is_carried_counted_and_marked(monday):
    """A colleague keeps a promise; ten minutes later it is recorded, and the next figures hold it."""
    from keptword.figures.reading import current
    from keptword.office import acts
    from keptword.office.models import Act
    from keptword.web.work.running import work_off

    now = datetime.now(UTC)
    work_off(monday.books)
    before = current(monday.books.folder).number
    at = now - timedelta(minutes=11)
    intent = acts.Intent("promise.kept", user_key="c1", promise_id="p1", subject="order:1001")
    acts.record([intent], by=monday.members["ben"], now=at, timezone=monday.books.timezone, figures=before)
    work_off(monday.books)
    act = Act.objects.get()
    reader = current(monday.books.folder)
    assert act.posted_at is not None
    assert act.figures == reader.number > before
    assert reader.row("SELECT outcome FROM promises WHERE promise_id = 'p1'")["outcome"] in ("kept", "late")


def test_a_job_that_ends_the_process_each_time_is_given_up(empty_desk):
    from keptword.office import jobs
    from keptword.office.models import Job

    job = jobs.ask("figures", member=None)
    for _ in range(jobs.TRIES - 1):
        assert jobs.take().pk == job.pk
        assert jobs.resume() == 1
    assert jobs.take().pk == job.pk
    assert jobs.resume() == 0
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "cut off" in job.error


def test_a_job_is_put_back_where_the_work_is_asked_to_end(empty_desk, monkeypatch):
    from keptword.office import jobs
    from keptword.office.models import Job
    from keptword.web.work import kinds, running

    def asked_to_end(*_: object, **__: object) -> None:
        raise SystemExit

    monkeypatch.setattr(kinds, "worker", lambda _: asked_to_end)
    job = jobs.ask("figures", member=None)
    with pytest.raises(SystemExit):
        running.one_job(empty_desk.books, datetime.now(UTC))
    job.refresh_from_db()
    assert job.state == Job.State.WAITING


def test_what_is_of_no_more_use_is_cleared_away(empty_desk):
    """Sign-ins that are over, links and tries of long ago, jobs of last quarter, uploads of the day before."""
    from keptword.office import jobs, links
    from keptword.office.models import Job, Link, Session, Told, Tried
    from keptword.web.work.cleaning import clean

    now = datetime.now(UTC)
    day = timedelta(days=1)
    for since, name in ((now, "new"), (now - 500 * day, "old")):
        Session.objects.create(session_key=name, expire_date=since + day)
        Tried.objects.create(key=name, since=since)
        Told.objects.create(week=name, to="x", at=since, outcome="sent")
        links.make(links.INVITATION, mail=f"{name}@example.org")
        Link.objects.filter(mail=f"{name}@example.org").update(expires_at=since)
        Job.objects.create(kind=name, asked_at=since, ended_at=since, state=Job.State.DONE)
    jobs.ask("import", member=None, upload="awaited")
    for name in ("awaited", "left"):
        place = empty_desk.books.folder.uploads / name
        place.mkdir(parents=True)
    clean(empty_desk.books, now + 2 * day)
    assert Session.objects.filter(session_key="old").count() == 0
    assert [row.key for row in Tried.objects.all()] == []
    assert [row.week for row in Told.objects.all()] == ["new"]
    assert [row.mail for row in Link.objects.all()] == ["new@example.org"]
    assert {row.kind for row in Job.objects.all()} == {"new", "import"}
    assert [path.name for path in empty_desk.books.folder.uploads.iterdir()] == ["awaited"]
