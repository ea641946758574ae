"""What an order's status says, in the languages whose shops write it out."""

from __future__ import annotations

from typing import Final, cast

import ibis
from ibis.expr.types import StringValue

_WRITTEN: Final = {
    "pending": (
        "pending",
        "pending payment",
        "zahlung ausstehend",
        "ausstehende zahlung",
        "attente paiement",
        "en attente de paiement",
        "pendiente de pago",
        "in afwachting van betaling",
        "待付款",
        "等待付款",
    ),
    "on hold": ("on hold", "in wartestellung", "wartend", "en attente", "en espera", "in de wacht", "保留", "暂停"),
    "processing": ("processing", "in bearbeitung", "en cours", "procesando", "in behandeling", "处理中", "正在处理"),
    "completed": (
        "completed",
        "complete",
        "abgeschlossen",
        "fertiggestellt",
        "terminée",
        "completado",
        "afgerond",
        "已完成",
        "完成",
    ),
    "cancelled": ("cancelled", "canceled", "storniert", "annulée", "cancelado", "geannuleerd", "已取消", "取消"),
    "refunded": ("refunded", "rückerstattet", "erstattet", "remboursée", "reembolsado", "terugbetaald", "已退款"),
    "failed": ("failed", "fehlgeschlagen", "échouée", "fallido", "mislukt", "失败"),
    "trash": ("trash", "draft", "checkout draft", "auto draft", "entwurf", "papierkorb", "brouillon", "草稿", "回收站"),
}
STATES: Final = tuple(_WRITTEN)
"""The states WooCommerce knows by itself; drafts count as trash, because nobody ordered."""


def state(status: StringValue) -> StringValue:
    """Return one of `STATES`; a status some plug-in added as it stands, in small letters."""
    plain = status.lower().re_replace(r"^wc-", "").re_replace(r"[-_\s]+", " ").strip()
    return cast(
        StringValue, ibis.cases(*((plain.isin(list(written)), name) for name, written in _WRITTEN.items()), else_=plain)
    )
