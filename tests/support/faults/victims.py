"""Starts processes that reach a fail point, quickly: each is forked from one that has everything loaded."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import preloaded

from resque_core import Job, Resque, StorageError, bundle
from resque_core.process.run import run_workers
from resque_core.work_settings import WorkSettings

PROCESS_TESTS = Path(__file__).parents[2] / "process"
#: Seconds. Short, so that much can happen; long for a machine that has other things to do, too.
LEASE = 0.5
LONG_LEASE = 6.0
PATIENCE = 60.0


class Victim:
    """A process that does as a function says, under the variables of its environment, and logs to a file."""

    def __init__(self, act: Callable[..., Any], env: Mapping[str, str], log: Path, *args: Any) -> None:
        self._log = log
        self.process: ForkServerProcess = preloaded.start(
            _live, act, *args, env={**preloaded.surroundings(), **env}, folder=log.parent, output=log
        )
        assert self.process.pid is not None
        self.pid = self.process.pid

    @property
    def log(self) -> str:
        """What it said."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def signal(self, number: int) -> None:
        """Send it a signal, and to those that it started a SIGCONT likewise."""
        for pid in family_of(self.pid) if number == signal.SIGCONT else [self.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        code = preloaded.exit_code(self.process, PATIENCE)
        assert code is not None, f"still there; its log:\n{self.log}"
        return code

    def end(self) -> None:
        """End it, if it is still there."""
        if preloaded.exit_code(self.process, 0.0) is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()


def work(url: str, namespace: str, options: Mapping[str, Any]) -> None:
    """Be `resque work`."""
    chosen: dict[str, Any] = {"queues": ("shop",), "require": ("storeroom",), "lease": LEASE}
    chosen |= {"interval": 0.05, "sweep": 60.0, **options}
    settings = WorkSettings(url=url, source="--url", namespace=namespace, **chosen)
    sys.exit(run_workers(settings))


def work_in_bundles(url: str, namespace: str, options: Mapping[str, Any]) -> None:
    """Be `resque work`, for which all jobs are short, however slow this machine is just now."""
    bundle.SHORT, bundle.PATIENCE = 60.0, 60.0
    work(url, namespace, options)


def produce(url: str, namespace: str, name: str, *args: Any) -> None:
    """Be a program that enqueues one job."""
    with Resque(url, namespace=namespace) as resque:
        try:
            resque.enqueue_to("shop", name, *args)
        except StorageError as error:
            sys.exit(f"refused: {error}")


def produce_unique(url: str, namespace: str) -> None:
    """Be a program that enqueues one job with a claim, as its text says."""
    push(url, namespace, "storeroom.pack", {"unique": {"key": "pack", "until": "done"}})


def push(url: str, namespace: str, name: str, keys: Mapping[str, Any]) -> None:
    """Be a program that enqueues one job with these keys in its text."""
    body = {"class": name, "args": [1], **keys}
    with Resque(url, namespace=namespace) as resque:
        try:
            resque.push("shop", body)
        except StorageError as error:
            sys.exit(f"refused: {error}")


def produce_batch(url: str, namespace: str) -> None:
    """Be a program that enqueues one job as a batch."""
    with Resque(url, namespace=namespace) as resque:
        try:
            resque.batch([Job(queue="shop", name="storeroom.pack", args=(1,))])
        except StorageError as error:
            sys.exit(f"refused: {error}")


def wait_until(what: Callable[[], object], why: str) -> None:
    """Wait for a condition, and fail after a while."""
    limit = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < limit, f"waited {PATIENCE} s in vain for {why}"
        time.sleep(0.01)


def family_of(pid: int) -> list[int]:
    """A process and all that it started, and they, as far as they are there."""
    family = [pid]
    for each in family:
        try:
            text = Path(f"/proc/{each}/task/{each}/children").read_text()
        except OSError:
            continue
        family += map(int, text.split())
    return family


def state_of(pid: int) -> str:
    """The letter for what it does, as in `ps`; none if it is not there."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def _live(act: Callable[..., Any], *args: Any) -> None:
    if str(PROCESS_TESTS) not in sys.path:
        sys.path.insert(0, str(PROCESS_TESTS))
    act(*args)
