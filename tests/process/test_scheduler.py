"""`resque scheduler`, alone and beside workers: what it does on signals, and how it ends."""

import signal

import pytest
from harness import Shop, alive, children_of, title_of, wait_for

from resque_core import Resque


def schedulers_of(pid: int) -> list[int]:
    """Those that a supervisor keeps."""
    return [child for child in children_of(pid) if alive(child) and "Scheduling" in title_of(child)]


def test_a_scheduler_fires_reloads_and_ends(shop: Shop, resque: Resque) -> None:
    """HUP reads the file again; a bad one changes nothing; USR2 and CONT pause and resume; TERM ends it."""
    file = shop.folder / "schedule.yml"
    file.write_text("a: {every: 1s, class: Pack, queue: shop}\n", encoding="utf-8")
    scheduler = shop.start_scheduler("--schedule", str(file), "--require", "ticking")
    wait_for(lambda: {job.name for job in resque.peek("shop", 0, 99)} == {"Pack", "ticking"}, "both jobs")
    file.write_text("a: {every: never}\n", encoding="utf-8")
    scheduler.signal(signal.SIGHUP)
    scheduler.wait_for_log("the old one goes on: .*schedule.yml: line 1: a: every: 'never' is no time")
    assert resque.fetch_schedule("a")
    file.write_text("b: {every: 1h, class: Pack, queue: shop}\n", encoding="utf-8")
    scheduler.signal(signal.SIGHUP)
    wait_for(lambda: [it.name for it in resque.all_schedules()] == ["b", "ticking"], "the new file")
    scheduler.signal(signal.SIGUSR1)
    scheduler.wait_for_log(r"b \(every 1h\): last never, next 20")
    scheduler.signal(signal.SIGUSR2)
    wait_for(lambda: "Paused" in title_of(scheduler.pid), "the title")
    resque.clear_queue("shop")
    scheduler.signal(signal.SIGCONT)
    wait_for(lambda: resque.size("shop"), "a tick after the pause")
    scheduler.signal(signal.SIGTERM)
    assert scheduler.wait() == 0


def test_a_scheduler_promotes_delayed_jobs(shop: Shop, resque: Resque) -> None:
    """Without any worker."""
    scheduler = shop.start_scheduler()
    resque.enqueue_in_to("shop", 0.2, "Pack", 1)
    wait_for(lambda: resque.size("shop") == 1, "the job on its queue")
    scheduler.signal(signal.SIGINT)
    assert scheduler.wait() == 0


@pytest.mark.every_store(always=True)
def test_workers_with_a_scheduler_beside_them_fire_and_work(shop: Shop) -> None:
    """It is replaced when it dies, and ends with them."""
    workers = shop.start("--scheduler", require="ticking")
    first = shop.wait_for_line("ticked")[1]
    schedulers = schedulers_of(workers.pid)
    assert len(schedulers) == 1
    shop.kill(schedulers[0])
    wait_for(lambda: schedulers_of(workers.pid) not in ([], schedulers), "another one")
    wait_for(lambda: {line[1] for line in shop.lines("ticked")} - {first}, "another tick")
    workers.signal(signal.SIGTERM)
    assert workers.wait() == 0
    assert len(shop.lines("ticked")) == len({line[1] for line in shop.lines("ticked")})


def test_a_scheduler_ends_with_the_last_worker_of_a_burst(shop: Shop, resque: Resque) -> None:
    """Nobody has to stop it."""
    resque.enqueue_to("shop", "storeroom.pack", 1)
    workers = shop.start("--scheduler", "--burst")
    assert workers.wait() == 0, workers.log
    assert shop.lines("packed")
