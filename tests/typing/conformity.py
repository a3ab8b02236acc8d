"""Not run: mypy compares each backend with the Protocols here, because backends do not subclass them."""

from typing import Any

from pymongo.database import Database
from redis import Redis
from resque_toy.batches import ToyBatches
from resque_toy.failures import ToyFailures
from resque_toy.jobs import ToyJobs
from resque_toy.pools import ToyPools
from resque_toy.queues import ToyQueues
from resque_toy.records import ToyRecords
from resque_toy.recurring import ToyRecurring
from resque_toy.stats import ToyStats
from resque_toy.storage import ToyStorage
from resque_toy.workers import ToyWorkers

import resque_mongo
import resque_redis
import resque_sqlite
from resque_core import storage as protocols
from resque_mongo.batches import MongoBatches
from resque_mongo.failures import MongoFailures
from resque_mongo.jobs import MongoJobs
from resque_mongo.pools import MongoPools
from resque_mongo.queues import MongoQueues
from resque_mongo.records import MongoRecords
from resque_mongo.recurring import MongoRecurring
from resque_mongo.stats import MongoStats
from resque_mongo.storage import MongoStorage
from resque_mongo.workers import MongoWorkers
from resque_redis.batches import RedisBatches
from resque_redis.failures import RedisFailures
from resque_redis.jobs import RedisJobs
from resque_redis.pools import RedisPools
from resque_redis.queues import RedisQueues
from resque_redis.records import RedisRecords
from resque_redis.recurring import RedisRecurring
from resque_redis.stats import RedisStats
from resque_redis.storage import RedisStorage
from resque_redis.workers import RedisWorkers
from resque_sqlite.batches import SqliteBatches
from resque_sqlite.failures import SqliteFailures
from resque_sqlite.jobs import SqliteJobs
from resque_sqlite.pools import SqlitePools
from resque_sqlite.queues import SqliteQueues
from resque_sqlite.records import SqliteRecords
from resque_sqlite.recurring import SqliteRecurring
from resque_sqlite.stats import SqliteStats
from resque_sqlite.storage import SqliteStorage
from resque_sqlite.workers import SqliteWorkers


def jobs(sqlite: SqliteJobs, redis: RedisJobs, mongo: MongoJobs, toy: ToyJobs) -> tuple[protocols.Jobs, ...]:
    return sqlite, redis, mongo, toy


def queues(
    sqlite: SqliteQueues, redis: RedisQueues, mongo: MongoQueues, toy: ToyQueues
) -> tuple[protocols.Queues, ...]:
    return sqlite, redis, mongo, toy


def failures(
    sqlite: SqliteFailures, redis: RedisFailures, mongo: MongoFailures, toy: ToyFailures
) -> tuple[protocols.Failures, ...]:
    return sqlite, redis, mongo, toy


def workers(
    sqlite: SqliteWorkers, redis: RedisWorkers, mongo: MongoWorkers, toy: ToyWorkers
) -> tuple[protocols.Workers, ...]:
    return sqlite, redis, mongo, toy


def pools(
    sqlite: SqlitePools, redis: RedisPools, mongo: MongoPools, toy: ToyPools
) -> tuple[protocols.Pools, ...]:
    return sqlite, redis, mongo, toy


def records(
    sqlite: SqliteRecords, redis: RedisRecords, mongo: MongoRecords, toy: ToyRecords
) -> tuple[protocols.Records, ...]:
    return sqlite, redis, mongo, toy


def batches(
    sqlite: SqliteBatches, redis: RedisBatches, mongo: MongoBatches, toy: ToyBatches
) -> tuple[protocols.Batches, ...]:
    return sqlite, redis, mongo, toy


def recurring(
    sqlite: SqliteRecurring, redis: RedisRecurring, mongo: MongoRecurring, toy: ToyRecurring
) -> tuple[protocols.Recurring, ...]:
    return sqlite, redis, mongo, toy


def stats(
    sqlite: SqliteStats, redis: RedisStats, mongo: MongoStats, toy: ToyStats
) -> tuple[protocols.Stats, ...]:
    return sqlite, redis, mongo, toy


def storages(
    sqlite: SqliteStorage, redis: RedisStorage, mongo: MongoStorage, toy: ToyStorage
) -> tuple[protocols.Storage, ...]:
    return sqlite, redis, mongo, toy


def opened() -> tuple[protocols.Storage, ...]:
    return (
        resque_sqlite.open_storage("sqlite:///jobs.sqlite3", "resque"),
        resque_redis.open_storage("redis://localhost:6379/0", "resque"),
        resque_mongo.open_storage("mongodb://localhost/jobs", "resque"),
    )


def lent(client: Redis, database: Database[dict[str, Any]]) -> tuple[protocols.Storage, ...]:
    return resque_redis.storage_of(client), resque_mongo.storage_of(database, "resque")
