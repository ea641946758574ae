"""Writes docs/glossary.md from the schema: the columns of a fact, the kinds of fact, and the words around them."""

from __future__ import annotations

import sys
from pathlib import Path

from keptword.core.promises import OUTCOMES, PROBLEMS
from keptword.core.schema import ALWAYS_REQUIRED, COLUMNS, JOURNAL_COLUMNS, KINDS, PROMISE_KINDS, SCHEMA_VERSION, STAGES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "glossary.md"

HEAD = """# Glossary

One word, one meaning. The tables of facts and kinds are written from `src/keptword/core/schema.py` by `make docs`;
a test fails where they differ. What people read instead of these words is in `src/keptword/words/`.

| word | meaning |
| --- | --- |
| user | a person the business serves; people read *customer* |
| member | a person who works there; people read *colleague* |
| fact | something that happened, recorded once and never edited; people read *entry* |
| source | what turns a kind of file into facts; one folder each under `sources/` |
| trait | what a subject is known by (carrier, country, product), to break figures down by |
| rule | a promise made to everybody it fits, such as "ships within 2 working days" |
| obligation | what a rule asks of the business for one subject: when it began, when it was done |
| outcome | what became of a promise as of a day: {outcomes} |
| waiting | due and not done at the end of the day asked for; in the promise book: broken, until it is kept late |
| due | its due day is over at the end of the day asked for, or it was done already |
| vague | a promise without a due moment; counted beside its outcome |
| called off | cancelled, paid back in full or never paid, before it left; neither kept nor broken |
| left out | orders that are no customer's (test, staff, wholesale, zero value); counted, never judged |
| taken | the smallest k for which something was done "within k working days", counted from the day after the event |
| share | a number from 0 to 1; with its 90 % interval wherever a person sees it |
| as of | as known at the end of a day in the business's time zone |
"""


def page() -> str:
    """Return the whole page as it should be."""
    parts = [HEAD.format(outcomes=", ".join(OUTCOMES))]
    parts.append(
        f"\n## The columns of a fact (schema version {SCHEMA_VERSION})\n\n"
        "| column | type | meaning |\n| --- | --- | --- |\n"
    )
    parts.extend(f"| `{column.name}` | {column.type} | {column.meaning} |\n" for column in COLUMNS)
    parts.append(
        "\nIn the journal each fact also carries how it came in:\n\n| column | type | meaning |\n| --- | --- | --- |\n"
    )
    parts.extend(f"| `{column.name}` | {column.type} | {column.meaning} |\n" for column in JOURNAL_COLUMNS)
    always = ", ".join(f"`{name}`" for name in ALWAYS_REQUIRED)
    parts.append(f"\nEvery fact needs {always}; some kinds need more:\n")
    parts.append("\n## The kinds of fact\n\n| kind | what it says | stage | needs |\n| --- | --- | --- | --- |\n")
    for kind in KINDS.values():
        needs = ", ".join(f"`{name}`" for name in kind.required)
        parts.append(f"| `{kind.name}` | {kind.sentence} | {kind.stage} | {needs} |\n")
    parts.append(f"\nStages, in the order of a user's way: {', '.join(STAGES)}.\n")
    parts.append(f"\nKinds of promise: {', '.join(PROMISE_KINDS)}.\n")
    parts.append(
        "\n## What can be odd about the facts of a promise\n\nReported, never guessed away.\n\n"
        "| problem | the fact … |\n| --- | --- |\n"
    )
    parts.extend(f"| {problem} | {reading} |\n" for problem, reading in PROBLEMS.items())
    return "".join(parts)


def main() -> int:
    """Write the page, or with --check say whether it is as it should be."""
    if "--check" in sys.argv:
        if PAGE.read_text("utf-8") == page():
            return 0
        print("docs/glossary.md differs from the schema. Run: make docs")
        return 1
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
