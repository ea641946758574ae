"""Makes the database itself refuse to change or remove a line of the audit log.

A later migration that changes the table on SQLite makes it anew, without these triggers: it has to run `guard` again.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import migrations

_SENTENCE = "Lines of the audit log are never changed or removed."

SQLITE = (
    "CREATE TRIGGER office_audit_no_update BEFORE UPDATE ON office_audit"
    f" BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END",
    "CREATE TRIGGER office_audit_no_delete BEFORE DELETE ON office_audit"
    f" BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END",
    # "INSERT OR REPLACE" removes a row without asking the trigger for removals.
    "CREATE TRIGGER office_audit_no_replace BEFORE INSERT ON office_audit"
    " WHEN EXISTS (SELECT 1 FROM office_audit WHERE id = NEW.id)"
    f" BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END",
)
SQLITE_AWAY = tuple(f"DROP TRIGGER IF EXISTS office_audit_no_{act}" for act in ("update", "delete", "replace"))

POSTGRESQL = (
    "CREATE FUNCTION office_audit_unchangeable() RETURNS trigger LANGUAGE plpgsql AS"
    f" 'BEGIN RAISE EXCEPTION ''{_SENTENCE}''; END'",
    "CREATE TRIGGER office_audit_no_change BEFORE UPDATE OR DELETE ON office_audit"
    " FOR EACH ROW EXECUTE FUNCTION office_audit_unchangeable()",
    "CREATE TRIGGER office_audit_no_emptying BEFORE TRUNCATE ON office_audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION office_audit_unchangeable()",
)
POSTGRESQL_AWAY = (
    "DROP TRIGGER IF EXISTS office_audit_no_change ON office_audit",
    "DROP TRIGGER IF EXISTS office_audit_no_emptying ON office_audit",
    "DROP FUNCTION IF EXISTS office_audit_unchangeable()",
)


def guard(apps: Any, schema_editor: Any) -> None:
    """Put the triggers in place."""
    vendor = schema_editor.connection.vendor
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[vendor]:
        schema_editor.execute(statement, params=None)


def unguard(apps: Any, schema_editor: Any) -> None:
    """Take the triggers away."""
    vendor = schema_editor.connection.vendor
    for statement in {"sqlite": SQLITE_AWAY, "postgresql": POSTGRESQL_AWAY}[vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """The triggers of each kind of database."""

    dependencies: ClassVar = [("office", "0001_initial")]

    operations: ClassVar = [migrations.RunPython(guard, unguard)]
