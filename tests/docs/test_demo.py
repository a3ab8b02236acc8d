"""The demo: it ends with 0 only when everything came out as it should, and says what did."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "first_jobs" / "run.py"


def run(folder: Path, script: Path = DEMO) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What it prints into a pipe."""
    done = run(tmp_path_factory.mktemp("demo"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "30 jobs ran to their end",
        "SIGKILL (signal 9)",
        "exited with status 0 before it said",
        "shop.Declined",
        "customer 13 has no address",
        "UnknownJobClass",
        "failures retry --all --url sqlite:///.demo/resque.sqlite3",
        "All came out as it should.",
    ],
)
def test_it_shows(shown: str, text: str) -> None:
    assert text in shown


def test_it_is_plain_when_piped(shown: str) -> None:
    assert "\x1b" not in shown


def test_it_fails_when_a_job_does_not_come_out_as_it_should(tmp_path: Path) -> None:
    for file in DEMO.parent.glob("*.py"):
        text = (
            file.read_text(encoding="utf-8").replace("{13: ", "{14: ").replace("range(8, 18)", "range(8, 14)")
        )
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    done = run(tmp_path, tmp_path / "run.py")
    assert done.returncode == 1
    assert "NOT the expected outcome" in done.stdout
