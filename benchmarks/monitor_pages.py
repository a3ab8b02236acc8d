"""How quick the monitor is beside a million failed jobs in Redis: its pages, a search, and a retry of 10,000.

`make bench-monitor` prints it. The time is the server's: from the request to the last byte of the answer, in
this process. Trips are requests to Redis, by its own counter.
"""

import argparse
import json
import re
import resource
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import redis
from servers.fleet import Fleet, redis_program

from django_resque.web.application import make_application
from django_resque.web.options import WebOptions
from resque_core import Failure, Resque, WorkerInfo
from resque_core.clock import utc_now
from resque_core.records import Reservation

#: Failures that are written in one go.
BATCH = 5_000
#: Ruby's list of failures, and our order of their ids.
LIST, ORDER = "resque:failed", "resque:x:failures"
#: What a form sends without being asked.
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
#: Rows of a page.
PER_PAGE = 50
PAGES = {
    "overview": "/resque/overview/",
    "failed": "/resque/failedjob/",
    "failed, in the middle": "/resque/failedjob/?p={middle}",
    "filter by exception": "/resque/failedjob/?exception=KeyError",
    "filter by queue": "/resque/failedjob/?queue=queue7",
    "search that finds": "/resque/failedjob/?q=order+999",
    "search in vain": "/resque/failedjob/?q=nothing+like+it",
    "job": "/resque/failedjob/{failure}/change/",
}


def main() -> int:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--failures", type=int, default=1_000_000)
    parser.add_argument("--retries", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=20)
    options = parser.parse_args()
    with _server() as url, closing(redis.Redis.from_url(url)) as client:
        fill(client, url, options.failures, options.retries)
        monitor = Monitor(url)
        places = {"middle": options.failures // PER_PAGE // 2, "failure": _in_the_middle(client)}
        print(f"{client.llen('resque:failed'):,} failures in Redis {client.info()['redis_version']}")
        print(f"  {'page':<22} {'median':>9} {'worst':>9} {'trips':>6}")
        for name, address in PAGES.items():
            times, trips = measured(monitor, client, address.format(**places), options.samples)
            print(f"  {name:<22} {statistics.median(times):6.1f} ms {max(times):6.1f} ms {trips:6.0f}")
        retry(monitor, url)
    return 0


@contextmanager
def _server() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="resque-monitor-") as folder,
        closing(Fleet(Path(folder))) as fleet,
    ):
        # Nothing of it is to be kept: an append-only file would only make the filling take longer.
        yield fleet.start(redis_program(None, "--appendonly", "no")).url


def fill(client: redis.Redis, url: str, count: int, retried: int) -> None:
    """Write so many failures; as many as are `retried` later have an exception of their own.

    One is made by the client; the others are its copies with members of their own.
    """
    pattern = json.loads(_one_failure(client, url))
    every = max(count // retried, 1)
    with client.pipeline(transaction=False) as pipe:
        for first in range(0, count, BATCH):
            ids = {uuid.uuid4().hex: number for number in range(first, min(first + BATCH, count))}
            pipe.rpush(LIST, *(_copy(pattern, number, every, key) for key, number in ids.items()))
            pipe.zadd(ORDER, ids)
            pipe.execute()


def _one_failure(client: redis.Redis, url: str) -> bytes:
    with Resque(url) as resque:
        resque.enqueue_to("queue0", "shop.jobs.send", 1, note="x" * 400)
        worker = WorkerInfo(id="host+1:1:*", host="host", pid=1, queues=("*",), started_at=utc_now())
        resque.storage.workers.register(worker, 60.0)
        held = resque.storage.jobs.reserve(["queue0"], worker.id, "token")
        assert isinstance(held, Reservation)
        failure = Failure(
            id=uuid.uuid4().hex, job_id=held.entry.id, queue="queue0", name="shop.jobs.send",
            payload=held.entry.payload, exception="KeyError", error="no such order",
            backtrace=("shop/jobs.py:12:in `send'",) * 4, worker=worker.id, failed_at=utc_now(),
        )  # fmt: skip
        resque.storage.jobs.fail(held, failure)
        resque.storage.workers.unregister(worker.id)
    (text,) = client.lrange(LIST, 0, -1)
    client.delete(LIST, ORDER)
    assert isinstance(text, bytes)
    return text


def _copy(pattern: dict[str, Any], number: int, every: int, failure_id: str) -> str:
    """The same failure of another job; its id comes last, as our scripts write it."""
    job_id = uuid.uuid4().hex
    own = {
        "queue": f"queue{number % 10}",
        "exception": "shop.Retried" if number % every == 0 else ("ValueError", "KeyError")[number % 2],
        "error": f"no such order {number}",
        "payload": pattern["payload"] | {"id": job_id},
        "x": pattern["x"] | {"job_id": job_id},
        "failure_id": failure_id,
    }
    rest = {key: value for key, value in pattern.items() if key not in own}
    return json.dumps(rest | own, separators=(",", ":"))


class Monitor:
    """`resque web` in this process."""

    def __init__(self, url: str) -> None:
        self._application = make_application(WebOptions(url=url, namespace="resque"))
        from django.test import Client

        self._client = Client(headers={"host": "127.0.0.1"})

    def get(self, address: str) -> str:
        """The page there."""
        return self._page(self._client.get(address))

    def post(self, address: str, form: dict[str, str]) -> dict[str, str]:
        """Send a form; the one that the page which goes on sends next, empty when all is done."""
        answer = self._client.post(address, form)
        if answer.status_code == 302:
            return {}
        going_on = self._page(answer).partition('id="rq-going-on"')[2]
        return dict(_FIELD.findall(going_on))

    @staticmethod
    def _page(response: Any) -> str:
        text = response.content.decode()
        if response.status_code != 200:
            raise SystemExit(f"{response.status_code}: {text[:500]}")
        return str(text)


def measured(monitor: Monitor, client: redis.Redis, address: str, samples: int) -> tuple[list[float], float]:
    """Milliseconds of each of so many requests after the first, and round trips for each."""
    monitor.get(address)
    before, times = _trips(client), []
    for _ in range(samples):
        # Pages share what they read for a second: each of these reads for itself.
        time.sleep(1.05)
        times.append(1000 * _seconds(lambda: monitor.get(address)))
    # The second look at the counter is a trip, too.
    return times, (_trips(client) - before - 1) / samples


def retry(monitor: Monitor, url: str) -> None:
    """Retry all with one exception, as the form and the page that goes on do; print what that took."""
    address = "/resque/failedjob/?exception=shop.Retried"
    with Resque(url) as resque:
        before = sum(resque.size(queue) for queue in resque.queues())
        used = _peak()
        form = {"action": "retry_ticked", "_selected_action": "0", "index": "0"}
        form |= {"select_across": "1", "confirmed": "yes"}
        times = []
        while form:
            began = time.perf_counter()
            form = monitor.post(address, form)
            times.append(time.perf_counter() - began)
        grown = _peak() - used
        done = sum(resque.size(queue) for queue in resque.queues()) - before
    print(
        f"  retry of all that match: {done:,} in {sum(times):.1f} s, {len(times)} requests of at most "
        f"{max(times):.1f} s, {grown:.0f} MB more at most"
    )


def _in_the_middle(client: redis.Redis) -> str:
    (element,) = client.lrange(LIST, client.llen(LIST) // 2, client.llen(LIST) // 2)
    return str(json.loads(element)["failure_id"])


def _trips(client: redis.Redis) -> int:
    stats: dict[str, Any] = client.info("stats")
    return int(stats["total_reads_processed"])


def _peak() -> float:
    """The most memory that this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
