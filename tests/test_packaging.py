"""The wheel as an owner gets it: whole, light, with the version of the changelog, and able to start alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

HEAVY = {"altair", "duckdb-engine", "matplotlib", "pandas", "polars", "pyarrow", "scikit-learn", "scipy"}
TARGETS = {"linux": "linux", "macos": "darwin", "windows": "win32"}


def run_python(*arguments: str | Path, folder: Path, path: Path | None = None) -> str:
    """Run Python and return what it wrote; fail with all of it where it did not end well."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    if path:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, check=False)
    written = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, written
    return written


def project() -> dict:
    """The [project] table of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def changelog_version() -> str:
    """The version of the topmost release in the changelog."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(r"^## (\d+\.\d+\.\d+\S*) - \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert found, "CHANGELOG.md has no heading like: ## 0.1.0 - 2026-11-22"
    return found.group(1)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    run_python("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The names of the files inside the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    """What the wheel says about itself."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_bytes(archive.read(name))


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package(names):
    """Templates, styles, words and samples are files too; one left out is found by an owner, not by us."""
    source = ROOT / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in (source / "keptword").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    assert "keptword/py.typed" in expected
    assert expected - names == set()


@pytest.mark.slow
def test_the_wheel_holds_nothing_else(names):
    beside = {name for name in names if not re.match(r"keptword(/|-[^/]+\.dist-info/)", name)}
    assert beside == set()
    assert not {name for name in names if "__pycache__" in name or "/tests/" in name}


@pytest.mark.slow
def test_the_wheel_carries_the_licence_and_the_version_of_the_changelog(names, metadata):
    assert metadata["Version"] == changelog_version()
    assert metadata["License-Expression"] == "Apache-2.0"
    assert [name for name in names if name.endswith("licenses/LICENSE")]


@pytest.mark.slow
def test_the_wheel_asks_for_nothing_heavy(metadata):
    """The core install stays under 300 MB."""
    asked = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    core = {canonicalize_name(one.name) for one in asked if "extra" not in str(one.marker)}
    assert core & HEAVY == set()
    # Extras of a dependency are how heavy things come in unseen: ibis-framework[duckdb] brings pandas and pyarrow.
    assert [str(one) for one in asked if one.extras and "extra" not in str(one.marker)] == []


@pytest.mark.slow
def test_the_installed_wheel_starts_and_knows_its_version(wheel, tmp_path):
    """Away from the repository, from the wheel's own files alone."""
    installed = tmp_path / "installed"
    pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    run_python(*pip, "--target", installed, wheel, folder=tmp_path)
    where = run_python("-c", "import keptword; print(keptword.__file__)", folder=tmp_path, path=installed)
    assert Path(where.strip()).is_relative_to(installed)
    ask_version = "import keptword; print(keptword.__version__)"
    assert run_python("-c", ask_version, folder=tmp_path, path=installed).strip() == changelog_version()
    assert "report" in run_python("-m", "keptword", "--help", folder=tmp_path, path=installed)


def pins() -> dict[str, Requirement]:
    """The pinned packages by name; every line that is no comment has to be one."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return {canonicalize_name(one.name): one for one in pinned}


def test_constraints_pin_one_exact_version_each():
    """No address, no path, no hash, no extras: only `name==version`, and a marker where one is needed."""
    for name, pin in pins().items():
        assert re.fullmatch(r"==[0-9][0-9a-z.]*", str(pin.specifier)), f"constraints.txt: {name} is not pinned"
        assert not pin.url, f"constraints.txt: {name} has an address"
        assert not pin.extras, f"constraints.txt: {name} has extras"
    assert "keptword" not in pins()


def test_constraints_pin_everything_we_ask_for():
    tables = project()
    asked = [*tables["dependencies"], *(one for extra in tables["optional-dependencies"].values() for one in extra)]
    for requirement in map(Requirement, asked):
        pin = pins().get(canonicalize_name(requirement.name))
        assert pin, f"{requirement.name} is not in constraints.txt"
        (version,) = (one.version for one in pin.specifier)
        assert requirement.specifier.contains(version), f"{requirement} is not met by {pin}"


def test_every_dependency_has_a_lower_bound():
    for requirement in map(Requirement, project()["dependencies"]):
        assert any(one.operator == ">=" for one in requirement.specifier), requirement
