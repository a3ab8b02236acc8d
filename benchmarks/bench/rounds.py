"""`Round`: measures everything once, and writes it into the book."""

import sys
from collections.abc import Mapping
from typing import NamedTuple

from bench import measures
from bench.book import FLOOR, MACHINE, Book, Key
from bench.forks import APP_PROCESS, fork_rate
from bench.inbox import Inbox
from bench.library import Library, WorkerKind
from bench.opening import missing_peers, open_libraries
from bench.options import Options
from bench.store import ROUND_TRIPS, Store

BARE_FORK = Key(MACHINE, FLOOR, "fork of a bare interpreter")
APP_FORK = Key(MACHINE, FLOOR, "fork of an app process")
ENQUEUE, ENQUEUE_MANY, LATENCY = "enqueue", "enqueue_many", "idle"
PER_SECOND, SECONDS, PER_JOB = "/s", "s", "per job"


class Round(NamedTuple):
    """What all measures of a run share."""

    options: Options
    inbox: Inbox
    book: Book

    def machine(self) -> None:
        """The floors that no store has a part in."""
        say("the floors of forks")
        self.book.add(BARE_FORK, [fork_rate(self.options.jobs)], PER_SECOND)
        self.book.add(APP_FORK, [fork_rate(self.options.jobs, APP_PROCESS)], PER_SECOND)

    def store(self, store: Store) -> None:
        """The store's floor, and each library on it."""
        say(f"{store.name}: floor")
        self.book.add(Key(store.name, FLOOR, store.floor), [store.floor_rate(self.options.jobs)], PER_SECOND)
        for library in open_libraries(store, self.options.interval, self.options.peers):
            try:
                self._library(store, library)
            finally:
                library.close()
        for name in missing_peers(store) if self.options.peers else []:
            self.book.miss(Key(store.name, name, "everything"), f"not installed: pip install {name.lower()}")

    def _library(self, store: Store, library: Library) -> None:
        say(f"{store.name}: {library.name}: enqueue")
        jobs, key = self.options.jobs, Key(store.name, library.name, ENQUEUE)
        self.book.add(key, [measures.enqueue_rate(library, jobs)], PER_SECOND)
        many = key._replace(what=ENQUEUE_MANY)
        if library.bulk:
            self.book.add(many, [measures.enqueue_many_rate(library, jobs)], PER_SECOND)
        else:
            self.book.miss(many, "it has none")
        for kind in library.workers:
            self._drain(store, library, kind)
        self._latency(store, library)

    def _drain(self, store: Store, library: Library, kind: WorkerKind) -> None:
        say(f"{store.name}: {library.name}: {kind.drain}")
        key = Key(store.name, library.name, kind.drain)
        filled = measures.fill(library, self.options.jobs)
        before = store.commands()
        value = measures.drain_rate(library, kind, self.options.jobs, self.inbox)
        spent = _spent(before, store.commands(), filled)
        self.book.add(key, [value], PER_SECOND, kind.title)
        if spent:
            trips = key._replace(what=f"{kind.drain}: {ROUND_TRIPS}")
            self.book.add(trips, [spent.pop(ROUND_TRIPS)], PER_JOB, _listed(spent))

    def _latency(self, store: Store, library: Library) -> None:
        say(f"{store.name}: {library.name}: latency")
        kind, options = library.workers[0], self.options
        found = measures.delays(library, kind, options.samples, options.interval, self.inbox)
        self.book.add(Key(store.name, library.name, LATENCY), found, SECONDS, kind.waits)


def say(what: str) -> None:
    """Progress, for whoever waits at a terminal."""
    print(f"… {what}", file=sys.stderr, flush=True)


def _spent(before: Mapping[str, float], after: Mapping[str, float], jobs: int) -> dict[str, float]:
    """Calls per job of each command."""
    return {name: (calls - before.get(name, 0.0)) / jobs for name, calls in after.items()}


def _listed(spent: Mapping[str, float]) -> str:
    often = sorted(((calls, name) for name, calls in spent.items() if calls >= 0.5), reverse=True)
    return ", ".join(f"{name} {calls:.2f}" for calls, name in often)
