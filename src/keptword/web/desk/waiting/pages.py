"""The addresses of Waiting: the list, the notes to those who wait, what was done lately."""

from __future__ import annotations

from keptword.office.rights import Right
from keptword.web.desk.waiting.lately import lately, undo
from keptword.web.desk.waiting.listed import waiting
from keptword.web.desk.waiting.notes import anew, draft, letter, note, notes, post, throw, written
from keptword.web.desk.waiting.owed import owed
from keptword.web.routes import route

ROUTES = (
    route("waiting/", waiting, name="waiting", right=Right.LOOK),
    route("waiting/owed/", owed, name="waiting.owed", right=Right.LOOK),
    route("waiting/done/", lately, name="waiting.done", right=Right.LOOK),
    route("waiting/undo/<str:group>/", undo, name="waiting.undo", right=Right.WORK, writes=True),
    route("waiting/draft/", draft, name="waiting.draft", right=Right.WORK, writes=True),
    route("waiting/letter/", letter, name="waiting.letter", right=Right.WORK, both=True),
    route("waiting/note/<int:pk>/", note, name="waiting.note", right=Right.WORK, both=True),
    route("waiting/notes/<str:group>/", notes, name="waiting.notes", right=Right.WORK),
    route("waiting/notes/<str:group>/anew/", anew, name="waiting.anew", right=Right.WORK, writes=True),
    route("waiting/notes/<str:group>/mail/", post, name="waiting.mail", right=Right.WORK, writes=True),
    route("waiting/notes/<str:group>/written/", written, name="waiting.written", right=Right.WORK, writes=True),
    route("waiting/notes/<str:group>/throw-away/", throw, name="waiting.throw_away", right=Right.WORK, writes=True),
)
