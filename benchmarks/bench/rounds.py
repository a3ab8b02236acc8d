"""`Round`: measures everything once, and writes it into the book."""

import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import NamedTuple

from bench import measures
from bench.book import FLOOR, MACHINE, Book, Key
from bench.depths import Depths
from bench.forks import APP_PROCESS, fork_rate
from bench.inbox import Inbox
from bench.library import BATCH, FORK, FORK_ALONE, Library, WorkerKind
from bench.opening import missing_peers, open_libraries
from bench.options import Options
from bench.resque_library import NAME
from bench.store import ROUND_TRIPS, Store

BARE_FORK = Key(MACHINE, FLOOR, "fork of a bare interpreter")
APP_FORK = Key(MACHINE, FLOOR, "fork of an app process")
ENQUEUE, ENQUEUE_MANY = "enqueue", "enqueue_many"
LATENCY, LATENCY_NO_FORK = "idle", "idle, no fork"
#: Seconds within which a job comes to an idle worker that waits as by default.
LONGEST = 1.0
TOGETHER = " workers together"
MEMORY, COMMANDS, DEPTH = "idle memory", "idle commands", "complete and reserve at depth "
MEMORY_AFTER = "memory after "
#: Where a hundred thousand jobs take the least time.
QUICKEST = ("redis", "sqlite", "mongo", "mongo-rs")
PER_SECOND, SECONDS, PER_JOB, MEGABYTES, COMMANDS_UNIT = "/s", "s", "per job", "MB", "a second"


