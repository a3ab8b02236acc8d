"""What the pages on operating a store have an operator write is enough to work with, and in no danger."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import redis
from pymongo import MongoClient
from servers.server import Server

from resque_core.discovery import open_storage
from resque_core.errors import StorageError
from resque_core.records import Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.factories import a_failure, numbered
from resque_core.testing.contract.scenes import counted, join, let_lapse, take

HOW_TO = Path(__file__).parents[2] / "docs/how-to"
PASSWORD = "s3cret"
StartServer = Callable[..., Server]


def written(page: str, pattern: str) -> str:
    """What the page has its reader write, by a pattern with one group."""
    found = re.search(pattern, (HOW_TO / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found, pattern
    return found[1]


def live(storage: Storage) -> None:
    """Do what programs, workers and operators do."""
    storage.prepare()
    assert storage.jobs.enqueue(numbered(4)) == 4
    worker, dead = join(storage), join(storage)
    assert storage.jobs.complete(take(storage, worker))
    held = take(storage, worker)
    failure = a_failure(held)
    assert storage.jobs.fail(held, failure)
    assert storage.failures.requeue({failure.id: None})
    take(storage, dead)
    assert storage.workers.sweep(let_lapse(storage, dead), Verdict())
    assert storage.workers.beat(worker, 60.0).alive
    assert storage.workers.unregister(worker)
    assert storage.queues.clear("mail") == 3
    assert counted(storage) == (2, 1)


def test_the_least_that_a_user_of_redis_may_do_is_enough(start_redis: StartServer) -> None:
    server = start_redis()
    rules = written("operate-redis.md", r"^ACL SETUSER resque (.*?)$").replace("PASSWORD", PASSWORD)
    with redis.Redis(port=server.port) as operator:
        operator.execute_command("ACL", "SETUSER", "resque", *rules.split())
    url = f"redis://resque:{PASSWORD}@127.0.0.1:{server.port}"
    with closing(open_storage(url, "resque")) as storage:
        live(storage)
        assert "danger" not in [found.level for found in storage.examine()]
    with closing(open_storage(url, "another")) as storage, pytest.raises(StorageError):
        storage.jobs.enqueue(numbered(1))


def test_a_redis_that_is_set_up_as_written_is_in_no_danger(start_redis: StartServer) -> None:
    lines = written("operate-redis.md", r"# redis\.conf\n(.*?)```").splitlines()
    options = [line.partition("#")[0].split() for line in lines]
    server = start_redis(*[word for name, value in options for word in (f"--{name}", value)])
    with closing(open_storage(server.url, "resque")) as storage:
        assert {found.subject for found in storage.examine() if found.level != "ok"} == set()


def test_the_least_that_a_user_of_mongodb_may_do_is_enough(start_mongo: StartServer) -> None:
    server = start_mongo("--auth")
    role = written("operate-mongodb.md", r'roles: \[\{ role: "(\w+)", db: "jobs" \}\]')
    with MongoClient[dict[str, object]](port=server.port) as client:
        client.admin.command("createUser", "root", pwd=PASSWORD, roles=["root"])
    with MongoClient[dict[str, object]](port=server.port, username="root", password=PASSWORD) as client:
        client["jobs"].command("createUser", "resque", pwd=PASSWORD, roles=[role])
    url = f"mongodb://resque:{PASSWORD}@127.0.0.1:{server.port}/jobs"
    with closing(open_storage(url, "resque")) as storage:
        live(storage)
        assert "danger" not in [found.level for found in storage.examine()]
