"""What our workers write and show, beside what Ruby's do. A scenario is named by its number in `data/`."""

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
from golden.jobs import AddJob, DontPerformJob, OtherJob, block, fail, sleep, watch_for_term
from golden.scene import Scene


def test_20_workers_register_with_the_patterns_that_they_serve(scene: Scene) -> None:
    for queues in ("high,low", "*", "critical,*,!low", "file_*"):
        scene.start_idle(queues, interval=5)
    scene.compare("20")


def test_21_a_worker_that_starts_makes_itself_known(scene: Scene) -> None:
    scene.start_idle("high,low", interval=1)
    scene.compare("21")


def test_22_a_running_job_is_in_the_workers_record(scene: Scene) -> None:
    scene.resque.enqueue(block, "t1", 20)
    worker = scene.start("slow")
    child = scene.begun("t1")
    scene.wait(lambda: "Forked" in scene.title(worker))
    scene.compare(
        "22",
        child_pid_differs=child != worker.pid,
        procline_parent=scene.title(worker),
        procline_child=scene.title(child),
        info=scene.info(),
    )


def test_23_without_a_fork_the_job_runs_in_the_worker(scene: Scene) -> None:
    scene.resque.enqueue(block, "t1", 20)
    worker = scene.start("slow", fork=False)
    child = scene.begun("t1")
    scene.compare("23", same_pid=child == worker.pid, procline=scene.title(child))


def _three_jobs(scene: Scene) -> None:
    scene.resque.enqueue_to("q", AddJob, 1, 2)
    scene.resque.enqueue_to("q", fail, "boom")


def test_24_done_and_failed_jobs_are_counted(scene: Scene) -> None:
    _three_jobs(scene)
    scene.resque.enqueue_to("q", OtherJob)
    worker = scene.start("q")
    scene.wait(lambda: scene.resque.stats.get("processed") == 3 and "Waiting" in scene.title(worker))
    scene.compare("24", procline=scene.title(worker))


def test_25_a_worker_that_quits_leaves_only_the_totals(scene: Scene) -> None:
    _three_jobs(scene)
    worker = scene.start("q")
    scene.wait(lambda: scene.resque.stats.get("processed") == 2)
    scene.signal(worker, signal.SIGQUIT)
    scene.compare("25", exit_status=scene.end_of(worker))


def test_26_an_interval_of_zero_ends_when_nothing_is_left(scene: Scene) -> None:
    for number in range(3):
        scene.resque.enqueue_to("q", OtherJob, number)
    scene.compare("26", exit_status=scene.end_of(scene.start("q", interval=0)))


def test_28_while_all_workers_pause_jobs_stay(scene: Scene) -> None:
    scene.resque.pause_all()
    scene.resque.enqueue_to("q", OtherJob, 1)
    scene.compare("28", procline=scene.title(scene.start_idle("q")))


def test_29_a_worker_that_pauses_itself_says_nothing_of_it(scene: Scene) -> None:
    worker = scene.start_idle("q")
    scene.signal(worker, signal.SIGUSR2)
    scene.wait(lambda: "Paused" in scene.title(worker))
    scene.resque.enqueue_to("q", OtherJob, 1)
    scene.compare("29")


def test_30_each_of_two_workers_has_its_heartbeat(scene: Scene) -> None:
    for _ in range(2):
        scene.start_idle("a,b", interval=5)
    scene.compare("30")


def test_32_a_worker_whose_heart_beats_is_not_pruned(scene: Scene) -> None:
    now = scene.client.time()[0]
    beat = datetime.fromtimestamp(now, UTC).isoformat()
    for worker in ("vm:999991:slow", "vm:999992:elsewhere"):
        scene.client.sadd("resque:workers", worker)
        scene.client.set(f"resque:worker:{worker}:started", "2026-11-21 22:53:36 -0500")
        scene.client.hset("resque:workers:heartbeat", worker, beat)
    record = '{"queue":"slow","run_at":"2026-11-22T03:55:54Z","payload":{"class":"OtherJob","args":[1]}}'
    scene.client.set("resque:worker:vm:999991:slow", record)
    scene.start_idle("slow", interval=5, sweep=0.1)
    scene.compare("32")


def test_33_the_job_of_a_removed_worker_fails(scene: Scene) -> None:
    record = '{"queue":"slow","run_at":"2026-11-22T03:55:54Z","payload":{"class":"OtherJob","args":[1]}}'
    scene.client.sadd("resque:workers", "h1:77:slow")
    scene.client.set("resque:worker:h1:77:slow:started", "2026-11-21 22:53:36 -0500")
    scene.client.set("resque:worker:h1:77:slow", record)
    assert scene.resque.remove_worker("h1:77:slow")
    scene.compare("33")


def test_35_the_heartbeat_moves_on(scene: Scene) -> None:
    scene.start_idle("q", interval=5, lease=1.0)
    (worker,) = (name.decode() for name in scene.client.smembers("resque:workers"))
    first = scene.client.hget("resque:workers:heartbeat", worker)
    scene.wait(lambda: scene.client.hget("resque:workers:heartbeat", worker) > first)
    scene.compare("35", moved_on=True)


def test_37_a_least_interval_of_zero_ends_no_worker(scene: Scene) -> None:
    scene.resque.enqueue_to("q", OtherJob, 1)
    worker = scene.start("q", interval=0.2, min_interval=0)
    scene.wait(lambda: scene.resque.stats.get("processed") == 1 and "Waiting" in scene.title(worker))
    goes_on = worker.is_alive()
    scene.signal(worker, signal.SIGQUIT)
    scene.compare("37", exit_status=scene.end_of(worker), goes_on=goes_on)


@pytest.mark.parametrize(("number", "term_child"), [("54", False), ("55", True)])
def test_54_and_55_the_job_of_a_terminated_worker_fails(scene: Scene, number: str, term_child: bool) -> None:
    scene.resque.enqueue(watch_for_term if term_child else sleep, "t1", 20)
    worker = scene.start("slow", term_child=term_child)
    scene.begun("t1")
    scene.signal(worker, signal.SIGTERM)
    scene.compare(number, worker_exit=scene.end_of(worker))


def test_56_a_child_is_killed_and_the_worker_goes_on(scene: Scene) -> None:
    scene.resque.enqueue(sleep, "t1", 20)
    worker = scene.start("slow")
    scene.begun("t1")
    scene.signal(worker, signal.SIGUSR1)
    scene.wait(lambda: scene.resque.failures.count() == 1 and "Waiting" in scene.title(worker))
    scene.compare("56")


def test_57_a_killed_worker_leaves_all_as_it_was(scene: Scene) -> None:
    scene.resque.enqueue(sleep, "t1", 3)
    worker = scene.start("slow")
    child = scene.begun("t1")
    scene.signal(worker, signal.SIGKILL)
    scene.end_of(worker)
    scene.wait(lambda: not Path(f"/proc/{child}").exists())
    scene.compare("57", child_alive=Path(f"/proc/{child}").exists())


def test_59_a_job_that_is_not_to_be_performed_counts_as_processed(scene: Scene) -> None:
    scene.resque.enqueue(DontPerformJob)
    scene.work_off()
    scene.compare("59", worker_exit="pid <PID> exit 0")


def test_63_who_quits_finishes_its_job(scene: Scene) -> None:
    for name in ("t1", "t2"):
        scene.resque.enqueue(block, name, 20)
    worker = scene.start("slow")
    scene.begun("t1")
    scene.signal(worker, signal.SIGQUIT)
    still_working = worker.is_alive()
    scene.let_go("t1")
    assert scene.end_of(worker) == 0
    scene.compare("63", still_working=still_working)
