"""Pages that fail when they are untrue: the commands they quote, the links they draw, the commands page itself."""

from __future__ import annotations

import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import pytest
import typer

import commands_page

ROOT = Path(__file__).resolve().parent.parent

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)|<img[^>]+src=\"([^\"]+)\"")


@cache
def pages() -> list[Path]:
    """Every Markdown page of the project."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return sorted(path for name in listed.split("\0") if name and (path := ROOT / name).exists())


@cache
def known_options() -> dict[str, set[str]]:
    """The options of each command: {"keptword report": {"--promise", "--as-of", …}}."""
    from keptword.cli.commands import app

    return {
        context.command_path: {
            name for one in context.command.params for name in [*one.opts, *getattr(one, "secondary_opts", [])]
        }
        | {"-h", "--help"}
        for context in commands_page.contexts(app)
    }


def quoted_commands(page: Path) -> list[tuple[int, list[str]]]:
    """The line number and words of each `keptword …` in a code block of a page, comments left out."""
    found = []
    in_block = False
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("```"):
            in_block = not in_block
        stripped = line.strip().removeprefix("$ ").removeprefix(".venv/bin/")
        if in_block and stripped.startswith("keptword ") and "[OPTIONS]" not in stripped:
            words = shlex.split(stripped.rstrip("\\"), comments=True)
            found.append((number, words))
    return found


def complaint(words: list[str]) -> str | None:
    """Return what is wrong with a quoted command, or None where every part of it exists."""
    command, rest = words[0], words[1:]
    while rest and f"{command} {rest[0]}" in known_options():
        command, rest = f"{command} {rest[0]}", rest[1:]
    has_commands = any(name.startswith(f"{command} ") for name in known_options())
    if has_commands and rest and not rest[0].startswith("-"):
        return f'there is no command "{rest[0]}"'
    unknown = [
        word for word in rest if re.match(r"--?[a-z]", word) and word.split("=")[0] not in known_options()[command]
    ]
    return f"{command} has no {unknown[0]}" if unknown else None


def test_the_commands_page_is_what_the_help_says():
    from keptword.cli.commands import app

    assert commands_page.PAGE.exists(), "docs/commands.md is missing. Run: make docs"
    assert commands_page.PAGE.read_text(encoding="utf-8") == commands_page.page(app), (
        "docs/commands.md is stale. Run: make docs"
    )


def test_every_command_on_a_page_exists():
    wrong = [
        f"{page.relative_to(ROOT)}:{number}: {said}"
        for page in pages()
        for number, words in quoted_commands(page)
        if (said := complaint(words))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_link_leads_somewhere():
    wrong = []
    for page in pages():
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
            for target in filter(None, (link for pair in LINK.findall(line) for link in pair)):
                path = target.split("#")[0]
                if path and not re.match(r"[a-z]+:", path) and not (page.parent / path).exists():
                    wrong.append(f"{page.relative_to(ROOT)}:{number}: {target}")
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def toy_app() -> typer.Typer:
    """A program with one command of its own and one below a group."""
    app = typer.Typer(help="Keeps words.")
    group = typer.Typer(help="Says how rows become facts.")
    app.add_typer(group, name="mapping")

    @app.command()
    def report(file: str, as_of: str = typer.Option("today", help="The day | it speaks of.")) -> None:
        """Reports."""

    @group.command("guess")
    def guess(file: str) -> None:
        """Proposes one."""

    return app


def test_the_commands_page_has_a_section_for_each_command(toy_app):
    text = commands_page.page(toy_app)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "keptword",
        "keptword report",
        "keptword mapping",
        "keptword mapping guess",
    ]
    assert re.search(r"^\| `--as-of [^`]*` \| The day \\\| it speaks of\. \[default: today\] \|$", text, re.MULTILINE)
