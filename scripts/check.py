"""Run every check, one line each; the whole output only of those that fail."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from progress import Line, Outcome, run

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    """One check: its name, its command, and how to say in a few words that it went well."""

    name: str
    command: tuple[str, ...]
    verdict: Callable[[Outcome], str] = lambda _: "ok"


def counts(outcome: Outcome) -> str:
    """Return pytest's own count, "412 passed, 6 skipped", out of its last line."""
    found = re.findall(r"\d+ (?:passed|skipped|failed|errors?|xfailed)", outcome.output)
    return ", ".join(found[-4:]) or "nothing was tested"


# A file's tests stay in one process: what they share is made once. In the order of their names, since the files with
# the most tests, which would come first, are not those that take longest. Two processes more than there are processors:
# a third of the time tests wait for servers, disks and browsers.
PROCESSES = (os.cpu_count() or 1) + 2
TESTS = ("pytest", "-n", str(PROCESSES), "--dist", "loadfile", "--no-loadscope-reorder", "-rs", "--color=no")

CHECKS = (
    Check("lint (ruff check)", ("ruff", "check", "--quiet", ".")),
    Check("format (ruff format --check)", ("ruff", "format", "--check", "--quiet", ".")),
    Check("types (mypy)", ("mypy", "--no-error-summary")),
    Check("layers (lint-imports)", ("lint-imports", "--no-logo", "--no-cache")),
    Check("tests (pytest)", TESTS, counts),
)


def main() -> int:
    """Run the checks in order, all of them whatever happens; return 1 where one failed."""
    failed: list[tuple[Check, Outcome]] = []
    skipped: Counter[str] = Counter()
    # Test data and temporary files must not depend on the language of whoever runs the tests.
    environment = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "120"}
    for check in CHECKS:
        command = [str(tool(check.command[0])), *check.command[1:]]
        with Line(check.name) as line:
            outcome = run(command, line=line, folder=ROOT, environment=environment, activity=_percent)
            line.end(check.verdict(outcome) if outcome.well else "FAILED")
        if not outcome.well:
            failed.append((check, outcome))
        skipped.update(skips(outcome.output))
    for reason, count in sorted(skipped.items()):
        print(f"    {count} skipped: {reason}")
    for check, outcome in failed:
        print(f"\n---- {check.name}: {' '.join(check.command)}\n{outcome.output.rstrip()}")
    if failed:
        print(f"\n{len(failed)} of {len(CHECKS)} checks failed: {', '.join(check.name for check, _ in failed)}.")
    return 1 if failed else 0


def tool(name: str) -> Path:
    """Return the program `name` that was installed beside the Python running this."""
    return TOOLS / (f"{name}.exe" if os.name == "nt" else name)


def skips(output: str) -> Counter[str]:
    """Return how many tests were skipped for each reason, out of pytest's short summary."""
    found: Counter[str] = Counter()
    for count, reason in re.findall(r"^SKIPPED \[(\d+)\] [^:]+(?::\d+)?: (.+)$", output, re.MULTILINE):
        found[reason] += int(count)
    return found


def _percent(text: str) -> str | None:
    found = re.search(r"\[ *(\d+%)\]", text)
    return found.group(1) if found else None


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        sys.exit(130)
