"""What no file of the repository may contain: places on somebody's machine, and hosts of registries."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:work|root|home|Users)(?![\w-])")
REGISTRY = re.compile(r"pypi[.]org|python[h]osted|[i]ndex[-_]url", re.IGNORECASE)
IGNORED = [line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()]


def committed(folder: Path) -> Iterator[Path]:
    """The files that are, or would be, committed: all that .gitignore does not name."""
    for path in sorted(folder.iterdir()):
        if path.name == ".git" or any(fnmatch(path.name, pattern) for pattern in IGNORED):
            continue
        if path.is_dir():
            yield from committed(path)
        else:
            yield path


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY], ids=["machine path", "registry host"])
def test_no_committed_file_contains_a(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in committed(ROOT)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("text", ["{}work/x", "cd {}root", "'{}home/me/x'", "({}Users/me)"])
def test_a_machine_path_would_be_found(text: str) -> None:
    assert MACHINE_PATH.search(text.format("/"))


def test_the_walk_sees_the_sources_and_not_what_was_built() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in committed(ROOT)}
    assert {"resque_core", "backends", "tests", "setup.cfg"} <= names
    assert not {".venv", ".git", "resque_core.egg-info"} & names
