"""Metrics: what is read of a store, in how many calls, and how it is told to Prometheus and StatsD."""

import logging
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from stores import prepared

from resque_core import Resque
from resque_core.errors import SettingsError, StorageError
from resque_core.job import Entry
from resque_core.metrics import prometheus, statsd
from resque_core.metrics.collecting import Source
from resque_core.metrics.families import Family, families_of
from resque_core.metrics.reading import MOST_QUEUES, read_metrics
from resque_core.testing.contract.factories import LONG_AGO, ODD_TEXTS, a_failure, an_entry
from resque_core.testing.contract.scenes import hold, join, let_lapse, until
from resque_core.timing import BUCKETS, Histogram

HOSTILE = (*ODD_TEXTS, 'a"b\\c\n', "{queue}", "\ud800 lone", "\udcff stray")


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    with Resque(prepared(tmp_path / "store.sqlite3")) as resque:
        yield resque


class Counted:
    """A storage whose calls are counted, by part and method."""

    def __init__(self, storage: Any, name: str = "", calls: list[str] | None = None) -> None:
        self._storage, self._name = storage, name
        self.calls: list[str] = [] if calls is None else calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._storage, name)
        if not self._name:
            return Counted(found, name, self.calls)

        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(f"{self._name}.{name}")
            return found(*args, **kwargs)

        return call


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What a scraper reads: the value of each name and labels. Twice the same would be an error."""
    found = [
        ((sample.name, tuple(sorted(sample.labels.items()))), sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]
    assert len(dict(found)) == len(found)
    return dict(found)


def scraped(resque: Resque) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return samples(prometheus.page(resque)[0].decode())


def fill(resque: Resque) -> None:
    """One completed, failed and retried job each, one that waits, one that runs, and delayed ones."""
    storage = resque.storage
    storage.jobs.complete(hold(storage))
    failed = hold(storage)
    storage.jobs.fail(failed, a_failure(failed))
    retried = hold(storage)
    storage.jobs.reschedule(retried, retried.entry, LONG_AGO.replace(year=2106))
    hold(storage)
    storage.jobs.enqueue([an_entry()])
    let_lapse(storage, join(storage))
    storage.queues.pause("mail")


def test_everything_that_a_store_says_is_told(resque: Resque) -> None:
    fill(resque)
    until(lambda: resque.latency("mail"))
    found = scraped(resque)
    mail = (("queue", "mail"),)
    assert found["resque_up", ()] == 1
    assert [found[f"resque_jobs_{what}_total", ()] for what in ("processed", "failed", "retried")] == [
        3,
        1,
        1,
    ]
    assert found["resque_failed_jobs", ()] == 1
    assert found["resque_delayed_jobs", ()] == found["resque_delayed_retrying", ()] == 1
    assert found["resque_delayed_overdue", ()] == 0
    assert found["resque_queues", ()] == 1
    assert found["resque_queue_pending", mail] == found["resque_queue_paused", mail] == 1
    assert 0 < found["resque_queue_oldest_age_seconds", mail] < 3600
    states = {name[1][0][1]: value for name, value in found.items() if name[0] == "resque_workers"}
    assert states == {"idle": 3, "working": 1, "lapsed": 1}
    for histogram in ("resque_job_wait_seconds", "resque_job_duration_seconds"):
        assert found[f"{histogram}_count", mail] == 3
        assert found[f"{histogram}_bucket", (("le", "+Inf"), *mail)] == 3
        assert found[f"{histogram}_sum", mail] == pytest.approx(
            getattr(resque.timings("mail"), histogram.split("_")[2]).seconds
        )


def test_buckets_add_up_and_have_the_bounds_that_the_store_counts_by(resque: Resque) -> None:
    resque.storage.jobs.complete(hold(resque.storage))
    found = scraped(resque)
    its = [
        (dict(labels)["le"], value)
        for (name, labels), value in found.items()
        if name == "resque_job_duration_seconds_bucket"
    ]
    counts = [value for _, value in sorted(its, key=lambda it: float(it[0]))]
    assert counts == sorted(counts)
    bounds = sorted(float(le) for le, _ in its)
    assert [f"{bound * 1000:.0f}" for bound in bounds] == list(BUCKETS)


@pytest.mark.parametrize("queue", HOSTILE, ids=ascii)
def test_a_queue_of_any_name_is_one_value_of_one_label(resque: Resque, queue: str) -> None:
    resque.storage.jobs.enqueue([Entry("a", queue, b"{}")])
    found = scraped(resque)
    names = [labels[0][1] for name, labels in found if name == "resque_queue_pending"]
    assert names == [queue.encode("utf-8", "backslashreplace").decode()]


def test_a_new_store_is_told_without_queues(resque: Resque) -> None:
    found = scraped(resque)
    assert found["resque_queues", ()] == 0
    assert not [name for name, _ in found if name.startswith("resque_queue_")]


def test_a_store_is_asked_in_few_calls_however_many_jobs_and_workers_it_has(resque: Resque) -> None:
    fill(resque)
    counted = Counted(resque.storage)
    read_metrics(counted)
    assert len(counted.calls) == len(set(counted.calls)) == 9


def test_of_many_queues_fifty_are_asked_for_in_one_call_and_not_all_have_numbers(resque: Resque) -> None:
    names = [f"queue{number:04}" for number in range(MOST_QUEUES + 20)]
    resque.storage.jobs.enqueue([Entry(name, name, b"{}") for name in names])
    counted = Counted(resque.storage)
    metrics = read_metrics(counted)
    assert [queue.name for queue in metrics.queues] == names[:MOST_QUEUES]
    assert metrics.queue_count == len(names)
    assert len(counted.calls) == 5 + 2 * MOST_QUEUES / 50


def test_a_store_that_is_away_is_down_until_it_is_back(
    resque: Resque, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> Any:
        raise StorageError("no route")

    registry = CollectorRegistry(auto_describe=True)
    with monkeypatch.context() as patched:
        patched.setattr(resque._lazy, "get", away)
        collector = prometheus.ResqueCollector(resque)
        registry.register(collector)
        for _ in range(2):
            assert registry.get_sample_value("resque_up") == 0
        assert [family.name for family in collector.collect()] == ["resque_up"]
    assert [record.message for record in caplog.records] == [
        "No metrics, for the store does not answer: no route"
    ]
    caplog.set_level(logging.INFO, "resque")
    assert registry.get_sample_value("resque_up") == 1
    assert caplog.records[-1].message == "The store answers again."


def test_a_port_answers_prometheus_and_one_that_is_taken_is_refused(resque: Resque) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen()
        with pytest.raises(SettingsError, match="nobody can listen there"):
            prometheus.serve(resque, probe.getsockname()[1], "127.0.0.1")
        port = probe.getsockname()[1]
    prometheus.serve(resque, port, "127.0.0.1")
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        assert samples(answer.read().decode())["resque_up", ()] == 1


def test_without_the_library_the_error_says_what_to_install(
    resque: Resque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(SettingsError, match=re.escape('pip install "resque-core[metrics]"')):
        prometheus.page(resque)


def test_statsd_gets_a_gauge_for_each_value(resque: Resque) -> None:
    fill(resque)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(60)
        port = listener.getsockname()[1]
        families = Source(resque).families()
        statsd.StatsD(f"127.0.0.1:{port}", "shop").send(families)
        wanted, received = list(statsd.lines(families, "shop")), list[str]()
        while len(received) < len(wanted):
            datagram = listener.recv(65_536)
            assert len(datagram) <= 1400
            received += datagram.decode().split("\n")
    assert sorted(received) == sorted(wanted)
    assert all(re.fullmatch(r"shop(\.[\w-]+)+:\d+(\.\d+)?\|g", line, re.ASCII) for line in received)
    assert {
        *("shop.up:1|g", "shop.jobs_processed_total:3|g", "shop.queue_pending.mail:1|g"),
        *("shop.workers.working:1|g", "shop.job_duration_seconds_count.mail:3|g"),
        "shop.job_wait_seconds_bucket.mail.le_inf:3|g",
    } <= set(received)


def test_statsd_gets_names_that_it_takes_and_that_tell_queues_apart() -> None:
    odd = Family(
        "resque_queue_pending", "gauge", "", "queue", dict.fromkeys((*HOSTILE, "a b", "a/b", "a.b"), 1)
    )
    names = [line.partition(":")[0] for line in statsd.lines([odd], "resque")]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"resque\.queue_pending\.[\w-]{1,120}", name, re.ASCII) for name in names)


def test_no_gauge_has_a_sign_or_an_exponent() -> None:
    values = {"a": -5, "b": -0.5, "c": 1e-9, "d": 1e15}
    told = list(statsd.lines([Family("resque_x", "gauge", "", "queue", values)], "resque"))
    assert [line.partition(":")[2] for line in told] == [
        "0|g",
        "0.000000|g",
        "0.000000|g",
        "1000000000000000.000000|g",
    ]


@pytest.mark.parametrize(
    "address", ["", "8125", "localhost", "localhost:", ":8125", "localhost:x", "localhost:70000"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="write HOST:PORT"):
        statsd.StatsD(address)


def test_every_metric_has_a_name_of_its_own_and_says_what_it_is(resque: Resque) -> None:
    families = families_of(read_metrics(resque.storage))
    assert len({family.name for family in families}) == len(families)
    for family in families:
        assert re.fullmatch(r"resque_[a-z_]+", family.name)
        assert family.help.endswith(".")
        assert (family.kind == "counter") == family.name.endswith("_total")


def test_a_histogram_has_as_many_counts_as_there_are_buckets() -> None:
    assert len(Histogram().counts) == len(BUCKETS)
