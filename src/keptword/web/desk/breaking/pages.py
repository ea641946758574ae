"""The addresses of what is broken down."""

from __future__ import annotations

from keptword.office.rights import Right
from keptword.web.desk.breaking.product import product
from keptword.web.desk.breaking.table import breakdown
from keptword.web.routes import route

ROUTES = (
    route("break-down/", breakdown, name="breakdown", right=Right.LOOK),
    route("break-down/product/", product, name="breakdown.product", right=Right.LOOK),
)
