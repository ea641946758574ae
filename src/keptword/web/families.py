"""The families of pages, in the order of the menu; each is a module with `ROUTES`."""

from __future__ import annotations

from typing import Final

FAMILIES: Final = (
    "keptword.web.desk.overview",
    "keptword.web.desk.rules",
    "keptword.web.desk.commitments",
    "keptword.web.desk.settings",
    "keptword.web.signing_in.pages",
    "keptword.web.health",
)
