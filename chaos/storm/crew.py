"""`Crew`: a number of real workers, each replaced when it ends; and their processes, as `/proc` has them."""

import faulthandler
import re
import signal
import sys
from pathlib import Path

from faults.victims import Victim, family_of, state_of

from resque_core import bundle
from resque_core.process.run import run_workers
from resque_core.work_settings import WorkSettings
from storm.options import Options

HERE = Path(__file__).parents[1]
NAMESPACE = "storm"
#: Has a process of a worker write to its log where it is, line by line. Nothing of ours listens to it.
WHERE = signal.SIGRTMIN + 7
#: What a worker says when it was given up.
_LOST = re.compile(r"\blost: .*:\d+:storm\b")


class Worker(Victim):
    """One of them, with a number that no other one of the storm has."""

    def __init__(self, number: int, url: str, options: Options, folder: Path) -> None:
        self.number = number
        env = {"STORM_LOG": str(folder / "evidence"), "STORM_WORKER": str(number)}
        many = options.bundles and number % 2 == 0
        super().__init__(_work, env, folder / f"worker{number}.log", url, options, 1000 if many else None)


class Crew:
    """The workers of a storm. The first is spared, so that what leaks can be seen in it."""

    def __init__(self, options: Options, url: str, folder: Path) -> None:
        self._options = options
        self._url = url
        self._folder = folder
        self.evidence = folder / "evidence"
        self._started = 0
        #: Every process that was seen, and when the kernel says that it began.
        self._seen: set[tuple[int, str]] = set()
        self.workers = [self._start() for _ in range(options.workers)]

    @property
    def victims(self) -> list[Worker]:
        """Those that may be hit."""
        return self.workers[1:]

    def replace_ended(self) -> None:
        """Start a worker for each that is gone."""
        for place, worker in enumerate(self.workers):
            if not worker.process.is_alive():
                worker.process.join()
                self.workers[place] = self._start()

    def look_at(self, worker: Worker) -> None:
        """Note all processes of a worker: none may be left when it is gone."""
        self._seen |= {(pid, _birth(pid)) for pid in family_of(worker.pid)}

    def stop(self, seconds: float) -> list[str]:
        """Ask all to end; what was wrong with that."""
        for worker in self.workers:
            self.look_at(worker)
        for worker in self.workers:
            if worker.process.is_alive():
                worker.signal(signal.SIGTERM)
        for worker in self.workers:
            worker.process.join(seconds)
        late = [f"worker {worker.pid} did not end" for worker in self.workers if worker.process.is_alive()]
        for worker in self.workers:
            worker.end()
        return late

    def zombies(self) -> list[int]:
        """Ended processes that nobody collects."""
        return [pid for worker in self.workers for pid in family_of(worker.pid) if state_of(pid) == "Z"]

    def orphans(self) -> list[int]:
        """Processes that are there though their worker is not."""
        return [pid for pid, birth in self._seen if birth and _birth(pid) == birth and state_of(pid) != "Z"]

    def late(self) -> set[int]:
        """The keepers that say in their logs that they lost a lease: frozen by us, or starved."""
        return {number for number, log in self.logs().items() if _LOST.search(log)}

    def logs(self) -> dict[int, str]:
        """What every worker said, by its number."""
        logs = {number: self._folder / f"worker{number}.log" for number in range(1, self._started + 1)}
        return {number: path.read_text(errors="replace") for number, path in logs.items() if path.exists()}

    def descriptors(self) -> dict[str, int]:
        """How many files the spared worker's processes have open."""
        keeper, app, *_ = [*family_of(self.workers[0].pid), 0]
        return {"keeper": _open_files(keeper), "app process": _open_files(app)}

    def _start(self) -> Worker:
        self._started += 1
        return Worker(self._started, self._url, self._options, self._folder)


def app_of(worker: Victim) -> int | None:
    """Its app process, if it has one now."""
    children = family_of(worker.pid)[1:2]
    return children[0] if children else None


def children_of(worker: Victim) -> list[int]:
    """Its job children."""
    app = app_of(worker)
    return family_of(app)[1:] if app else []


def _work(url: str, options: Options, jobs_per_fork: int | None) -> None:
    sys.path.insert(0, str(HERE))
    faulthandler.register(WHERE, all_threads=True)
    if options.bundles:
        bundle.SHORT = 60.0
    settings = WorkSettings(
        url=url, source="--url", namespace=NAMESPACE, queues=("storm",), require=("storm_jobs",),
        interval=0.1, lease=options.lease, sweep=options.sweep, grace=0.2, log_level="warning",
        jobs_per_fork=jobs_per_fork, bundle=options.at_once,
    )  # fmt: skip
    sys.exit(run_workers(settings))


def _birth(pid: int) -> str:
    """When it began, in the kernel's own words: with its number, that is who it is."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except OSError:
        return ""


def _open_files(pid: int) -> int:
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0
