"""Starts real workers and looks at what they do: through the store, their logs, and /proc."""

import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, TypeVar

import preloaded
from resque_command import become_resque, resque
from stores import Store

T = TypeVar("T")

HERE = Path(__file__).parent


def wait_for(condition: Callable[[], T | None], what: str = "", seconds: float = 60.0) -> T:
    """The first truthy answer of `condition`; fails after so many seconds."""
    limit = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < limit, f"waited {seconds} s in vain for {what or condition}"
        time.sleep(0.01)
    return answer


def children_of(pid: int) -> list[int]:
    """The pids of its children, oldest first."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(pid: int) -> bool:
    """Whether it runs: zombies do not."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return re.search(r"^State:\s+[^ZX]", status, re.MULTILINE) is not None


def waits(pid: int) -> bool:
    """Whether it sleeps until something happens."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "S"


def title_of(pid: int) -> str:
    """What `ps` shows of it."""
    return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0")


def cpu_ticks(pid: int) -> int:
    """Processor time that it has used, in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


class Running:
    """One `resque work` in a process group of its own."""

    def __init__(self, process: ForkServerProcess, log: Path) -> None:
        assert process.pid
        self._process = process
        self.pid = process.pid
        self._log = log

    @property
    def exit_code(self) -> int | None:
        """As subprocess has it; None while it runs."""
        return self._process.exitcode

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def app_pid(self) -> int:
        return wait_for(lambda: children_of(self.pid), "an app process")[0]

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float = 60.0) -> int:
        self._process.join(seconds)
        assert self.exit_code is not None, f"still running; its log:\n{self.log}"
        return self.exit_code

    def wait_for_log(self, pattern: str, seconds: float = 60.0) -> re.Match[str]:
        return wait_for(lambda: re.search(pattern, self.log), f"{pattern!r} in the log:\n{self.log}", seconds)


class Shop:
    """A store, an evidence file, and the workers of one test."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store
        self.url = store.url
        self.evidence = folder / "evidence"
        self._workers: list[Running] = []

    @property
    def env(self) -> dict[str, str]:
        foreign = ("RESQUE", "PYTHONUNBUFFERED")
        clean = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
        return clean | {"SHOP_LOG": str(self.evidence), "PYTHONPATH": os.pathsep.join(paths)}

    def told(self) -> list[list[str]]:
        """What jobs wrote, line by line, word by word."""
        if not self.evidence.exists():
            return []
        return [line.split() for line in self.evidence.read_text().splitlines()]

    def lines(self, word: str) -> list[list[str]]:
        return [words for words in self.told() if words[0] == word]

    def wait_for_line(self, word: str, count: int = 1) -> list[str]:
        return wait_for(lambda: self.lines(word)[count - 1 : count], f"evidence of {word!r}")[0]

    def start(
        self,
        *flags: str,
        require: str = "storeroom",
        queues: str = "*",
        env: dict[str, str] | None = None,
        itself: bool = False,
    ) -> Running:
        """A worker with a short lease; `flags` come last and so win. See `_run` for `itself`."""
        words = ("work", "--queues", queues, "--require", require, *flags)
        return self._run(*words, itself=itself, **(env or {}))

    def start_scheduler(self, *flags: str) -> Running:
        """A scheduler that looks often."""
        log = self.folder / f"worker{len(self._workers)}.log"
        log.touch()
        words = ("scheduler", "--url", self.url, "--interval", "0.2", *flags)
        process = preloaded.start(resque, *words, env=self.env, folder=self.folder, output=log)
        self._workers.append(Running(process, log))
        return self._workers[-1]

    def kill(self, pid: int) -> None:
        """End a process that a test has started, as a power failure would."""
        os.kill(pid, signal.SIGKILL)

    def start_pool(
        self,
        config: str | None,
        *flags: str,
        require: str = "storeroom",
        env: dict[str, str] | None = None,
        itself: bool = False,
    ) -> Running:
        """A pool with this file, and workers as `start` has them."""
        if config is not None:
            (self.folder / "resque-pool.yml").write_text(config)
        return self._run("pool", "--require", require, *flags, itself=itself, **(env or {}))

    def start_program(self, name: str, **env: str) -> Running:
        """A program of this folder, which is given the store's URL."""
        return self._start(os.execv, sys.executable, [sys.executable, str(HERE / name), self.url], **env)

    def start_function(self, act: Callable[..., Any], *words: Any) -> Running:
        """A worker in a process that calls this function, given the store's URL and these words."""
        return self._start(act, self.url, *words)

    def _run(self, command: str, *flags: str, itself: bool, **env: str) -> Running:
        """The command `itself`, as users start it, or called by one that has loaded it, which is quicker."""
        words = [command, "--url", self.url, "--interval", "0.05", "--lease", "1", "--sweep", "0.2", *flags]
        return self._start(become_resque if itself else resque, *words, **env)

    def _start(self, act: Callable[..., Any], *words: Any, **env: str) -> Running:
        log = self.folder / f"worker{len(self._workers)}.log"
        log.touch()
        process = preloaded.start(act, *words, env=self.env | env, folder=self.folder, output=log)
        self._workers.append(Running(process, log))
        return self._workers[-1]

    def work_off(self, *flags: str) -> Running:
        """A worker that runs until nothing is left; its end is awaited."""
        worker = self.start("--burst", *flags)
        assert worker.wait(60) == 0, worker.log
        return worker

    def close(self) -> None:
        for worker in self._workers:
            _end(worker)


def _end(worker: Running) -> None:
    for number in (signal.SIGCONT, signal.SIGTERM):
        if worker.exit_code is None:
            worker.signal(number)
    with contextlib.suppress(AssertionError):
        worker.wait(5)
    if worker.exit_code is None:
        for pid in _family(worker.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        worker.wait(5)


def _family(pid: int) -> list[int]:
    family = [pid, *children_of(pid)]
    return family + [grandchild for child in family for grandchild in children_of(child)]
