"""The store of sign-ins, each with whose it is and where it was last seen."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as StoreInTable


class SessionStore(StoreInTable):
    """Keeps sessions in `Session`, whose row also says whose they are."""

    @classmethod
    def get_model_class(cls) -> type:
        """Return the table of sessions."""
        from keptword.office.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return a row of the session's data, with whose it is."""
        row = super().create_model_instance(data)
        row.member_id = data.get("_auth_user_id")
        row.address = data.get("address", "")
        row.device = data.get("device", "")
        row.started_at = data.get("started_at")
        row.seen_at = data.get("seen_at")
        return row
