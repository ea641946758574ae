"""Mails about signing in: an invitation, a new password."""

from __future__ import annotations

import logging
from threading import Thread
from typing import Any

from django.db import connection

from keptword.core.problems import KeptwordError
from keptword.office import mail
from keptword.words import Words, without_marks

_log = logging.getLogger("keptword.web")


def can_mail() -> bool:
    """Tell whether mails can be sent; where what is told of the server is wrong, none can."""
    try:
        return mail.configured()
    except KeptwordError:
        return False


def mail_link(words: Words, kind: str, *, to: str, address: str, business: str, by: str = "") -> str:
    """Mail a link and return nothing; where it could not be mailed, why, as `Words.refusal` takes it.

    `kind` is a table of the word lists: `access_mail.<kind>_subject` and `access_mail.<kind>_text`.
    """
    told: dict[str, Any] = {"address": address, "business": business, "by": by}
    try:
        mail.send(
            to=to,
            subject=without_marks(words.say(f"access_mail.{kind}_subject", **told)),
            text=without_marks(words.say(f"access_mail.{kind}_text", **told)),
        )
    except KeptwordError as error:
        return error.sentence
    return ""


def mail_link_later(words: Words, kind: str, *, to: str, address: str, business: str) -> None:
    """Mail a link without letting anybody wait: how long it takes would tell whether the address is known."""

    def sending() -> None:
        try:
            trouble = mail_link(words, kind, to=to, address=address, business=business)
            if trouble:
                # What a mail server says names the address it refuses, and no address stands in the log.
                _log.warning("a mail about signing in could not be sent: %s", trouble.replace(to, "…"))
        finally:
            connection.close()

    Thread(target=sending, daemon=True).start()
