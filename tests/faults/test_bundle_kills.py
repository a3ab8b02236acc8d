"""A worker dies, or an answer gets lost, with a bundle in its hands: each job still runs, and counts once."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from faults.victims import LONG_LEASE, Victim, wait_until, work_in_bundles
from stores import Store

from resque_core import Resque
from resque_core.clock import utc_now
from resque_core.failpoints import ALLOWED, FAILPOINT
from resque_core.records import Reservation, WorkerInfo
from resque_core.sweeper import Sweeper

MANY = 80
#: Those that raise: some of them in the midst of a bundle, wherever bundles begin and end.
BAD = range(20, MANY, 11)
MODES: dict[str, dict[str, Any]] = {
    "no fork": {"fork": False},
    "many per fork": {"jobs_per_fork": 1000},
    "one per fork": {},
}
FORKING = ["many per fork", "one per fork"]


class Shop:
    """Many short jobs on one queue, workers that come and go, and what the jobs wrote."""

    def __init__(self, url: str, folder: Path) -> None:
        self.resque = Resque(url, namespace="bundles")
        self._url, self._folder = url, folder
        self._victims: list[Victim] = []
        self.evidence = folder / "evidence"
        for number in range(MANY):
            name, what = ("break_down", str(number)) if number in BAD else ("pack", number)
            self.resque.enqueue_to("shop", f"storeroom.{name}", what)

    def has_bundles(self) -> bool:
        """Whether this store lets several jobs come at once."""
        with Resque(self._url, namespace="probe") as probe:
            for _ in range(2):
                probe.enqueue_to("shop", "storeroom.pack", 1)
            worker = WorkerInfo(id="probe", host="here", pid=1, queues=("*",), started_at=utc_now())
            probe.storage.workers.register(worker, 60.0)
            held = probe.storage.jobs.reserve(["shop"], worker.id, "token", most=2)
            return isinstance(held, Reservation) and len(held.bundle) == 1

    def start(self, options: Mapping[str, Any], point: str = "") -> Victim:
        """A worker that goes on until nothing is left, or until it comes to the point."""
        env = {"SHOP_LOG": str(self.evidence)} | ({FAILPOINT: point, ALLOWED: "1"} if point else {})
        log = self._folder / f"log{len(self._victims)}"
        chosen = {"burst": True, "lease": LONG_LEASE, **options}
        self._victims.append(Victim(work_in_bundles, env, log, self._url, "bundles", chosen))
        return self._victims[-1]

    def sweep(self) -> None:
        """Nobody lives any more: take back what the dead held."""
        for worker in self.resque.storage.workers.all():
            self.resque.storage.workers.beat(worker.id, 0.0)
        wait_until(self._swept, "the end of all leases")

    def _swept(self) -> bool:
        Sweeper(self.resque.storage).sweep_all()
        return not self.resque.storage.workers.all()

    def runs(self) -> Counter[int]:
        """How often each number was packed."""
        return Counter(number for number, _ in self._packed())

    def children(self) -> set[int]:
        """The processes that packed something."""
        return {pid for _, pid in self._packed()}

    def _packed(self) -> list[tuple[int, int]]:
        lines = (line.split() for line in self.evidence.read_text().splitlines())
        return [(int(line[1]), int(line[2])) for line in lines if line[0] == "packed"]

    def close(self) -> None:
        """End what is still there."""
        for victim in self._victims:
            victim.end()
        self.resque.close()


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(store.url, tmp_path)
    yield shop
    shop.close()


def assert_all_done(shop: Shop) -> None:
    """Each job ran and counts once, those that raise are failures, and nothing is left anywhere."""
    assert set(shop.runs()) == set(range(MANY)) - set(BAD)
    assert {int(it.error) for it in shop.resque.failures.peek(0, 100)} == set(BAD)
    stats = {name: count for name, count in shop.resque.stats.all().items() if count}
    assert stats == {"processed": MANY, "failed": len(BAD)}
    assert shop.resque.size("shop") == 0
    assert shop.resque.workers() == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "point",
    [
        "jobs.complete_and_reserve.before:14",
        "jobs.complete_and_reserve.after:14",
        "jobs.narrow.before:1",
        "jobs.narrow.after:1",
        "jobs.fail.before:2",
        "keeper.begin.after:18",
    ],
)
def test_a_worker_that_is_killed_with_a_bundle_loses_no_job(shop: Shop, point: str, mode: str) -> None:
    victim = shop.start(MODES[mode], f"{point}:kill")
    victim.wait()
    if "narrow" not in point or shop.has_bundles():
        assert f"Fail point {point.rpartition(':')[0]}" in victim.log
    shop.sweep()
    assert shop.start(MODES[mode]).wait() == 0
    assert_all_done(shop)


@pytest.mark.parametrize("mode", FORKING)
def test_a_job_that_kills_its_child_within_a_bundle_fails_and_no_other_does(shop: Shop, mode: str) -> None:
    for _ in range(3):
        shop.resque.enqueue_to("shop", "storeroom.die", 9)
        for number in range(MANY, MANY + 12):
            shop.resque.enqueue_to("shop", "storeroom.pack", number)
    assert shop.start(MODES[mode]).wait() == 0
    failures = shop.resque.failures.peek(0, 100)
    died = [it for it in failures if it.exception == "DirtyExit"]
    assert [it.name for it in died] == ["storeroom.die"] * 3
    assert len(failures) == len(BAD) + 3
    runs = shop.runs()
    assert set(runs) == set(range(MANY + 12)) - set(BAD)
    assert all(count == (3 if number >= MANY else 1) for number, count in runs.items())
    assert shop.resque.stats.all()["processed"] == MANY + 3 * 13
    assert shop.resque.size("shop") == 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("point", ["jobs.complete_and_reserve.after:14", "jobs.narrow.after:1"])
def test_an_answer_that_gets_lost_has_no_job_run_twice(shop: Shop, point: str, mode: str) -> None:
    assert shop.start(MODES[mode], f"{point}:drop").wait() == 0
    assert_all_done(shop)
    assert set(shop.runs().values()) == {1}


def test_each_job_of_a_bundle_has_a_child_of_its_own(shop: Shop) -> None:
    shop.resque.clear_queue("shop")
    for number in range(MANY):
        shop.resque.enqueue_to("shop", "storeroom.pack", number)
    # It would die at a call that is not made, unless each told of one job.
    beyond = MANY // 2 if shop.has_bundles() else MANY + 1
    assert shop.start(MODES["one per fork"], f"jobs.complete_and_reserve.before:{beyond}:kill").wait() == 0
    assert shop.runs() == Counter(range(MANY))
    assert len(shop.children()) == MANY
