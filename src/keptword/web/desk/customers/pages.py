"""The addresses of the customers' pages."""

from __future__ import annotations

from keptword.office.rights import Right
from keptword.web import keyed
from keptword.web.desk.customers.leaving import erase, erasing, export
from keptword.web.desk.customers.person import person
from keptword.web.desk.customers.search import customers
from keptword.web.desk.customers.writing import contact, note, note_remove, note_restore
from keptword.web.routes import route

_ONE = f"customers/<{keyed.NAME}:user_key>/"

ROUTES = (
    route("customers/", customers, name="customers", right=Right.LOOK),
    route("customers-erased/<int:job>/", erasing, name="customers.erasing", right=Right.OWN),
    route(_ONE, person, name="customers.person", right=Right.LOOK),
    route(f"{_ONE}contact/", contact, name="customers.contact", right=Right.WORK, both=True),
    route(f"{_ONE}note/", note, name="customers.note", right=Right.WORK, writes=True),
    route(f"{_ONE}note/<int:pk>/remove/", note_remove, name="customers.note_remove", right=Right.WORK, writes=True),
    route(f"{_ONE}note/<int:pk>/back/", note_restore, name="customers.note_restore", right=Right.WORK, writes=True),
    route(f"{_ONE}everything/", export, name="customers.export", right=Right.WORK),
    route(f"{_ONE}erase/", erase, name="customers.erase", right=Right.OWN, both=True),
)
