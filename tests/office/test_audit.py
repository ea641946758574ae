"""The audit log is added to and never changed: the database itself refuses."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from keptword.office import audit
from keptword.office.models import Audit

SENTENCE = "Lines of the audit log are never changed or removed"


def raw(statement: str) -> None:
    """Run a statement past every program of ours."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture(autouse=True)
def _written(hire):
    """A line there is."""
    audit.write(member=hire("ada", "owner"), act="waiting.done", outcome="done", address="192.0.2.7")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE office_audit SET outcome = 'refused'",
        "UPDATE office_audit SET id = id + 1000000",
        "DELETE FROM office_audit",
        "DELETE FROM office_audit WHERE actor = 'Ada'",
    ],
)
def test_the_database_refuses_to_change_or_remove_a_line(statement):
    before = list(Audit.objects.order_by("pk").values())
    with pytest.raises(DatabaseError, match=SENTENCE):
        raw(statement)
    assert list(Audit.objects.order_by("pk").values()) == before


def test_no_line_is_put_in_the_place_of_another(office):
    columns = "id, at, member_id, actor, act, place, outcome, address"
    number = Audit.objects.first().pk
    values = f"{number}, '2031-03-09 12:00:00+00:00', NULL, 'Eve', 'x', '', 'x', ''"
    if office == "sqlite":
        statement = f"INSERT OR REPLACE INTO office_audit ({columns}) VALUES ({values})"
    else:
        statement = (
            f"INSERT INTO office_audit ({columns}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET actor = 'Eve'"
        )
    with pytest.raises(DatabaseError, match=SENTENCE):
        raw(statement)
    assert not Audit.objects.filter(actor="Eve").exists()


def test_the_table_is_not_emptied(office):
    if office == "sqlite":
        pytest.skip("SQLite knows no TRUNCATE")
    with pytest.raises(DatabaseError, match=SENTENCE):
        raw("TRUNCATE office_audit")


def test_models_are_refused_as_well():
    line = Audit.objects.first()
    line.actor = "Eve"
    for act in (line.save, line.delete, Audit.objects.all().delete):
        with pytest.raises(DatabaseError, match=SENTENCE), transaction.atomic():
            act()


def test_a_line_holds_what_is_too_long_or_not_taken():
    audit.write(member=None, act="x" * 900, place="y" * 900 + "\x00", outcome="z\x00" * 900, address="1" * 900)
    line = Audit.objects.order_by("-pk").first()
    assert (line.actor, len(line.act), len(line.place), len(line.address)) == ("nobody signed in", 64, 255, 64)


def test_the_triggers_can_be_taken_away_and_put_back(office):
    """Somebody who goes back to an older version must be able to."""
    from django.db.migrations.executor import MigrationExecutor

    MigrationExecutor(connection).migrate([("office", "0001_initial")])
    raw("UPDATE office_audit SET address = ''")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    with pytest.raises(DatabaseError, match=SENTENCE):
        raw("UPDATE office_audit SET address = ''")
