"""The short form of `make ticks`: some seconds of kills over real schedulers and workers on each backend."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from servers.fleet import Fleet
from servers.wanted import or_skip
from stores import TYPICAL, Kind

ROOT = Path(__file__).parents[2]
SIZE = ("--seconds=4", "--workers=2", "--pause=0.6")


@pytest.mark.parametrize("kind", TYPICAL, ids=lambda kind: kind.name)
def test_each_tick_is_carried_out_once_whoever_is_killed(kind: Kind, fleet: Fleet, tmp_path: Path) -> None:
    """Two schedulers, and workers that promote delayed jobs: none of these is lost or doubled, either."""
    store = or_skip(lambda: kind.new(fleet, tmp_path))
    paths = [str(ROOT / "chaos"), *filter(None, sys.path)]
    done = subprocess.run(
        [sys.executable, "-m", "ticks", "--url", store.url, *SIZE],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    store.discard()
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["kills"] > 3
    assert report["jobs"]["each-second"] > 0
    assert report["wrong"] == {"missing": [], "unasked": [], "twice": []}
