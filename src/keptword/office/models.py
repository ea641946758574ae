"""The tables of what people work on; every name, address and word about a customer lives here and nowhere else."""

from __future__ import annotations

from typing import ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from keptword.office.rights import Right, Role, may

KEY: Final = 512
"""Characters a key out of the facts may have: a pseudonym, a promise's id, a fact's id."""


class Member(AbstractBaseUser):
    """A person who works here. One who left stays in the list, inactive, so that what they did keeps a name."""

    mail = models.CharField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role])
    language = models.CharField(max_length=16, default="en")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    wants_monday = models.BooleanField(default=True)
    totp_secret = models.CharField(max_length=64, blank=True, default="")
    totp_since = models.DateTimeField(null=True)
    totp_step = models.BigIntegerField(default=0)
    """The last time step a code was used of: none is taken twice."""
    outside_id = models.CharField(max_length=255, blank=True, default="")
    """Who this is at the OpenID provider: issuer and subject."""

    USERNAME_FIELD = "mail"
    REQUIRED_FIELDS: ClassVar = ["name", "role"]

    def may(self, right: Right) -> bool:
        """Tell whether this colleague has a right."""
        return self.is_active and may(self.role, right)


class RecoveryCode(models.Model):
    """One code for signing in without the second factor; kept as a digest, good once."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)


class Session(AbstractBaseSession):
    """One sign-in on one device: whose, since when, last seen when and from where."""

    member = models.ForeignKey(Member, null=True, on_delete=models.CASCADE)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=64, blank=True, default="")
    device = models.CharField(max_length=255, blank=True, default="")

    @classmethod
    def get_session_store_class(cls) -> type:
        """Return the store that reads and writes these rows."""
        from keptword.office.sessions import SessionStore

        return SessionStore


class Link(models.Model):
    """A link that is good once and for a while: for the first owner, a sign-in, an invitation, a new password."""

    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=16)
    member = models.ForeignKey(Member, null=True, on_delete=models.CASCADE, related_name="+")
    mail = models.CharField(max_length=254, blank=True, default="")
    role = models.CharField(max_length=16, blank=True, default="")
    made_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Tried(models.Model):
    """How often something was tried of late, by whom: sign-ins that failed, links that were none."""

    key = models.CharField(max_length=128, unique=True)
    count = models.IntegerField(default=0)
    since = models.DateTimeField()


class Audit(models.Model):
    """One act of a colleague, or one refused: added and never changed, which the database itself holds to.

    No customer's key or name may stand in it: rows cannot be taken out again.
    """

    at = models.DateTimeField(db_index=True)
    member_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=255)
    act = models.CharField(max_length=64)
    place = models.CharField(max_length=255, blank=True, default="")
    outcome = models.CharField(max_length=255)
    address = models.CharField(max_length=64, blank=True, default="")


class Person(models.Model):
    """A customer in the address book."""

    user_key = models.CharField(max_length=KEY, primary_key=True)
    name = models.CharField(max_length=255, blank=True, default="")
    mail = models.CharField(max_length=254, blank=True, default="")
    phone = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(max_length=16, blank=True, default="")
    country = models.CharField(max_length=16, blank=True, default="")
    emptied = models.CharField(max_length=64, blank=True, default="")
    """The names of the parts a colleague emptied, with spaces between: no older file fills them again."""
    updated_at = models.DateTimeField()


class PersonWord(models.Model):
    """One word a customer is found by, folded: without accents, in small letters."""

    word = models.CharField(max_length=64)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)

    class Meta:
        """Words are looked up by how they begin."""

        # On PostgreSQL only an index of this kind serves beginnings, whatever language the server sorts by.
        indexes: ClassVar = [
            models.Index(fields=["word", "person"], name="person_words", opclasses=["varchar_pattern_ops"] * 2)
        ]


class Note(models.Model):
    """What a colleague wrote down about a customer; the customer may ask to read it."""

    user_key = models.CharField(max_length=KEY, db_index=True)
    text = models.TextField()
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)


class Act(models.Model):
    """One fact a colleague made at the desk; held back until `hold_until`, when it goes to the door and is recorded.

    Until then it can be undone: then nothing was ever recorded. `figures` is the number of the first figures that
    hold it; until then pages lay it over what the figures say.
    """

    fact_id = models.CharField(max_length=KEY, unique=True)
    kind = models.CharField(max_length=32)
    user_key = models.CharField(max_length=KEY, blank=True, default="", db_index=True)
    promise_id = models.CharField(max_length=KEY, blank=True, default="", db_index=True)
    content = models.TextField()
    """The fact as JSON, as the door takes it."""
    group = models.CharField(max_length=32, db_index=True)
    """What was done at once carries one name, and is undone at once."""
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()
    hold_until = models.DateTimeField(db_index=True)
    undone_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    figures = models.BigIntegerField(null=True, db_index=True)


class Letter(models.Model):
    """A note to a customer: drafted, looked at, then copied, mailed or marked done."""

    class State(models.TextChoices):
        """How far it got; `waiting` means that it is to be mailed and can still be held back."""

        DRAFTED = "drafted"
        WAITING = "waiting"
        SENT = "sent"
        COPIED = "copied"
        FAILED = "failed"
        UNDONE = "undone"

    user_key = models.CharField(max_length=KEY, db_index=True)
    promise_ids = models.JSONField(default=list)
    subject = models.CharField(max_length=255)
    body = models.TextField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFTED)
    group = models.CharField(max_length=32, blank=True, default="", db_index=True)
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()
    """When it was drafted, or, once it was sent off, when that was."""
    send_after = models.DateTimeField(null=True, db_index=True)
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")


class Commitment(models.Model):
    """What the business says it does, or never does, bound to a check over the facts."""

    text = models.TextField()
    never = models.BooleanField(default=False)
    check_name = models.CharField(max_length=64, blank=True, default="")
    parameters = models.JSONField(default=dict)
    since = models.DateField()
    until = models.DateField(null=True)
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()


class Job(models.Model):
    """Work that takes long: done by the background work, watched by whoever asked for it."""

    class State(models.TextChoices):
        """How far it got."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=32)
    asked = models.JSONField(default=dict)
    """What was asked for: names of uploaded files, a number of an import, a day."""
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING, db_index=True)
    said = models.TextField(blank=True, default="")
    percent = models.FloatField(null=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    member = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)


class Setting(models.Model):
    """What was chosen at the desk and is not the books' own: how mail is sent, where Monday's message goes."""

    key = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()


class Told(models.Model):
    """A message of the week that went out, so that nobody gets it twice: which week, to whom, what became of it."""

    week = models.CharField(max_length=16)
    to = models.CharField(max_length=255)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=255)

    class Meta:
        """One message a week and receiver."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["week", "to"], name="told_once_a_week")]
