"""Wheel and sdist are built from a copy of the checkout; the wheel is installed in an empty environment and used."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from datetime import date
from pathlib import Path

import pytest

from atm_gcn.version import __version__

ROOT = Path(__file__).parents[2]
NOT_COPIED = (".*", "build", "dist", "demo", "runs", "shared", "_build", "*.egg-info", "__pycache__")
DRAWN = ("--subjects", "2", "--clips-per-subject", "3", "--size", "64")

pytestmark = pytest.mark.slow


def output_of(*command: object, cwd: Path) -> str:
    """What a command prints, run without the variables that lead to this checkout."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with the sdist, and the wheel that is made from it."""
    folder = tmp_path_factory.mktemp("packaging")
    shutil.copytree(ROOT, folder / "source", ignore=shutil.ignore_patterns(*NOT_COPIED))
    output_of(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", ".", cwd=folder / "source")
    return folder / "dist"


@pytest.fixture(scope="module")
def python(built, tmp_path_factory):
    """Python of an environment that holds the wheel, and finds the packages that it depends on where this one does."""
    folder = tmp_path_factory.mktemp("environment")
    output_of(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    [wheel] = built.glob("*.whl")
    output_of(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    site = Path(output_of(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    (site / "dependencies.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    return python


def test_the_wheel_holds_the_package_and_nothing_else(built):
    [wheel] = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.partition("/")[0] for name in names} == {"atm_gcn", f"atm_gcn-{__version__}.dist-info"}
    inside = {path.relative_to(ROOT).as_posix() for path in (ROOT / "atm_gcn").rglob("*") if path.is_file()}
    assert {name for name in names if name.startswith("atm_gcn/")} == {
        name for name in inside if "__pycache__" not in name
    }
    assert {"atm_gcn/py.typed", "atm_gcn/report/templates/report.html"} < names


def test_the_sdist_holds_what_tests_and_pages_need(built):
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"constraints.txt", "tests/conftest.py", "docs/conf.py", "benchmarks/README.md", "CHANGELOG.md"} < names
    assert "LICENSE" in names and not any(name.startswith("docs/_build/") for name in names)


def test_the_installed_wheel_works_elsewhere(python, tmp_path):
    where = Path(output_of(python, "-c", "import atm_gcn; print(atm_gcn.__file__)", cwd=tmp_path).strip())
    assert where.is_relative_to(python.parents[1])
    command = python.with_name("atm-gcn")
    assert output_of(command, "--version", cwd=tmp_path) == f"atm-gcn {__version__}\n"
    output_of(command, "synth", "clips", *DRAWN, cwd=tmp_path)
    output_of(command, "prepare", "manifest", "clips", "store", "--set", "data.size=64", cwd=tmp_path)
    assert (tmp_path / "store" / "frames.npy").stat().st_size > 6 * 64 * 64 * 3
    code = "from atm_gcn import ATMGCN; print(ATMGCN.from_preset('demo', num_classes=3).config.num_classes)"
    assert output_of(python, "-c", code, cwd=tmp_path) == "3\n"


def test_the_changelog_has_this_version_with_its_date():
    heading = re.search(rf"^## {re.escape(__version__)} - (\S+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert heading and date.fromisoformat(heading[1])
