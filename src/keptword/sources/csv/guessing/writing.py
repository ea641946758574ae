"""Writes what was recognised in a file as a mapping in TOML, with a comment wherever a person has to look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from keptword.sources.csv.guessing import words
from keptword.sources.csv.guessing.cells import day_first, decimal_sign, settled
from keptword.sources.csv.guessing.facts import facts_for
from keptword.sources.csv.guessing.roles import Found, Looked, for_the_book, names_somebody, traits_of
from keptword.sources.csv.guessing.toml import inline, key, listed, text
from keptword.sources.csv.moments import has_clock

_COMPUTED = "line total"
_BOOK = "goes to the address book of your books, never into entries"


@dataclass(frozen=True)
class _Forms:
    """How dates are written: formats of the whole file, and of single columns where they differ from it."""

    whole: tuple[str, ...]
    own: Mapping[str, tuple[str, ...]]
    note: str = ""


def proposal(found: Found, *, file: str, rows: int, is_whole: bool) -> str:
    """Return the mapping as TOML; `rows` were looked at, which is the whole file where `is_whole`."""
    looked = f"its {rows:,} rows" if is_whole else f"its first {rows:,} rows"
    forms = _forms(found)
    amount = _amount(found)
    made = facts_for(found, forms.own, amount=amount if _currency(found) else None)
    head = [
        f"# Proposed for {_one_line(file)}, from its headings and {looked}. Look it over and change what is wrong.",
        "# What every entry of a mapping means is in docs/mapping.md.",
    ]
    parts = [
        head,
        _file_table(found, file, forms=forms),
        _rows_table(found, forms, amount=amount),
        [] if amount != _COMPUTED or not _currency(found) else _computed_table(found),
        _personal_table(found),
        _defaults_table(found, has_money=any(fact.has_money for fact in made)),
        *([_money_note(found, amount)] if amount and not _currency(found) else []),
        *(fact.lines() for fact in made),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def checked_lines(*, rows: int, counts: Mapping[str, int], refusals: Mapping[str, int]) -> str:
    """Return what the sample became by the mapping, as comments for its end."""
    lines = [f"# Tried on these {rows:,} rows, it gives:"]
    lines += [f"#   {kind}: {count:,}" for kind, count in counts.items()] or ["#   nothing"]
    if refusals:
        lines.append("# and refuses:")
        lines += [f"#   {count:,} rows: {_one_line(reason)}" for reason, count in list(refusals.items())[:5]]
    return "\n" + "\n".join(lines) + "\n"


def _one_line(written: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in written)


def _name(file: str) -> str:
    """Return the mapping's name, without what changes from export to export."""
    stem = re.sub(r"[^\w.-]+", "-", PurePath(file).name.split(".")[0]).strip("-.")
    bare = re.sub(r"[-_.]*\d[\d_.-]*$", "", stem)
    return bare or stem or "my-file"


def _file_table(found: Found, file: str, *, forms: _Forms) -> list[str]:
    name = text(_name(found.told.name or file))
    lines = ["[file]", f"name = {name} # begins the id of every entry: keep it from export to export"]
    if forms.whole != ("iso",):
        lines.append(f"dates = {listed(forms.whole)}{forms.note}")
    numbers = [one for role, one in found.cells.items() if role in ("total", "amount", "unit_price", "rating")]
    decimal = found.told.decimal or decimal_sign([cell for one in numbers for cell in one.cells])
    if decimal == ",":
        lines.append('decimal = "," # as in 1.234,50')
    if found.empty:
        lines.append(f"empty = {listed(found.empty)} # cells that say nothing")
    formats = {*forms.whole, *(one for several in forms.own.values() for one in several)}
    if found.told.timezone:
        lines.append(f"timezone = {text(found.told.timezone)}")
    elif any(written == "iso" or has_clock(written) for written in formats):
        lines.append('# timezone = "Europe/Berlin" # where clocks show the times above, where they say no offset')
    return lines


def _forms(found: Found) -> _Forms:
    columns = list(found.dates.values())
    said = found.told.is_day_first
    told = day_first([one.dates for one in columns]) if said is None else said
    speaks_english = not any(ord(sign) > 127 for one in columns for sign in one.name)
    in_doubt = any(one.dates.in_doubt for one in columns)
    dotted = any("." in written for one in columns for written in one.dates.formats if "%1" in written)
    is_day_first = told if told is not None else dotted or not (speaks_english and _currency_code(found) == "USD")
    by_column = {one.name: settled(one.dates, is_day_first=is_day_first) for one in columns}
    note = ""
    if in_doubt and told is None and not dotted:
        first, other = ("day", "%m/%d/%Y") if is_day_first else ("month", "%d/%m/%Y")
        note = (
            f" # CHECK THIS: no cell decides whether the day or the month comes first; read as {first} first. "
            f"Else write them like {text(other)}."
        )
    swapped = {name for name, formats in by_column.items() if any(_turned(one) in _all(by_column) for one in formats)}
    whole = _all({name: formats for name, formats in by_column.items() if name not in swapped})
    return _Forms(whole or ("iso",), {name: by_column[name] for name in swapped}, note)


def _all(by_column: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for formats in by_column.values() for one in formats))


def _turned(written: str) -> str | None:
    """Return a format with day and month in each other's place, where both are bare numbers beside each other."""
    found = re.match(r"%([dm])([./-])%([dm])", written)
    return f"%{found[3]}{found[2]}%{found[1]}{written[found.end() :]}" if found else None


