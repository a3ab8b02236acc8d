"""The floors of a fork for each job: fork, exit at once, wait."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parents[1]
#: What the app process of `resque work` has loaded: a fork costs what a process has mapped and touches.
APP_PROCESS = "import resque_core.cli.worker_process, bench_jobs"
PATIENCE = 600.0
CODE = """
import os, time
{imports}
began = time.monotonic()
for _ in range({count}):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
print({count} / (time.monotonic() - began))
"""


def fork_rate(count: int, imports: str = "") -> float:
    """Forks per second of an interpreter that has loaded these modules, and nothing else."""
    command = [sys.executable, "-c", CODE.format(count=count, imports=imports)]
    done = subprocess.run(command, capture_output=True, check=True, env=environment(), timeout=PATIENCE)
    return float(done.stdout)


def environment(**more: str) -> dict[str, str]:
    """Ours, and what a process needs to import our jobs."""
    path = [str(HERE), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, path))} | more
