"""The house rules that a program can check; each failure names the file and the line."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LONGEST_FUNCTION = 70
LONGEST_FILE = 500
MOST_POSITIONAL = 2

EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}

# Written in pieces, so that this file obeys its own rules.
MACHINE_PATH = re.compile(r"(?<![\w.~*\]-])/(?:" + "work|home|root" + r")/|[A-Za-z]:\\{1,2}" + r"Users\b")
INDEX_ADDRESS = re.compile(
    r"(?:https?|file)://[^\s\"')>]*(?:pypi|pythonhosted|/simple\b|devpi|artifactory|nexus|wheelhouse|mirror)"
    r"|--(?:extra-)?index-" + r"url|--find-" + r"links|--trusted-" + r"host|PIP_INDEX_" + r"URL",
    re.IGNORECASE,
)
LEFT_OVER = re.compile(r"\b(?:" + "TO" + "DO|FIX" + "ME|XX" + r"X)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def project_files() -> list[Path]:
    """Every file that belongs to the project: known to git, or new and not ignored."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return sorted(path for name in set(listed.split("\0")) if name and (path := ROOT / name).is_file())


@cache
def modules() -> dict[Path, ast.Module]:
    """Every Python file of the project, parsed."""
    return {
        path: ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        for path in project_files()
        if path.suffix == ".py"
    }


def source_modules() -> dict[Path, ast.Module]:
    """The modules that are installed at the owner's."""
    return {path: tree for path, tree in modules().items() if path.is_relative_to(ROOT / "src")}


def place(path: Path, *, line: int) -> str:
    """The file and line, as an editor opens them."""
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def functions(tree: ast.Module) -> Iterator[tuple[Function, ast.ClassDef | None]]:
    """Every function with the class it stands in, if any, however deep."""
    owner = {id(item): node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for item in node.body}
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node, owner.get(id(node))


