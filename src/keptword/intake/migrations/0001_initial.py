"""The first tables of the operational database."""

# As Django writes it:
# mypy: ignore-errors

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make them."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("files", models.JSONField(default=list)),
                ("read_as", models.JSONField(default=dict)),
                ("started_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("reading", "Reading"), ("sealed", "Sealed"), ("recorded", "Recorded")],
                        default="reading",
                        max_length=16,
                    ),
                ),
                ("recorded", models.BigIntegerField(default=0)),
                ("known", models.BigIntegerField(default=0)),
                ("refused", models.BigIntegerField(default=0)),
                ("undated", models.JSONField(default=dict)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Kept",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("holder", models.CharField(blank=True, default="", max_length=255)),
                ("fence", models.BigIntegerField(default=0)),
                ("beat", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Quarantined",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("content", models.TextField()),
                ("reason", models.TextField()),
                ("place", models.TextField(blank=True, default="")),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(null=True, unique=True)),
                ("file", models.CharField(blank=True, default="", max_length=255)),
                ("import_number", models.BigIntegerField(null=True)),
                ("rows", models.BigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("sealed", "Sealed"), ("recorded", "Recorded")], default="sealed", max_length=16
                    ),
                ),
                ("recorded", models.BigIntegerField(default=0)),
                ("known", models.BigIntegerField(default=0)),
                ("refused", models.BigIntegerField(default=0)),
                ("erased", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "recorded"), _negated=True),
                        fields=["state"],
                        name="batch_unrecorded",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("file", ""), _negated=True), fields=("file",), name="batch_file_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("identity", models.CharField(max_length=255)),
                ("text", models.TextField()),
                ("since", models.DateField()),
                ("until", models.DateField(null=True)),
                ("told_at", models.DateTimeField()),
                ("calendar", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [models.Index(fields=["identity", "since"], name="rule_versions")],
            },
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fact_id", models.CharField(max_length=512, unique=True)),
                ("content", models.TextField()),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="intake.batch"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("batch__isnull", False)), fields=["batch"], name="waiting_sealed")
                ],
            },
        ),
    ]
