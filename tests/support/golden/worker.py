"""Runs a worker as `resque work --ruby` does, in a process that was forked and has loaded it all."""

import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from resque_core.process.run import run_workers
from resque_core.work_settings import WorkSettings

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["golden.worker", "golden.jobs", "resque_redis.storage"])


def start_worker(folder: Path, log: str, **settings: Any) -> BaseProcess:
    """A worker with these settings, whose jobs find `folder` in GOLDEN_FOLDER."""
    process = CONTEXT.Process(target=_work, args=(str(folder), log, settings), daemon=False)
    process.start()
    return process


def _work(folder: str, log: str, settings: dict[str, Any]) -> None:
    os.setsid()
    os.environ["GOLDEN_FOLDER"] = folder
    descriptor = os.open(Path(folder) / log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    sys.exit(run_workers(WorkSettings(**settings)))
