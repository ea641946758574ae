"""The families of pages, in the order of the menu; each is a module with `ROUTES`."""

from __future__ import annotations

from typing import Final

FAMILIES: Final = (
    "keptword.web.desk.overview",
    "keptword.web.desk.first_run",
    "keptword.web.desk.waiting.pages",
    "keptword.web.desk.promises.pages",
    "keptword.web.desk.months",
    "keptword.web.desk.imports.pages",
    "keptword.web.desk.rules",
    "keptword.web.desk.commitments",
    "keptword.web.desk.settings",
    "keptword.web.desk.customers.pages",
    "keptword.web.desk.breaking.pages",
    "keptword.web.desk.effort.pages",
    "keptword.web.desk.find",
    "keptword.web.desk.me",
    "keptword.web.desk.second_factor",
    "keptword.web.desk.colleagues",
    "keptword.web.desk.audit",
    "keptword.web.signing_in.pages",
    "keptword.web.signing_in.forgotten",
    "keptword.web.signing_in.outside",
    "keptword.web.signing_in.by_link",
    "keptword.web.monday.pages",
    "keptword.web.health",
)
