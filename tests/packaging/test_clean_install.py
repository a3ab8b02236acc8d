"""The wheel in an environment of its own: it needs nothing that its metadata does not name."""

import json
import subprocess
from pathlib import Path

import pytest

#: Making the environment takes long.
pytestmark = pytest.mark.thorough

NOT_NEEDED = ("redis", "pymongo", "bson", "django", "pytest", "hypothesis")

JOBS = """
from pathlib import Path

from resque_core import job


@job(queue="greetings")
def greet(name: str) -> None:
    Path("greeted.txt").write_text(f"hello {name}", encoding="utf-8")
"""


def run(python: Path, folder: Path, *command: str) -> str:
    """Run a program of the clean environment in `folder`; its output, or a test failure that shows both."""
    environment = {"PATH": f"{python.parent}:/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [str(python.parent / command[0]), *command[1:]],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.fail(f"{command} ended {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def test_the_command_shows_its_help(clean_python: Path, tmp_path: Path) -> None:
    assert "work" in run(clean_python, tmp_path, "resque", "--help")


def test_the_library_imports_without_any_driver_framework_or_test_tool(
    clean_python: Path, tmp_path: Path
) -> None:
    code = (
        "import sys, json, resque_core;"
        "from importlib.util import find_spec;"
        f"print(json.dumps([name for name in {NOT_NEEDED!r} if find_spec(name)]));"
        "print(json.dumps([name for name in ('typer', 'rich', 'yaml') if name in sys.modules]))"
    )
    installed, imported = run(clean_python, tmp_path, "python", "-c", code).splitlines()
    assert json.loads(installed) == []
    assert json.loads(imported) == []


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        *(
            (f"{scheme}://host/0", "redis")
            for scheme in ("redis", "rediss", "redis+sentinel", "redis+cluster")
        ),
        ("unix:///run/redis.sock", "redis"),
        ("mongodb://host/jobs", "mongo"),
        ("mongodb+srv://host/jobs", "mongo"),
    ],
)
def test_without_the_driver_a_url_says_what_to_install(
    clean_python: Path, tmp_path: Path, url: str, extra: str
) -> None:
    code = (
        "import sys\n"
        "from resque_core import Resque, ResqueError\n"
        "try:\n"
        "    Resque(sys.argv[1]).queues()\n"
        "except ResqueError as error:\n"
        "    print(error)\n"
    )
    assert f'pip install "resque-core[{extra}]"' in run(clean_python, tmp_path, "python", "-c", code, url)


def test_a_job_is_enqueued_and_worked(clean_python: Path, tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text(JOBS, encoding="utf-8")
    store = ("--url", "sqlite:///jobs.sqlite3")
    run(clean_python, tmp_path, "resque", "enqueue", "jobs.greet", '"you"', "--queue", "greetings", *store)
    run(clean_python, tmp_path, "resque", "work", "--queues", "*", "--require", "jobs", "--burst", *store)
    assert (tmp_path / "greeted.txt").read_text(encoding="utf-8") == "hello you"
    assert json.loads(run(clean_python, tmp_path, "resque", "failures", "list", "--json", *store)) == []