class Round(NamedTuple):
    """What all measures of a run share."""

    options: Options
    inbox: Inbox
    book: Book

    def machine(self) -> None:
        """The floors that no store has a part in."""
        if "forks" in self.options.measures:
            say("the floors of forks")
            self.book.add(BARE_FORK, [fork_rate(self.options.jobs)], PER_SECOND)
            self.book.add(APP_FORK, [fork_rate(self.options.jobs, APP_PROCESS)], PER_SECOND)

    def store(self, store: Store) -> None:
        """The store's floors, and each library on it."""
        if "floor" in self.options.measures:
            say(f"{store.name}: floor")
            for name, floor in store.floors.items():
                self.book.add(Key(store.name, FLOOR, name), [floor(self.options.jobs)], PER_SECOND)
        for library in open_libraries(store, self.options.interval, self.options.libraries):
            try:
                self._library(store, library)
            finally:
                library.close()
        for name in missing_peers(store, self.options.libraries):
            self.book.miss(Key(store.name, name, "everything"), f"not installed: pip install {name.lower()}")

    def _library(self, store: Store, library: Library) -> None:
        measures: dict[str, Callable[[Store, Library], None]] = {
            "enqueue": self._enqueue,
            "enqueue_many": self._enqueue_many,
            "drain": self._drains,
            "latency": self._latency,
            "idle": self._idle,
            "payloads": self._payloads,
        }
        if library.name == NAME:
            measures |= {"workers": self._workers, "depths": self._depths, "memory": self._memory}
        for name, measure in measures.items():
            if name in self.options.measures:
                say(f"{store.name}: {library.name}: {name}")
                measure(store, library)

    def _enqueue(self, store: Store, library: Library) -> None:
        value = measures.enqueue_rate(library, self.options.jobs)
        self.book.add(Key(store.name, library.name, ENQUEUE), [value], PER_SECOND)

    def _enqueue_many(self, store: Store, library: Library) -> None:
        key = Key(store.name, library.name, ENQUEUE_MANY)
        if library.bulk:
            self.book.add(key, [measures.enqueue_many_rate(library, self.options.jobs)], PER_SECOND)
        else:
            self.book.miss(key, "it has none")

    def _drains(self, store: Store, library: Library) -> None:
        for kind in library.workers:
            self._drain(store, library, kind)

    def _drain(self, store: Store, library: Library, kind: WorkerKind) -> None:
        say(f"{store.name}: {library.name}: {kind.drain}")
        key = Key(store.name, library.name, kind.drain)
        jobs = max(1, int(self.options.jobs * kind.part))
        filled = measures.fill(library, jobs)
        before = store.commands()
        value = measures.drain_rate(library, kind, jobs, self.inbox)
        spent = _spent(before, store.commands(), filled)
        self.book.add(key, [value], PER_SECOND, kind.title)
        if spent:
            trips = key._replace(what=f"{kind.drain}: {ROUND_TRIPS}")
            self.book.add(trips, [spent.pop(ROUND_TRIPS)], PER_JOB, _listed(spent))

    def _latency(self, store: Store, library: Library) -> None:
        options = self.options
        for kind in _each_alone(library):
            found = measures.delays(library, kind, options.samples, options.interval or LONGEST, self.inbox)
            key = Key(store.name, library.name, LATENCY if kind.drain == FORK else LATENCY_NO_FORK)
            self.book.add(key, found, SECONDS, kind.waits)

    def _idle(self, store: Store, library: Library) -> None:
        for kind in _each_alone(library):
            key = Key(store.name, library.name, MEMORY + kind.drain.removeprefix("drain"))
            megabytes, commands = measures.idle_costs(
                library, kind, store, self.options.idle_seconds, self.inbox
            )
            self.book.add(key, [megabytes], MEGABYTES, kind.title)
            if store.commands():
                per_second = key._replace(what=COMMANDS + kind.drain.removeprefix("drain"))
                self.book.add(per_second, [commands], COMMANDS_UNIT)

    def _workers(self, store: Store, library: Library) -> None:
        for kind in _each_at_length(library):
            for workers in self.options.workers:
                key = Key(store.name, library.name, f"{kind.drain}, {workers}{TOGETHER}")
                if key in self.book.series:
                    # Once in a run: it takes long.
                    continue
                value = measures.drain_together(library, kind, workers, self.options.jobs, self.inbox)
                self.book.add(key, [value], PER_SECOND)

    def _payloads(self, store: Store, library: Library) -> None:
        kind, jobs = library.workers[-1], self.options.jobs
        for size in self.options.payloads:
            call = ("swallow", ("x" * size,))
            key = Key(store.name, library.name, f"{ENQUEUE}, {size:,} bytes")
            self.book.add(key, [measures.enqueue_rate(library, jobs, call)], PER_SECOND)
            measures.fill(library, jobs, call)
            value = measures.drain_rate(library, kind, jobs, self.inbox)
            self.book.add(key._replace(what=f"{kind.drain}, {size:,} bytes"), [value], PER_SECOND)

    def _depths(self, store: Store, library: Library) -> None:
        keys = {depth: Key(store.name, library.name, f"{DEPTH}{depth:,}") for depth in self.options.depths}
        if self.book.series.keys() & keys.values():
            return
        library.clear()
        # In one round for all: to fill the queue takes longer than all else.
        with closing(Depths(store.url)) as depths:
            for depth, key in keys.items():
                rates = [depths.rate_at(depth, self.options.jobs) for _ in range(self.options.rounds)]
                self.book.add(key, rates, PER_SECOND)

    def _memory(self, store: Store, library: Library) -> None:
        if store.name != min(self.options.backends, key=QUICKEST.index):
            return
        for kind in _each_at_length(library):
            keys = [
                Key(
                    store.name,
                    library.name,
                    f"{MEMORY_AFTER}{count:,} jobs{kind.drain.removeprefix('drain')}",
                )
                for count in self.options.memory_jobs
            ]
            # Once in a run, since it takes long. With a fork for each job, nothing is left of a job.
            if kind.drain == FORK or keys[0] in self.book.series:
                continue
            values = measures.memory_after(library, kind, self.options.memory_jobs, self.inbox)
            for key, value in zip(keys, values, strict=True):
                self.book.add(key, [value], MEGABYTES)


def _each_alone(library: Library) -> list[WorkerKind]:
    """Without that which is another one while it has nothing to do."""
    return [kind for kind in _each_at_length(library) if kind.drain != BATCH]


def _each_at_length(library: Library) -> list[WorkerKind]:
    """Without that of which only the drain is measured."""
    return [kind for kind in library.workers if kind.drain != FORK_ALONE]


def say(what: str) -> None:
    """Progress, for whoever waits at a terminal."""
    print(f"… {what}", file=sys.stderr, flush=True)


def _spent(before: Mapping[str, float], after: Mapping[str, float], jobs: int) -> dict[str, float]:
    """Calls per job of each command."""
    return {name: (calls - before.get(name, 0.0)) / jobs for name, calls in after.items()}


def _listed(spent: Mapping[str, float]) -> str:
    often = sorted(((calls, name) for name, calls in spent.items() if calls >= 0.5), reverse=True)
    return ", ".join(f"{name} {calls:.2f}" for calls, name in often)
