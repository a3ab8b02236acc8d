"""The short form of `make chaos`: some seconds of kills and outages over real workers on each backend."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.fleet import mongo_program, redis_program
from servers.wanted import or_skip
from soak import times

ROOT = Path(__file__).parents[2]
PATHS = [str(ROOT / "chaos"), str(ROOT / "tests/support")]
SECONDS = times(6, 30)
SIZE = (
    f"--seconds={SECONDS}",
    f"--jobs={30 * SECONDS}",
    f"--kills={6 * SECONDS}",
    f"--store-faults={times(2, 4)}",
)
CREW = ("--workers=4", "--lease=1.5")
#: For a machine that has other things to do: the long form is strict about time.
SLACK = "--slack=120"
NEEDED: dict[str, Callable[[], object]] = {
    "sqlite": lambda: None,
    "redis": redis_program,
    "mongodb": mongo_program,
}


@pytest.mark.soak
@pytest.mark.parametrize("held", ["one job", "bundles"])
@pytest.mark.parametrize("backend", NEEDED)
def test_a_short_storm_loses_nothing(backend: str, held: str, tmp_path: Path) -> None:
    or_skip(NEEDED[backend])
    path = tmp_path / "report.json"
    which = ["--backend", backend, *(["--bundles"] if held == "bundles" else [])]
    done = subprocess.run(
        [sys.executable, "-m", "storm", *which, *SIZE, *CREW, SLACK, "--report", str(path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([*PATHS, *filter(None, sys.path)])},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    report = json.loads(path.read_text())
    (storm,) = report["storms"]
    assert all(wrong == [] for wrong in storm["checks"].values())
    # Whom it kills is chance.
    assert any(fault.startswith("kill ") for fault in storm["faults"])
    assert int(storm["figures"]["jobs"]) > SECONDS
    assert f"--seed {storm['options']['seed']}" in report["command"]
