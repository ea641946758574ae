"""Make `.venv` and install Keptword into it, once; say plainly what is missing where something is.

Stands on the standard library alone, because it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import browser
from progress import Line, Outcome, run

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "keptword-setup.json"
BROWSER_TRIED = VENV / "keptword-browser-tried"
POSTGRES_TRIED = VENV / "keptword-postgres-tried"
OLDEST = (3, 11)

NO_INDEX = re.compile(r"Retrying|name resolution|unreachable|timed out|from versions: none|ResolutionImpossible")


class Missing(Exception):
    """Something this machine lacks, in whole sentences with the remedy."""


def main() -> int:
    """Do the set-up where it is not done yet; return the status to end with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--test", action="store_true", help="also what the checks and tests need")
    parser.add_argument("--tell", action="store_true", help="say so when there was nothing to do")
    options = parser.parse_args()
    try:
        require_machine(for_tests=options.test)
        if is_done(for_tests=options.test):
            if options.tell:
                print("Everything is set up already, in .venv. Try: make demo")
        else:
            set_up(for_tests=options.test)
        if options.test:
            look_for_browser()
            look_for_postgres()
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Running it again goes on from here.", file=sys.stderr)
        return 130
    return 0


def require_machine(*, for_tests: bool) -> None:
    """Raise `Missing` where this machine lacks what cannot be installed from here."""
    if sys.version_info < OLDEST:
        raise Missing(f"Keptword needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}).")
    if for_tests and not shutil.which("git"):
        raise Missing("git is missing; the tests ask it which files belong to the project. Debian: apt install git")


def venv_python() -> Path:
    """Return the Python inside `.venv`, whether it is there yet or not."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wanted(*, for_tests: bool) -> dict[str, str | bool]:
    """Return what a finished set-up was made from; where one of these differs, it is done again."""
    heading = re.search(r"^## .*$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    needs = hashlib.sha256(heading.group().encode() if heading else b"")
    for name in ("pyproject.toml", "constraints.txt"):
        needs.update((ROOT / name).read_bytes())
    return {"place": str(ROOT), "needs": needs.hexdigest(), "for_tests": for_tests}


def stamp() -> dict[str, str | bool]:
    """Return what the last finished set-up was made from; nothing where none was finished."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def is_done(*, for_tests: bool) -> bool:
    """Return True where `.venv` works and was made from the same needs, with the tests' or without."""
    same = any(stamp() == wanted(for_tests=tests) for tests in {True, for_tests})
    return same and python_version() is not None


def python_version() -> tuple[int, ...] | None:
    """Return the version of the Python in `.venv`, or None where it cannot be started."""
    ask = [str(venv_python()), "-c", "import sys, pip; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(ask, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return tuple(int(part) for part in answer.split())


def set_up(*, for_tests: bool) -> None:
    """Make `.venv` where there is none that works, install into it, and leave a stamp."""
    last = stamp()
    # What was installed for the tests stays in step, and programs in a folder that was moved no longer start.
    for_tests = for_tests or last.get("for_tests") is True
    is_moved = last.get("place", str(ROOT)) != str(ROOT)
    version = ".".join(str(part) for part in sys.version_info[:2])
    have = python_version()
    if have is None or have < OLDEST or is_moved:
        with Line(f"1/3 making .venv with Python {version}") as line:
            make_venv(line)
            line.end("done")
    else:
        with Line(f"1/3 .venv with Python {'.'.join(map(str, have))}") as line:
            line.end("there")

    STAMP.unlink(missing_ok=True)
    pip_install("2/3 fetching the tool that builds the package", ["hatchling"])
    if for_tests:
        label, extra = "3/3 installing Keptword and its test tools (700 MB)", "[test]"
    else:
        label, extra = "3/3 installing Keptword (250 MB)", ""
    pip_install(label, ["--no-build-isolation", "--editable", f".{extra}"])
    STAMP.write_text(json.dumps(wanted(for_tests=for_tests), indent=2) + "\n", encoding="utf-8")


def make_venv(line: Line) -> None:
    """Make `.venv` anew, with pip in it, by whichever road this machine offers."""
    make: list[str | Path] = [sys.executable, "-m", "venv", "--clear", VENV]
    failed = "The virtual environment could not be made."
    if importlib.util.find_spec("ensurepip") or install_debian_venv(line):
        demand(run(make, line=line, folder=ROOT), failed)
        return
    # Debian keeps ensurepip in a package of its own; any other pip can put one into the new place.
    with tempfile.TemporaryDirectory() as folder:
        pip = find_pip(line, folder=Path(folder))
        demand(run([*make, "--without-pip"], line=line, folder=ROOT), failed)
        fill: list[str | Path] = [
            venv_python(),
            pip,
            "install",
            "--quiet",
            "--ignore-installed",
            "--disable-pip-version-check",
            "pip",
        ]
        demand(run(fill, line=line, folder=ROOT), "pip could not be put into the virtual environment.")


def install_debian_venv(line: Line) -> bool:
    """Install Debian's package with the other half of `venv` where we may; return True where it is there now."""
    if getattr(os, "geteuid", lambda: 1)() != 0 or not shutil.which("apt-get"):
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], line=line, folder=ROOT, environment=quiet)
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", debian_venv_package()]
    demand(run(install, line=line, folder=ROOT, environment=quiet), f"{debian_venv_package()} could not be installed.")
    return True