def decorators(node: Function) -> set[str]:
    """The last names of what decorates a function: {"command"} for `@app.command("report")`."""
    names = set()
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.add(called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", ""))
    return names


def refuse(offenders: list[str], *, rule: str) -> None:
    """Fail with the rule and one line an offender."""
    assert not offenders, "\n".join([rule, *offenders])


def test_there_is_something_to_check():
    """A rule that looks at nothing keeps nothing."""
    assert len(source_modules()) > 5
    assert ROOT / "pyproject.toml" in project_files()


def test_functions_are_short():
    refuse(
        [
            f"{place(path, line=node.lineno)}: {node.name} has {length} lines"
            for path, tree in modules().items()
            for node, _ in functions(tree)
            if (length := (node.end_lineno or 0) - node.lineno + 1) >= LONGEST_FUNCTION
        ],
        rule=f"A function has fewer than {LONGEST_FUNCTION} lines: give a part of it a name of its own.",
    )


def test_files_are_short():
    refuse(
        [
            f"{place(path, line=1)}: {lines} lines"
            for path in modules()
            if (lines := len(path.read_text(encoding="utf-8").splitlines())) >= LONGEST_FILE
        ],
        rule=f"A file has fewer than {LONGEST_FILE} lines: it is about two things.",
    )


def test_modules_are_named_for_what_they_hold():
    refuse(
        [
            f"{place(path, line=1)}: {word}"
            for path in modules()
            for part in path.relative_to(ROOT).with_suffix("").parts
            for word in part.lower().split("_")
            if word in EMPTY_NAMES
        ],
        rule="A module is named for what it holds; these names hold anything.",
    )


def test_every_module_says_what_it_is_for():
    refuse(
        [place(path, line=1) for path, tree in modules().items() if tree.body and not ast.get_docstring(tree)],
        rule="Every module opens with one sentence that says what it is for.",
    )


def undocumented(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line and name of each public class, function or method without a docstring."""
    public = [node for node in tree.body if isinstance(node, ast.ClassDef | Function) and node.name[0] != "_"]
    for node in public:
        inner = node.body if isinstance(node, ast.ClassDef) else []
        methods = [part for part in inner if isinstance(part, Function) and part.name[0] != "_"]
        for one in [node, *methods]:
            skip = isinstance(one, Function) and decorators(one) & {"overload", "override", "setter"}
            if not skip and not ast.get_docstring(one):
                yield one.lineno, one.name


def test_everything_public_says_what_comes_back():
    refuse(
        [
            f"{place(path, line=line)}: {name}"
            for path, tree in source_modules().items()
            for line, name in undocumented(tree)
        ],
        rule="Every public function, method and class in src/ has a docstring.",
    )


def positional(node: Function, *, owner: ast.ClassDef | None) -> list[str]:
    """The names of the arguments that may be given by position, `self` and options of a command left out."""
    arguments = [*node.args.posonlyargs, *node.args.args]
    if owner and "staticmethod" not in decorators(node):
        arguments = arguments[1:]
    return [one.arg for one in arguments if not (one.annotation and "typer." in ast.unparse(one.annotation))]


@cache
def commands() -> set[str]:
    """The names of the functions given to Typer by `app.command(…)(function)`."""
    return {
        given.attr if isinstance(given, ast.Attribute) else getattr(given, "id", "")
        for tree in source_modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Call)
        and isinstance(node.func.func, ast.Attribute)
        and node.func.func.attr == "command"
        for given in node.args
    }


def is_called_by_us(node: Function, *, module: Path) -> bool:
    """False where somebody else decides on the arguments (Python, Typer, pytest), and for a file's own affairs."""
    if decorators(node) & {"command", "callback", "override", "fixture", "given"}:
        return False
    if node.name in commands() and module.is_relative_to(ROOT / "src" / "keptword" / "cli"):
        return False
    is_test = node.name.startswith("test_") and module.is_relative_to(ROOT / "tests")
    is_own_affair = not module.is_relative_to(ROOT / "src") or node.name.startswith("_")
    return node.name == "__init__" or not (is_test or is_own_affair)


def test_at_most_two_arguments_go_by_position():
    refuse(
        [
            f"{place(path, line=node.lineno)}: {node.name}({', '.join(names)})"
            for path, tree in modules().items()
            for node, owner in functions(tree)
            if is_called_by_us(node, module=path) and len(names := positional(node, owner=owner)) > MOST_POSITIONAL
        ],
        rule=f"At most {MOST_POSITIONAL} arguments go by position: put a * before the others.",
    )


def test_the_command_line_alone_prints():
    """A `print` in the core reaches no terminal table, no JSON and no test (ruff's T20, which a comment could lift)."""
    refuse(
        [
            place(path, line=node.lineno)
            for path, tree in source_modules().items()
            if not path.is_relative_to(ROOT / "src" / "keptword" / "cli")
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        ],
        rule="Only the command line prints; everything else returns values and problems.",
    )


@cache
def text_lines() -> list[tuple[Path, int, str]]:
    """Every line of every text file of the project, with its place."""
    lines = []
    for path in project_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        text = content.decode("utf-8", errors="replace")
        lines += [(path, number, line) for number, line in enumerate(text.splitlines(), start=1)]
    return lines


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        pytest.param(MACHINE_PATH, "No path of one machine: it is nowhere else.", id="machine-path"),
        pytest.param(INDEX_ADDRESS, "No address of a package index: everybody's is another.", id="index-address"),
        pytest.param(LEFT_OVER, "What is left to do belongs into an issue, or is done.", id="left-over"),
    ],
)
def test_no_file_holds(pattern, rule):
    refuse(
        [
            f"{place(path, line=number)}: {found.group()} in {line.strip()[:100]}"
            for path, number, line in text_lines()
            if (found := pattern.search(line))
        ],
        rule=rule,
    )


@pytest.mark.parametrize(
    ("pattern", "text", "caught"),
    [
        (MACHINE_PATH, "open('/" + "home/ada/orders.csv')", True),
        (MACHINE_PATH, "C:" + "\\Users\\ada", True),
        (MACHINE_PATH, "docs/" + "work/page.md", False),
        (MACHINE_PATH, "~/" + "work/page.md", False),
        (INDEX_ADDRESS, "https://py" + "pi.example/simple", True),
        (INDEX_ADDRESS, "pip install --index-" + "url x", True),
        (INDEX_ADDRESS, "https://www.apache.org/licenses/", False),
        (LEFT_OVER, "# TO" + "DO later", True),
        (LEFT_OVER, "to" + "do list", False),
    ],
)
def test_the_patterns_catch_what_they_mean(pattern, text, caught):
    assert bool(pattern.search(text)) is caught
