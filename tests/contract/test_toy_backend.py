"""A stranger's backend, installed beside this library and found by its entry point, passes the suite."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOY = ROOT / "examples/toy_backend"


#: The tests that start processes or go on for long; apart from the others, so that the parts run at once.
PROCESSES = "process or kill or producers or completed_or_swept or once_however or leaves"
LIVES = "happens"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the toy's repository: building leaves things behind."""
    folder = tmp_path_factory.mktemp("checkout") / "toy"
    return Path(shutil.copytree(TOY, folder, ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture(scope="module")
def site(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the toy was installed as any distribution is, without a network."""
    site = tmp_path_factory.mktemp("site")
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    command = [sys.executable, "-m", "pip", "install", *offline, "--target", str(site), str(checkout)]
    subprocess.run(command, check=True)
    return site


def run_with(site: Path, *command: str, folder: Path) -> str:
    """What a Python with the toy installed says."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *filter(None, sys.path)])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_an_installed_backend_is_found_by_its_scheme(site: Path, tmp_path: Path) -> None:
    ask = "from resque_core.discovery import installed_schemes; print(installed_schemes())"
    assert "'toy'" in run_with(site, "-c", ask, folder=tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("which", "least"),
    [(PROCESSES, 20), (LIVES, 1), (f"not ({PROCESSES} or {LIVES})", 400)],
    ids=["processes", "lives", "others"],
)
def test_the_toy_backend_passes_the_suite(site: Path, checkout: Path, which: str, least: int) -> None:
    options = ("-q", "-rs", "-W", "error", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", which)
    said = run_with(site, "-m", "pytest", *options, "tests", folder=checkout)
    passed = re.search(r"^(\d+) passed", said, re.MULTILINE)
    assert passed, said
    assert int(passed[1]) >= least
    assert not re.search(r"\d+ (failed|error)", said), said
    # A capability that the toy has not.
    skipped = re.findall(r"^SKIPPED .*", said, re.MULTILINE)
    assert all(line.endswith("workers on this store only poll") for line in skipped), said
