"""The tables of the operational database."""

# Django ships no types; its classes are not known to mypy.
# mypy: disallow-subclassing-any=False

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models

LONGEST_ID: Final = 512
"""Characters a `fact_id` may have."""


class Import(models.Model):
    """One run of `keptword import`: which files, what they were read as, and what became of their entries."""

    class State(models.TextChoices):
        """How far it got: its files are being read; all of it is sealed and waits; all of it is in the journal."""

        READING = "reading"
        SEALED = "sealed"
        RECORDED = "recorded"

    number = models.BigAutoField(primary_key=True)
    files = models.JSONField(default=list)
    read_as = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.READING)
    recorded = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    undated = models.JSONField(default=dict)
    withdrawn_at = models.DateTimeField(null=True)


class Batch(models.Model):
    """Facts that enter the journal together or not at all: rows of `Waiting`, or one file of `staged/`.

    `number` is given by the pump alone, under the lease, in order; the journal remembers the last one it holds.
    """

    class State(models.TextChoices):
        """Whether its facts are in the journal yet."""

        SEALED = "sealed"
        RECORDED = "recorded"

    number = models.BigIntegerField(null=True, unique=True)
    file = models.CharField(max_length=255, blank=True, default="")
    import_number = models.BigIntegerField(null=True)
    rows = models.BigIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State.choices, default=State.SEALED)
    recorded = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    erased = models.BigIntegerField(default=0)

    class Meta:
        """A file is sealed once, however often that is tried; few batches are not recorded yet."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file"], condition=~models.Q(file=""), name="batch_file_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["state"], condition=~models.Q(state="recorded"), name="batch_unrecorded")
        ]


class Waiting(models.Model):
    """A fact accepted and not yet in the journal, as canonical JSON."""

    fact_id = models.CharField(max_length=LONGEST_ID, unique=True)
    content = models.TextField()
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, db_index=False)

    class Meta:
        """What no batch holds yet is most of it and needs no index, which would slow every post."""

        indexes: ClassVar = [
            models.Index(fields=["batch"], condition=models.Q(batch__isnull=False), name="waiting_sealed")
        ]


class Quarantined(models.Model):
    """A fact that was refused: as it came, with the reason in a sentence and where it came from.

    `digest` is what it says, in 32 bytes: the same fact refused again adds nothing.
    """

    digest = models.CharField(max_length=64, unique=True)
    content = models.TextField()
    reason = models.TextField()
    place = models.TextField(blank=True, default="")
    since = models.DateTimeField()


class Lease(models.Model):
    """Who may do what only one may do at a time; `fence` counts up at each taking, `beat` while it is held.

    There is no time of day in it: a clock set back or forward changes nothing.
    """

    name = models.CharField(max_length=64, primary_key=True)
    holder = models.CharField(max_length=255, blank=True, default="")
    fence = models.BigIntegerField(default=0)
    beat = models.BigIntegerField(default=0)


class RuleVersion(models.Model):
    """One version of one rule of the business: what it promised from `since` on, until it was changed or ended.

    `calendar` pins the working days it was reckoned with, so that a later change of holidays moves nothing.
    """

    identity = models.CharField(max_length=255)
    text = models.TextField()
    since = models.DateField()
    until = models.DateField(null=True)
    told_at = models.DateTimeField()
    calendar = models.JSONField(default=dict)

    class Meta:
        """The versions of one rule are read in the order they came."""

        indexes: ClassVar = [models.Index(fields=["identity", "since"], name="rule_versions")]


class Tombstone(models.Model):
    """Somebody erased at their request, as a salted hash: so that importing the same file brings nobody back."""

    digest = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField()


class Kept(models.Model):
    """A few things by name that must survive: the secret behind pseudonyms, the salt of the tombstones."""

    key = models.CharField(max_length=64, primary_key=True)
    value = models.TextField()