def _amount(found: Found) -> str | None:
    """Return the column of what an order came to, or the one that is worked out."""
    for role in ("total", "amount"):
        if role in found.cells:
            return found.cells[role].name
    if "unit_price" in found.cells and "quantity" in found.cells:
        return _COMPUTED
    return found.cells["unit_price"].name if "unit_price" in found.cells else None


def _computed_table(found: Found) -> list[str]:
    quantity, price = found.cells["quantity"].name, found.cells["unit_price"].name
    return ["[columns] # worked out from others", f"{key(_COMPUTED)} = {text(f'{{{quantity}}} * {{{price}}}')}"]


def _rows_table(found: Found, forms: _Forms, *, amount: str | None) -> list[str]:
    if found.id is None or not found.several_rows:
        return []
    take: dict[str, str] = {}
    for role, column in found.dates.items():
        if role != "changed" and found.varies(column):
            if column.name in forms.own:
                take[column.name] = "first" if role == "begun" else "last"
            else:
                take[column.name] = "earliest" if role == "begun" else "latest"
    for name, column in traits_of(found).items():
        if found.varies(column):
            take[column.name] = "last" if name == "status" else "list"
    if amount and _currency(found) and (amount == _COMPUTED or found.varies(_named(found, amount))):
        take[amount] = "sum"
    take |= {column.name: "max" for column in found.steps if found.varies(column)}
    if "kept" in found.cells and found.varies(found.cells["kept"]):
        take[found.cells["kept"].name] = "last"
    lines = ["[rows]", f"group_by = [{text(found.id.name)}] # several rows have the same one"]
    changed = found.dates.get("changed")
    if changed is not None and changed.name not in forms.own:
        lines.append(f"order_by = [{text(changed.name)}]")
    if take:
        lines.append(f"take = {inline(take)}")
    return lines


def _named(found: Found, name: str) -> Looked:
    return next(one for one in found.cells.values() if one.name == name)


def _personal_table(found: Found) -> list[str]:
    if found.told.fates is not None:
        return _told_fates(found.told.fates)
    kept = {one.name for one in for_the_book(found)}
    lines = ["[personal] # what names people"]
    for one in found.personal:
        fate, said = ("address_book", _BOOK) if one.name in kept else ("left_out", "never read")
        lines.append(f'{key(one.name)} = "{fate}" # {said}')
    return lines if found.personal else []


def _told_fates(fates: Mapping[str, tuple[str, str]]) -> list[str]:
    lines = []
    for name, (fate, part) in fates.items():
        said = f'{{ fate = "{fate}", as = "{part}" }}' if part else f'"{fate}"'
        lines.append(f"{key(name)} = {said}")
    return ["[personal] # what names people", *lines] if lines else []


def _defaults_table(found: Found, *, has_money: bool) -> list[str]:
    lines = ["[defaults] # what all entries have in common"]
    lines.append(
        f"subject = {text(subject_of(found))}" + ("" if found.id else " # no column names one: each row counts")
    )
    if found.user is not None:
        guessed = "address_book" if names_somebody(found.user) else "hash"
        fate = found.told.user_fate or guessed
        said = f", and {_BOOK}" if fate == "address_book" else ""
        user = f'{{ column = {text(found.user.name)}, fate = "{fate}" }}'
        lines.append(f"user = {user} # becomes a pseudonym{said}")
    if "channel" in found.cells:
        lines.append(f"channel = {text(found.cells['channel'].name)}")
    currency = _currency(found)
    if currency and has_money:
        lines.append(f"currency = {currency}")
    traits = {name: column.name for name, column in traits_of(found).items()}
    if traits:
        lines.append(f"traits = {inline(traits)}")
    return lines


def subject_of(found: Found) -> str:
    """Return what the entries are about, as a template."""
    if found.theme == "review":
        product = found.cells.get("product")
        return f"product:{{{product.name}}}" if product else "review:{line}"
    noun = "conversation" if found.theme == "ticket" else "order"
    return f"{noun}:{{{found.id.name if found.id else 'line'}}}"


def _currency_code(found: Found) -> str | None:
    """Return the currency that headings or cells of amounts name, or None."""
    amounts = [one for role, one in found.cells.items() if role in ("total", "amount", "unit_price")]
    for one in amounts:
        if code := words.CODES.search(one.name.upper()):
            return "CNY" if code[0] == "RMB" else code[0]
    for one in amounts:
        for symbol, code_of in words.SYMBOLS.items():
            if symbol in one.name or any(symbol in cell for cell in list(one.cells)[:50]):
                return code_of
    return None


def _currency(found: Found) -> str | None:
    """Return the entry for the currency, as TOML, or None where nothing tells it."""
    column = found.cells.get("currency")
    if column is None:
        code = _currency_code(found)
        code = found.told.currency or code
        return text(code) if code else None
    symbols = {cell: words.SYMBOLS[cell] for cell in column.cells if cell in words.SYMBOLS}
    if symbols:
        return f"{{ column = {text(column.name)}, map = {inline(symbols)} }}"
    return text(column.name)


def currency_seen(found: Found) -> str | None:
    """Return the one currency that headings or cells of amounts name; None where none does, or a column tells it."""
    return None if "currency" in found.cells else _currency_code(found)


def _money_note(found: Found, amount: str | None) -> list[str]:
    if found.theme != "order":
        return []
    return [
        '# The file names no currency. To count money, write currency = "EUR" above and, in order.placed,',
        f"# amount = {text(amount or '')}",
    ]
