"""`RedisStorage`: the parts of a storage over one link, and how to open it."""

from collections.abc import Mapping, Sequence

from resque_core.findings import Finding
from resque_core.records import Overview, ServerInfo
from resque_core.storage import Storage
from resque_redis.batches import RedisBatches
from resque_redis.failures import RedisFailures
from resque_redis.jobs import RedisJobs
from resque_redis.namespaced import Namespaced
from resque_redis.opening import link_of, open_link
from resque_redis.pools import RedisPools
from resque_redis.queues import RedisQueues, read_queues
from resque_redis.records import RedisRecords
from resque_redis.recurring import RedisRecurring
from resque_redis.schedule import RedisSchedule
from resque_redis.stats import RedisStats, read_counters
from resque_redis.store import Store
from resque_redis.url import parse_url
from resque_redis.waker import LONGEST, RedisWaker
from resque_redis.workers import RedisWorkers, read_workers

#: So many seconds of delayed jobs are counted job by job for an overview.
_SECONDS = 10_000


def open_storage(url: str, namespace: str) -> Storage:
    """The storage that `url` names. The server is not touched before the first call.

    :raises SettingsError: the URL says nothing that Redis has.
    """
    target = parse_url(url)
    return RedisStorage(Store(open_link(target, namespace), namespace))


def storage_of(client: object, namespace: str = "resque") -> Storage:
    """The storage on the server of an open `redis.Redis` or `RedisCluster`, which is never closed here.

    What the client is told about repeating calls does not apply, except to a cluster's: make that one
    with `retry=Retry(NoBackoff(), 0)`, since only the caller knows what may be repeated.

    :raises SettingsError: it is no such client, or a cluster cannot carry the namespace.
    """
    return RedisStorage(Store(link_of(client, namespace), namespace))


class RedisStorage:
    """An opened store on a Redis server, within one namespace."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.jobs = RedisJobs(store)
        self.queues = RedisQueues(store)
        self.schedule = RedisSchedule(store)
        self.recurring = RedisRecurring(store)
        self.failures = RedisFailures(store)
        self.workers = RedisWorkers(store)
        self.pools = RedisPools(store)
        self.records = RedisRecords(store)
        self.batches = RedisBatches(store)
        self.stats = RedisStats(store)

    @property
    def location(self) -> str:
        """The server's URL, without credentials and options."""
        return self._store.location

    @property
    def shared(self) -> bool:
        """True: every process that opens the same URL sees the same jobs."""
        return True

    @property
    def connection(self) -> Namespaced:
        """redis-py's client, with the namespace put before every key."""
        return self._store.connection()

    def waker(self) -> RedisWaker | None:
        """One with a connection of its own; None through a client of the program's."""
        line = self._store.line(LONGEST)
        return RedisWaker(line, self._store.wake_key, self.location) if line else None

    def prepare(self) -> None:
        """Check that the server can keep jobs; there is nothing to create."""
        self._store.prepare()

    def close(self) -> None:
        """Let go of every connection of ours. The next call opens one anew."""
        self._store.close()

    def overview(self) -> Overview:
        """Everything at a glance: one script, whose time does not grow with the jobs."""
        queues, paused, workers, counters, failed, delayed, more, retrying = self._store.run(
            "overview", _SECONDS
        )
        return Overview(
            queues=tuple(read_queues(queues)),
            workers=tuple(read_workers(workers)),
            counters=read_counters(counters),
            failed=failed,
            delayed=delayed,
            more_delayed=bool(more),
            retrying=retrying,
            paused=bool(paused),
        )

    def server_info(self) -> ServerInfo:
        """The server's version, and how it is set up."""
        return self._store.server_info()

    def inventory(self) -> Mapping[str, int]:
        """The keys that there is one of."""
        return self._store.inventory()

    def examine(self) -> Sequence[Finding]:
        """What of the server might endanger jobs."""
        return self._store.examine()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.location}>"
