"""The addresses of Promises: the book, one promise, several at once, one written down by hand."""

from __future__ import annotations

from keptword.office.rights import Right
from keptword.web import keyed
from keptword.web.desk.promises.by_hand import new
from keptword.web.desk.promises.listed import promises
from keptword.web.desk.promises.one import call_off, fail, keep, move, promise
from keptword.web.desk.promises.several import several
from keptword.web.routes import route

_ONE = f"promise/<{keyed.NAME}:promise_id>/"

ROUTES = (
    route("promises/", promises, name="promises", right=Right.LOOK),
    route("promises/new/", new, name="promises.new", right=Right.WORK, both=True),
    route("promises/several/", several, name="promises.several", right=Right.WORK, writes=True),
    route(_ONE, promise, name="promises.promise", right=Right.LOOK),
    route(f"{_ONE}kept/", keep, name="promises.keep", right=Right.WORK, writes=True),
    route(f"{_ONE}moved/", move, name="promises.move", right=Right.WORK, writes=True),
    route(f"{_ONE}called-off/", call_off, name="promises.call_off", right=Right.WORK, writes=True),
    route(f"{_ONE}not-kept/", fail, name="promises.fail", right=Right.WORK, writes=True),
)