def find_pip(line: Line, *, folder: Path) -> Path:
    """Return a pip that a bare Python can run: this Python's own, or Debian's, unpacked into `folder` only.

    Raises `Missing` where there is neither.
    """
    own = importlib.util.find_spec("pip")
    if own and own.origin:
        return Path(own.origin).parent
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        # Anybody may download a package; only installing it takes root.
        run(["apt-get", "download", "-q", "python3-pip-whl"], line=line, folder=folder)
        for package in folder.glob("*.deb"):
            run(["dpkg-deb", "--extract", package, folder], line=line, folder=folder)
        for wheel in folder.glob("usr/share/python-wheels/pip-*.whl"):
            return wheel / "pip"
    raise Missing(
        f"This Python ({sys.executable}) lacks ensurepip, without which no virtual environment can be made.\n"
        f"Debian and Ubuntu keep it in a package of its own: sudo apt install {debian_venv_package()}\n"
        "Then run the same command again."
    )


def debian_venv_package() -> str:
    """Return the package that completes this Python: the system's own, or one installed beside it."""
    systems_own = Path("/usr/bin/python3").resolve() == Path(sys.executable).resolve()
    return "python3-venv" if systems_own else f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


def pip_install(label: str, arguments: list[str]) -> None:
    """Install into `.venv` at the pinned versions, on one line of the screen."""
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    command: list[str | Path] = [
        venv_python(),
        "-m",
        "pip",
        "install",
        *quiet,
        "--constraint",
        "constraints.txt",
        *arguments,
    ]
    with Line(label) as line:
        outcome = run(command, line=line, folder=ROOT, activity=_package)
        demand(outcome, "pip could not install what is needed.")
        line.end("done")


def demand(outcome: Outcome, sentence: str) -> None:
    """Raise `Missing` with the end of what was written, where the command did not end well."""
    if outcome.well:
        return
    last = "\n".join("    " + text for text in outcome.output.strip().splitlines()[-12:])
    if NO_INDEX.search(outcome.output):
        sentence += (
            " The package index could not be reached, or lacks the pinned versions."
            " Is there a network? (pip config list shows which index is asked.)"
        )
    elif "No space left" in outcome.output:
        sentence += " The disk is full."
    raise Missing(f"{sentence} It said:\n{last}\nOnce that is mended, run the same command again.")


def look_for_browser() -> None:
    """Find a browser for the browser tests, install one where we may (tried once), or say how to get one."""
    if browser.is_unwanted() or has_browser():
        return
    commands = browser.install_commands(venv_python())
    if commands and not BROWSER_TRIED.exists():
        BROWSER_TRIED.touch()
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with Line("installing Chromium for the browser tests") as line:
            outcomes = [run(command, line=line, folder=ROOT, environment=quiet) for command in commands]
            line.end("done" if outcomes[-1].well else "failed")
    if not has_browser():
        print(f"No Chromium that works here: the browser tests are skipped. To have them: {browser.how_to_install()}")


def look_for_postgres() -> None:
    """Find a PostgreSQL for the tests that start one, install one where we may (tried once), or say how to get one."""
    if os.environ.get("KEPTWORD_POSTGRES") or has_postgres():
        return
    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    if is_root and shutil.which("apt-get") and not POSTGRES_TRIED.exists():
        POSTGRES_TRIED.touch()
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with Line("installing PostgreSQL for the tests on a server") as line:
            run(["apt-get", "update", "-q"], line=line, folder=ROOT, environment=quiet)
            install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "postgresql"]
            line.end("done" if run(install, line=line, folder=ROOT, environment=quiet).well else "failed")
    if not has_postgres():
        print("No PostgreSQL here: the tests on a server are skipped. To have them: sudo apt install postgresql")


def has_postgres() -> bool:
    """Return True where a server can be started: Debian keeps its programs off the path."""
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


def has_browser() -> bool:
    """Return True where there is a browser and Playwright's driver starts."""
    return browser.find_browser() is not None and browser.driver_starts(venv_python())


def _package(text: str) -> str | None:
    found = re.match(r"\s*(?:Collecting|Downloading|Using cached) (\w[\w.]*)", text)
    return found.group(1) if found else None


if __name__ == "__main__":
    sys.exit(main())
