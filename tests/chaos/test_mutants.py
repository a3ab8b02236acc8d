"""`make mutants`, as far as it takes a moment: each patch applies, and names tests that there are."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATCHES = sorted((ROOT / "chaos/mutants/patches").glob("*.patch"))


def test_every_mistake_can_still_be_made() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mutants", "--check"],
        env={"PYTHONPATH": str(ROOT / "chaos"), "PATH": "/usr/bin:/bin:/usr/local/bin"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert f"{len(PATCHES)} mutants, and all patches apply." in done.stdout


def test_each_mistake_is_made_on_every_backend_or_says_why_not() -> None:
    said: dict[str, set[str]] = {}
    for path in PATCHES:
        head = path.read_text().split("\ndiff ", 1)[0]
        mistake = re.sub("-(redis|mongodb|sqlite)$", "", path.stem)
        said.setdefault(mistake, set()).update(re.findall(r"^(?:Test|Not): (\w+):", head, re.MULTILINE))
    whole = {"redis", "mongodb", "sqlite"}
    assert {name: backends for name, backends in said.items() if not backends >= whole} == {
        # These are made once for all.
        "exit-status": {"core"},
        "signal-unheard": {"core"},
        "sleeper-begins": {"core"},
        # Nothing else has a sweep of several steps.
        "sweep-forgets-first": {"mongodb"},
    }
