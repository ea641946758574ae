"""What the columns of a file say: chosen one by one, or written as text, with what the first rows become beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django.http import Http404, HttpRequest, HttpResponse

from keptword.books import uploads
from keptword.books.uploads import File, Lot
from keptword.core.problems import KeptwordError
from keptword.sources.csv.guessing.choosing import ROLES, THEMES, WHAT, WHEN, WHO, Choices, Trouble
from keptword.sources.csv.guessing.roles import Looked
from keptword.sources.csv.trying import read_sample
from keptword.web import shop
from keptword.web.desk.imports.lot import looked_at_again, lot_of
from keptword.web.desk.imports.tried_rows import Preview, preview_of
from keptword.web.desk.imports.written import Table, written
from keptword.web.forms import texts
from keptword.web.pages import moved, shown, told
from keptword.web.work import kept_mappings
from keptword.web.work.kept_mappings import KeptMapping
from keptword.words import Words

FIELDS: Final = ("name", "theme", "currency", "order", "decimal", "by", "text", "keep")
LONGEST: Final = 100_000
_CELLS: Final = 3
_LONGEST_CELL: Final = 40


@dataclass(frozen=True)
class ColumnShown:
    """One column: its name, some of its cells, what it is said to be, and whether it can be anything."""

    place: int
    name: str
    cells: tuple[str, ...]
    role: str
    can_be_chosen: bool


@dataclass(frozen=True)
class ColumnsPage:
    """What the columns of a file say, and what its first rows become by that."""

    template: ClassVar[str] = "imports_columns.html.jinja"
    token: str
    place: int
    file: str
    columns: tuple[ColumnShown, ...]
    form: Mapping[str, str]
    text: str
    trouble: Trouble | None
    error: str
    preview: Preview | None
    is_in_doubt: bool
    has_money: bool
    is_kept: bool
    no_id: bool
    no_customer: bool
    currency: str
    groups: tuple[tuple[str, tuple[str, ...]], ...] = (("who", WHO), ("when", WHEN), ("what", WHAT))
    themes: tuple[str, ...] = THEMES


@dataclass
class Asked:
    """What somebody asked for on the page: the fields, and what each column is, by its place."""

    form: dict[str, str]
    roles: dict[int, str] = field(default_factory=dict)

    @property
    def by_text(self) -> bool:
        """Whether the text counts and not the choices."""
        return self.form["by"] == "text"


def columns(request: HttpRequest, *, token: str, place: int) -> HttpResponse:
    """Show what the columns say, or take it as it was told: then the whole file is looked at by it."""
    there, file, table = _table(token, place)
    if request.method != "POST":
        return shown(request, _page(there, file, table=table, asked=_first(there, file, table), words=request.words))
    asked = _asked(request, table)
    page = _page(there, file, table=table, asked=asked, words=request.words)
    if page.trouble is not None or page.error:
        return shown(request, page, status=422)
    form = {**asked.form, "roles": {table.columns[at].name: role for at, role in asked.roles.items()}}
    there.beside(file, "toml").write_text(page.text, encoding="utf-8")
    uploads.write(there.beside(file, "json"), form)
    if asked.form["keep"]:
        kept_mappings.keep(table.header, KeptMapping(asked.form["name"] or file.name, page.text, form))
    request.audit_place = file.name[:255]
    return looked_at_again(request, there)


def preview(request: HttpRequest, *, token: str, place: int) -> HttpResponse:
    """Show what the first rows become by what is chosen just now; nothing is kept."""
    request.audit_looks = True
    there, file, table = _table(token, place)
    return shown(request, _page(there, file, table=table, asked=_asked(request, table), words=request.words))


def forget(request: HttpRequest, *, token: str, place: int) -> HttpResponse:
    """Read files with these columns by nothing that was told before, this one included."""
    there, file, table = _table(token, place)
    kept_mappings.forget(table.header)
    for ending in ("toml", "json"):
        there.beside(file, ending).unlink(missing_ok=True)
    told(request, request.words.say("imports.forgotten"))
    looked_at_again(request, there)
    return moved("imports.columns", token=token, place=place)


def _table(token: str, place: int) -> tuple[Lot, File, Table]:
    there = lot_of(token)
    try:
        file = there.file(place)
        sample = read_sample(there.beside(file, "csv"))
    except (KeptwordError, OSError) as error:
        raise Http404 from error
    if not sample.header:
        raise Http404
    return there, file, Table(sample)


def _first(there: Lot, file: File, table: Table) -> Asked:
    """Return what the page begins with: what was told of this file, or of one like it, else what can be guessed."""
    before = uploads.read(there.beside(file, "json"))
    if before is None:
        kept = kept_mappings.found(table.header)
        before = kept.form if kept is not None else None
    if before is not None:
        roles: Mapping[str, Any] = before.get("roles", {})
        form = {name: str(before.get(name, "")) for name in FIELDS}
        return Asked(form, {at: _role(roles.get(column.name)) for at, column in enumerate(table.columns)})
    guessed = table.guessed
    form = dict.fromkeys(FIELDS, "") | {
        "name": table.name_for(file.name),
        "theme": guessed.theme,
        "currency": guessed.told.currency or shop.books().business.currency,
        "decimal": guessed.told.decimal,
        "by": "columns",
        "keep": "yes",
    }
    return Asked(form, {at: _role(guessed.roles.get(column.name)) for at, column in enumerate(table.columns)})


def _asked(request: HttpRequest, table: Table) -> Asked:
    form = texts(request, FIELDS, longest=120) | {"text": request.POST.get("text", "").replace("\x00", "")[:LONGEST]}
    roles = {at: _role(request.POST.get(f"role.{at}")) for at in range(len(table.columns))}
    return Asked(form, roles)


def _role(told_role: Any) -> str:
    return told_role if told_role in ROLES else ""


def _page(there: Lot, file: File, *, table: Table, asked: Asked, words: Words) -> ColumnsPage:
    """Return the page: the mapping as it is chosen or written, tried on the first rows."""
    roles = {table.columns[at].name: role for at, role in asked.roles.items() if role}
    made = written(table, Choices(roles), form=asked.form, file=file.name)
    text = asked.form["text"] if asked.by_text and asked.form["text"].strip() else made.text
    trouble = None if asked.by_text and text else made.trouble
    seen, error = (None, "") if trouble is not None else preview_of(table.sample, text, words=words)
    chosen = set(roles.values())
    return ColumnsPage(
        token=there.token,
        place=file.place,
        file=file.name,
        columns=tuple(_column(at, column, role=asked.roles.get(at, "")) for at, column in enumerate(table.columns)),
        form=asked.form,
        text=text,
        trouble=trouble,
        error=error,
        preview=seen,
        is_in_doubt=made.is_in_doubt or bool(asked.form["order"]),
        has_money=bool({"total", "unit_price"} & chosen) and "currency" not in chosen,
        is_kept=kept_mappings.found(table.header) is not None,
        no_id="id" not in chosen,
        no_customer=not {"user", "user_hidden"} & chosen,
        currency=shop.books().business.currency,
    )


def _column(at: int, column: Looked, *, role: str) -> ColumnShown:
    cells = tuple(_cut(cell) for cell, _ in column.cells.most_common(_CELLS))
    return ColumnShown(at, column.name, cells, role, "{" not in column.name and "}" not in column.name)


def _cut(cell: str) -> str:
    return cell if len(cell) <= _LONGEST_CELL else f"{cell[: _LONGEST_CELL - 1]}…"
