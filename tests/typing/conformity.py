"""Not run: mypy compares each backend with the Protocols here, because backends do not subclass them."""

from resque_toy.failures import ToyFailures
from resque_toy.jobs import ToyJobs
from resque_toy.queues import ToyQueues
from resque_toy.stats import ToyStats
from resque_toy.storage import ToyStorage
from resque_toy.workers import ToyWorkers

from resque_core import storage as protocols
from resque_sqlite.failures import SqliteFailures
from resque_sqlite.jobs import SqliteJobs
from resque_sqlite.queues import SqliteQueues
from resque_sqlite.stats import SqliteStats
from resque_sqlite.storage import SqliteStorage, open_storage
from resque_sqlite.workers import SqliteWorkers


def jobs(sqlite: SqliteJobs, toy: ToyJobs) -> tuple[protocols.Jobs, ...]:
    return sqlite, toy


def queues(sqlite: SqliteQueues, toy: ToyQueues) -> tuple[protocols.Queues, ...]:
    return sqlite, toy


def failures(sqlite: SqliteFailures, toy: ToyFailures) -> tuple[protocols.Failures, ...]:
    return sqlite, toy


def workers(sqlite: SqliteWorkers, toy: ToyWorkers) -> tuple[protocols.Workers, ...]:
    return sqlite, toy


def stats(sqlite: SqliteStats, toy: ToyStats) -> tuple[protocols.Stats, ...]:
    return sqlite, toy


def storages(sqlite: SqliteStorage, toy: ToyStorage) -> tuple[protocols.Storage, ...]:
    return sqlite, toy


def opened() -> protocols.Storage:
    return open_storage("sqlite:///jobs.sqlite3", "resque")
