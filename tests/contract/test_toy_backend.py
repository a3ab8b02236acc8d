"""A stranger's backend, installed beside this library and found by its entry point, passes the suite."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOY = Path(__file__).parents[2] / "examples" / "toy_backend"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the toy's repository: building leaves things behind."""
    return Path(shutil.copytree(TOY, tmp_path / "toy", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def site(checkout: Path, tmp_path: Path) -> Path:
    """A folder into which the toy was installed as any distribution is, without a network."""
    site = tmp_path / "site"
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    command = [sys.executable, "-m", "pip", "install", *offline, "--target", str(site), str(checkout)]
    subprocess.run(command, check=True)
    return site


def run_with(site: Path, *command: str, folder: Path) -> str:
    """What a Python with the toy installed says."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
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


def test_the_toy_backend_passes_the_suite(site: Path, checkout: Path) -> None:
    options = ("-q", "-n", "2", "-W", "error", "-p", "no:cacheprovider")
    said = run_with(site, "-m", "pytest", *options, "tests", folder=checkout)
    passed = re.search(r"^(\d+) passed", said, re.MULTILINE)
    assert passed, said
    assert int(passed[1]) >= 400
    assert not re.search(r"\d+ (skipped|failed|error)", said), said
