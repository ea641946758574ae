"""Sign-ins: where they are kept, whose they are, where they were last seen, and how they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.contrib.sessions.backends.db import SessionStore as StoreInTable
from django.db.models import Q

SEEN_EVERY: Final = timedelta(minutes=1)

UNTIL: Final = "until"
"""Where a session says when it ends whatever happens, as ISO 8601."""


class SessionStore(StoreInTable):
    """Keeps sessions in `Session`, whose row also says whose they are."""

    last_seen_at: datetime | None = None
    """When the colleague was last seen, as it was when the session was read."""

    @classmethod
    def get_model_class(cls) -> type:
        """Return the table of sessions."""
        from keptword.office.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return a row of the session's data, with whose it is; whoever writes it was seen now."""
        row = super().create_model_instance(data)
        row.member_id = data.get("_auth_user_id")
        row.address = str(data.get("address", ""))[:64]
        row.device = str(data.get("device", ""))[:255]
        started = data.get("started_at")
        row.started_at = datetime.fromisoformat(started) if started else None
        row.seen_at = datetime.now(UTC)
        return row

    def get_expiry_date(self, **known: Any) -> datetime:
        """Return when the session ends: where it says so itself, then, however often it is used until then."""
        until = self.get(UNTIL)
        if until and not known:
            return datetime.fromisoformat(until)
        expiry: datetime = super().get_expiry_date(**known)
        return expiry

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()
        self.last_seen_at = row.seen_at if row else None
        return row


def seen(store: SessionStore, *, now: datetime) -> None:
    """Remember that the colleague of a session is there; written at most once a minute, whichever way clocks go."""
    before = store.last_seen_at
    if store.session_key is None or (before is not None and abs(now - before) < SEEN_EVERY):
        return
    store.get_model_class().objects.filter(pk=store.session_key).update(seen_at=now)  # type: ignore[attr-defined]
    store.last_seen_at = now


def sessions_of(member: Any, *, now: datetime) -> list[Any]:
    """Return the sessions of a colleague that have not ended, the one seen last first."""
    rows = SessionStore.get_model_class().objects.filter(  # type: ignore[attr-defined]
        member=member, expire_date__gt=now
    )
    return sorted(rows, key=lambda row: (row.seen_at or row.expire_date, row.pk), reverse=True)


def handle(key: str) -> str:
    """Return the name a session has in addresses: its key would let in whoever reads it."""
    return sha256(f"session {key}".encode()).hexdigest()[:32]


def end(member: Any, name: str, *, now: datetime) -> bool:
    """End the session of a colleague that has this handle, and tell whether there was one."""
    keys = [row.pk for row in sessions_of(member, now=now) if handle(row.pk) == name]
    return bool(SessionStore.get_model_class().objects.filter(pk__in=keys).delete()[0])  # type: ignore[attr-defined]


def end_all(member: Any, *, but: str | None = None) -> int:
    """End every session of a colleague, `but` the one with this key, and return how many ended."""
    rows = SessionStore.get_model_class().objects.filter(member=member)  # type: ignore[attr-defined]
    return int(rows.filter(~Q(pk=but or "")).delete()[0])


def sweep(*, now: datetime) -> None:
    """Remove the rows of sessions that have ended."""
    SessionStore.get_model_class().objects.filter(expire_date__lt=now).delete()  # type: ignore[attr-defined]
