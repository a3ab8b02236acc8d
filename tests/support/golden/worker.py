"""Runs a worker as `resque work --ruby` does, in a process that was forked and has loaded it all."""

import os
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import preloaded

from resque_core.process.run import run_workers
from resque_core.work_settings import WorkSettings


def start_worker(folder: Path, log: str, **settings: Any) -> BaseProcess:
    """A worker with these settings, whose jobs find `folder` in GOLDEN_FOLDER."""
    env = os.environ | {"GOLDEN_FOLDER": str(folder)}
    return preloaded.start(_work, settings, env=env, folder=folder, output=folder / log)


def _work(settings: dict[str, Any]) -> None:
    sys.exit(run_workers(WorkSettings(**settings)))
