"""The pool: a manager and its workers as real processes (spec pool §10, and each defect that it names)."""

import contextlib
import fcntl
import os
import re
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import Running, Shop, alive, children_of, wait_for

from resque_core import Resque
from resque_core.process.pool.manager import TICK

#: As resque-pool is used: some groups, one worker or more in each.
GROUPS = 'foo: 1\nbar: 2\n"bar,baz": 3\n'


@pytest.fixture
def pool(shop: Shop) -> Callable[..., Running]:
    return shop.start_pool


def started(manager: Running, workers: int) -> list[int]:
    """The workers' pids, once all are there."""
    manager.wait_for_log("Pool contains worker PIDs")
    return wait_for(lambda: pids if len(pids := children_of(manager.pid)) == workers else None, "workers")


def registered(resque: Resque, count: int) -> list[int]:
    """The pids of the workers in the store's register, once they are so many."""
    return wait_for(
        lambda: pids if len(pids := [w.pid for w in resque.workers()]) == count else None, "workers"
    )


def ended(manager: Running) -> int:
    code = manager.wait()
    assert "manager finished" in manager.log
    return code


def written_in(pidfile: Path) -> int:
    """The process id that it holds, once it is there."""
    return int(wait_for(lambda: pidfile.read_text() if pidfile.exists() else "", "the pidfile"))


def title(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").decode()


def holding(shop: Shop, resque: Resque) -> int:
    """The pid of a job that holds until the gate is there."""
    resque.enqueue_to("shop", "storeroom.hold", str(shop.folder / "gate"))
    return int(shop.wait_for_line("holding")[1])


def open_gate(shop: Shop) -> None:
    (shop.folder / "gate").touch()


def test_without_a_file_the_pool_is_empty_and_quits(shop: Shop) -> None:
    manager = shop.start_pool(None)
    manager.wait_for_log("Pool is empty")
    assert children_of(manager.pid) == []
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0


def test_each_group_has_its_workers_and_each_is_reaped_at_the_end(shop: Shop) -> None:
    with systemd() as (notices, env):
        manager = shop.start_pool(GROUPS, "--appname", "shop", env=env, itself=True)
        pids = started(manager, 6)
        assert notices()[0] == f"READY=1\nSTATUS=6 workers\nMAINPID={manager.pid}"
        look_at_six(manager, pids)
        assert "WATCHDOG=1" in notices()
        manager.signal(signal.SIGQUIT)
        assert ended(manager) == 0
        assert "STOPPING=1" in notices()
    reaped = re.findall(r"Reaped resque worker\[(\d+)\] \(status: 0\) queues: (\S+)", manager.log)
    assert sorted(int(pid) for pid, _ in reaped) == sorted(pids)
    assert sorted(queues for _, queues in reaped) == ["bar", "bar", *["bar,baz"] * 3, "foo"]


@contextlib.contextmanager
def systemd(watchdog: str = "200000") -> Iterator[tuple[Callable[[], list[str]], dict[str, str]]]:
    """Stands where systemd would be: what it heard since the last call, and how it is found."""
    name = f"resque-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        own.bind(f"\0{name}")
        own.setblocking(False)

        def notices() -> list[str]:
            heard: list[str] = []
            select.select([own], [], [], 60)
            with contextlib.suppress(BlockingIOError):
                while True:
                    heard.append(own.recv(1000).decode())
            return heard

        yield notices, {"NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": watchdog}


def look_at_six(manager: Running, pids: list[int]) -> None:
    assert f"Pool contains worker PIDs: {pids}" in manager.log
    wait_for(lambda: title(manager.pid) == f"resque-pool-master[shop]: managing {pids}", "the title")
    wait_for(lambda: all("Waiting for" in title(pid) for pid in pids), "idle workers")
    assert [os.getpgid(pid) for pid in pids] == pids
    assert sorted(title(pid).partition(": ")[2] for pid in pids) == [
        *["Waiting for bar"] * 2,
        *["Waiting for bar,baz"] * 3,
        "Waiting for foo",
    ]


def test_a_daemon_writes_its_pidfile_and_both_logs_and_removes_the_pidfile(shop: Shop) -> None:
    command = shop.start_pool("shop: 1\n", "--daemon", itself=True)
    assert command.wait() == 0
    pidfile = shop.folder / "tmp/pids/resque-pool.pid"
    pid = written_in(pidfile)
    out, err = (shop.folder / f"log/resque-pool.{name}.log" for name in ("stdout", "stderr"))
    try:
        wait_for(lambda: out.exists() and "started manager" in out.read_text(), "the log")
        wait_for(lambda: "namespace resque, queues shop" in err.read_text(), "the worker's log")
        assert os.getsid(pid) not in (pid, os.getsid(0))
        second = shop.start_pool("shop: 1\n", "--daemon")
        assert second.wait() == 1
        assert f"is held by a running process ({pid})" in second.log
        out.rename(out.with_suffix(".1"))
        os.kill(pid, signal.SIGHUP)
        wait_for(lambda: out.exists() and "Reaped" in out.read_text(), "the log, made anew")
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not alive(pid), "its end")
    assert not pidfile.exists()


def test_the_command_that_starts_a_daemon_fails_where_that_does(shop: Shop) -> None:
    command = shop.start_pool("shop: 1\n", "--daemon", "--setup", "storeroom:there_is_none")
    assert command.wait() == 1
    assert (
        "The daemon did not start. The reason is told above, or in log/resque-pool.stderr.log." in command.log
    )
    assert "there_is_none" in (shop.folder / "log/resque-pool.stderr.log").read_text()
    assert not (shop.folder / "tmp/pids/resque-pool.pid").exists()


def test_a_stopped_daemon_keeps_no_workers_until_it_is_told_to(shop: Shop) -> None:
    """resque-pool had new ones a second later."""
    shop.start_pool("shop: 2\n", "--daemon").wait()
    pidfile = shop.folder / "tmp/pids/resque-pool.pid"
    pid = written_in(pidfile)
    try:
        wait_for(lambda: len(children_of(pid)) == 2, "workers")
        os.kill(pid, signal.SIGWINCH)
        wait_for(lambda: children_of(pid) == [], "no workers")
        stays_as_it_is(pid, [])
        os.kill(pid, signal.SIGHUP)
        wait_for(lambda: len(children_of(pid)) == 2, "workers again")
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not alive(pid), "its end")


def stays_as_it_is(manager: int, workers: list[int]) -> None:
    """For longer than a manager goes between two looks at its configuration."""
    deadline = time.monotonic() + 1.5 * TICK
    while time.monotonic() < deadline:
        assert children_of(manager) == workers
        time.sleep(0.05)


def test_an_edited_file_counts_from_hup_on_and_a_bad_one_changes_nothing(shop: Shop) -> None:
    manager = shop.start_pool("shop: 1\nproduction:\n  shop: 2\n", "-E", "production")
    first = started(manager, 2)
    file = shop.folder / "resque-pool.yml"
    file.write_text("shop: 1\nmail: 2\n")
    stays_as_it_is(manager.pid, first)
    file.write_text("shop: -4\n")
    manager.signal(signal.SIGHUP)
    manager.wait_for_log(r"The pool stays as it is: resque-pool.yml: line 1: shop: -4 is not a number")
    file.write_text("shop: 1\nmail: 2\n")
    stays_as_it_is(manager.pid, first)
    manager.signal(signal.SIGHUP)
    wait_for(
        lambda: len(children_of(manager.pid)) == 3 and not {*first} & {*children_of(manager.pid)}, "new ones"
    )
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0


def test_a_spawn_delay_passes_between_two_forks(shop: Shop) -> None:
    manager = shop.start_pool("shop: 3\n", "--spawn-delay", "300")
    born = [hundredths_of_birth(pid) for pid in started(manager, 3)]
    # The delay begins when a fork is asked for, and that one is born some hundredths later on a busy machine.
    assert min(born[1] - born[0], born[2] - born[1]) >= 20
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0


def test_a_manager_answers_while_a_spawn_delay_runs(shop: Shop) -> None:
    """resque-pool slept."""
    with systemd(watchdog="20000") as (notices, env):
        manager = shop.start_pool("shop: 9\n", "--spawn-delay", "600000", env=env)
        wait_for(lambda: len(children_of(manager.pid)) == 1, "the first")
        # A hundred a second are due: with a loop that goes round once a second this would take a minute.
        limit = time.monotonic() + 20
        beats = notices()
        while len(beats) < 60:
            assert time.monotonic() < limit
            beats += notices()
        assert {*beats} == {"WATCHDOG=1"}
        manager.signal(signal.SIGHUP)
        manager.wait_for_log("Reaped resque worker")
        manager.signal(signal.SIGQUIT)
        assert ended(manager) == 0
        assert not [told for told in notices() if "READY=1" in told]
    assert "started manager" not in manager.log


def hundredths_of_birth(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])


@pytest.mark.parametrize(("flags", "at_once"), [((), True), (("--nosync",), False)], ids=["sync", "nosync"])
def test_output_goes_to_the_file_at_once_or_waits_in_buffers(
    shop: Shop, resque: Resque, flags: tuple[str, ...], at_once: bool
) -> None:
    manager = shop.start_pool("shop: 1\n", "--stdout", "out.log", *flags, itself=True)
    resque.enqueue_to("shop", "storeroom.shout_and_hold", "hello", str(shop.folder / "gate"))
    shop.wait_for_line("shouted")
    out = shop.folder / "out.log"
    assert ("hello" in out.read_text()) is at_once
    open_gate(shop)
    wait_for(lambda: "hello" in out.read_text(), "what the job printed")
    manager.signal(signal.SIGQUIT)
    assert manager.wait() == 0


def test_a_bad_file_ends_the_start_with_its_line(shop: Shop) -> None:
    manager = shop.start_pool("shop: 1\nmail: lots\n")
    assert manager.wait() == 2
    assert "resque-pool.yml: line 2: mail: 'lots' is not a number of workers" in manager.log


@pytest.mark.every_store(always=True)
def test_a_killed_worker_is_replaced_and_its_job_runs_again(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: 2\n")
    started(manager, 2)
    registered(resque, 2)
    holding(shop, resque)
    busy = next(worker.pid for worker in resque.working())
    os.kill(busy, signal.SIGKILL)
    wait_for(
        lambda: len(children_of(manager.pid)) == 2 and busy not in children_of(manager.pid), "its place taken"
    )
    shop.wait_for_line("holding", 2)
    open_gate(shop)
    shop.wait_for_line("held")
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0
    assert resque.stats.all() == {"processed": 1}
    assert resque.workers() == []


def test_a_worker_that_stands_still_is_replaced(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: 1\n")
    [pid] = started(manager, 1)
    registered(resque, 1)
    os.kill(pid, signal.SIGSTOP)
    manager.wait_for_log(rf"Worker {pid} on shop has stood still", 40)
    wait_for(lambda: len(children_of(manager.pid)) == 1 and children_of(manager.pid) != [pid], "another")
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0


def test_workers_whose_manager_vanished_finish_their_job_and_leave(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.hold", str(shop.folder / "gate"))
    config = "shop: {workers: 2, scheduler: true}\n"
    manager = shop.start_pool(config, "--interval", "60", "--lease", "30")
    pids = started(manager, 3)
    registered(resque, 2)
    shop.wait_for_line("holding")
    busy = next(worker.pid for worker in resque.working())
    manager.signal(signal.SIGKILL)
    wait_for(lambda: [pid for pid in pids if alive(pid)] == [busy], "the end of the others")
    open_gate(shop)
    shop.wait_for_line("held")
    wait_for(lambda: not alive(busy), "the end of the busy one")
    assert resque.workers() == []
    assert resque.stats.all() == {"processed": 1}


def test_a_term_waits_for_jobs_within_their_grace(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: 1\n", "--grace", "60")
    started(manager, 1)
    job = holding(shop, resque)
    [worker] = (worker.pid for worker in resque.working())
    # What the killer of stale workers for god looks for.
    wait_for(lambda: re.fullmatch(rf"resque-\d\S*: Forked {job} at \d{{9,}}", title(worker)), "its title")
    assert re.fullmatch(r"resque-\d\S*: Processing shop since \d{9,} \[storeroom\.hold\]", title(job))
    manager.signal(signal.SIGTERM)
    manager.wait_for_log("SIGTERM")
    assert alive(manager.pid)
    open_gate(shop)
    assert ended(manager) == 0
    assert resque.stats.all() == {"processed": 1}


def test_a_job_that_is_not_done_within_its_grace_is_handed_back(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: 1\n", "--grace", "0.2")
    started(manager, 1)
    holding(shop, resque)
    manager.signal(signal.SIGTERM)
    assert ended(manager) == 0
    assert [job.name for job in resque.peek("shop", 0, 5)] == ["storeroom.hold"]
    assert resque.stats.all() == {}


def test_a_graceful_term_leaves_at_once_and_the_worker_finishes_alone(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: 1\n", "--term-graceful", "--single-process-group")
    [pid] = started(manager, 1)
    holding(shop, resque)
    assert os.getpgid(pid) == manager.pid
    [pid] = (worker.pid for worker in resque.working())
    manager.signal(signal.SIGTERM)
    assert ended(manager) == 0
    assert alive(pid)
    open_gate(shop)
    wait_for(lambda: not alive(pid), "the end of the worker")
    assert resque.stats.all() == {"processed": 1}


def test_an_immediate_term_leaves_at_once_and_the_job_is_handed_back(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: {workers: 1, grace: 60}\n", "--term-immediate", "--grace", "60")
    started(manager, 1)
    holding(shop, resque)
    [pid] = (worker.pid for worker in resque.working())
    manager.signal(signal.SIGTERM)
    assert ended(manager) == 0
    wait_for(lambda: not alive(pid), "the end of the worker")
    assert [job.name for job in resque.peek("shop", 0, 5)] == ["storeroom.hold"]


def test_workers_end_their_jobs_pause_and_go_on_as_the_manager_is_told(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: 1\n")
    [worker] = started(manager, 1)
    registered(resque, 1)
    holding(shop, resque)
    manager.signal(signal.SIGUSR1)
    wait_for(lambda: resque.failures.count() == 1, "the job's end")
    assert resque.failures.peek(0, 1)[0].exception == "DirtyExit"
    manager.signal(signal.SIGUSR2)
    wait_for(lambda: title(worker).endswith("Paused"), "the pause")
    resque.enqueue_to("shop", "storeroom.pack", 1)
    wait_for(lambda: resque.pools() and resque.pools()[0].state == "paused", "the pause, seen")
    assert not shop.lines("packed")
    manager.signal(signal.SIGCONT)
    shop.wait_for_line("packed")
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0


def test_with_term_child_a_quit_does_not_wait_and_a_term_tells_the_job(shop: Shop, resque: Resque) -> None:
    """As the command of resque-pool has it; its rake task forgot."""
    env = {"TERM_CHILD": "1", "RESQUE_PRE_SHUTDOWN_TIMEOUT": "0"}
    first = shop.start_pool("shop: 1\n", "--appname", "first", env=env)
    started(first, 1)
    holding(shop, resque)
    first.signal(signal.SIGQUIT)
    assert ended(first) == 0
    open_gate(shop)
    shop.wait_for_line("held")
    second = shop.start_pool("shop: 1\n", "--appname", "second", env=env)
    started(second, 1)
    resque.enqueue_to("shop", "storeroom.Endures", str(shop.folder / "never"), False)
    shop.wait_for_line("enduring")
    second.signal(signal.SIGTERM)
    assert ended(second) == 0
    assert shop.lines("told")
    assert resque.workers() == []


def test_an_int_while_it_waits_ends_the_wait(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: 1\n")
    started(manager, 1)
    holding(shop, resque)
    [pid] = (worker.pid for worker in resque.working())
    manager.signal(signal.SIGQUIT)
    manager.wait_for_log("SIGQUIT")
    manager.signal(signal.SIGINT)
    assert ended(manager) == 0
    open_gate(shop)
    wait_for(lambda: not alive(pid), "the end of the worker")
    assert resque.stats.all() == {"processed": 1}


def test_a_wait_for_workers_ends_when_they_are_all_killed(shop: Shop, resque: Resque) -> None:
    """resque-pool was seen to hang there."""
    manager = shop.start_pool("shop: 2\n")
    pids = started(manager, 2)
    registered(resque, 2)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    manager.signal(signal.SIGQUIT)
    manager.wait_for_log("SIGQUIT")
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert ended(manager) == 0


def test_of_six_signals_at_once_each_is_answered(shop: Shop) -> None:
    """resque-pool keeps five."""
    manager = shop.start_pool("shop: 1\n")
    started(manager, 1)
    os.kill(manager.pid, signal.SIGSTOP)
    sent = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGIO, signal.SIGCONT)
    for number in sent:
        # The last one has it go on.
        manager.signal(number)
    for number in sent:
        manager.wait_for_log(rf"\]: {number.name}\n")
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0


def test_a_worker_beyond_its_memory_is_retired_gently_then_by_deadline(shop: Shop, resque: Resque) -> None:
    config = "shop: {workers: 1, max_rss: 250, grace: 0.2}\n"
    resque.enqueue_to("shop", "storeroom.grow_and_hold", 300, str(shop.folder / "gate"))
    manager = shop.start_pool(config, "--interval", "60", "--lease", "30")
    [pid] = started(manager, 1)
    shop.wait_for_line("holding")
    manager.wait_for_log(rf"Worker {pid} on shop is to end: it uses \d+ MB")
    manager.wait_for_log(rf"Worker {pid} has not ended in time: it is sent 15")
    shop.wait_for_line("holding", 2)
    assert not alive(pid)
    open_gate(shop)
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0


def test_orphans_of_jobs_are_buried_where_the_manager_is_process_one(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: 1\n", "--setup", "storeroom:adopt_orphans")
    resque.enqueue_to("shop", "storeroom.leave_a_grandchild")
    orphan = int(shop.wait_for_line("left")[1])
    wait_for(lambda: orphan in children_of(manager.pid) or not alive(orphan), "who takes it in")
    if alive(orphan):
        shop.kill(orphan)
    manager.wait_for_log(f"Process {orphan} had already died")
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0


def test_workers_that_are_old_enough_or_have_worked_enough_are_replaced(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: {workers: 1, max_jobs: 2}\nold: {workers: 1, max_age: 0.3}\n")
    started(manager, 2)
    manager.wait_for_log(r"\(status: 0\) queues: old")
    for number in range(5):
        resque.enqueue_to("shop", "storeroom.pack", number)
    shop.wait_for_line("packed", 5)
    wait_for(lambda: manager.log.count("queues: shop") == 2, "two that had worked enough")
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0
    assert resque.stats.all() == {"processed": 5}


def test_a_scheduler_is_kept_beside_a_groups_workers_until_the_file_says_no_more(
    shop: Shop, resque: Resque
) -> None:
    manager = shop.start_pool("shop: {workers: 1, scheduler: true}\n", require="ticking")
    started(manager, 2)
    first = shop.wait_for_line("ticked")[1]
    [worker, scheduler] = wait_for(lambda: schedule_and_work(resque), "both, in the store")
    assert "Scheduling" in title(scheduler)
    os.kill(scheduler, signal.SIGKILL)
    wait_for(lambda: scheduler not in (schedule_and_work(resque) or [scheduler]), "another one, in the store")
    wait_for(lambda: {line[1] for line in shop.lines("ticked")} - {first}, "another tick")
    [pool] = resque.pools()
    assert resque.pause_pool(pool.id)
    wait_for(lambda: all("Paused" in title(pid) for pid in children_of(manager.pid)), "their pause")
    assert resque.scale_pool(pool.id, "shop (scheduler)", 0)
    wait_for(lambda: children_of(manager.pid) == [worker], "no scheduler")
    manager.signal(signal.SIGHUP)
    wait_for(lambda: len(children_of(manager.pid)) == 2, "what the file says")
    (shop.folder / "resque-pool.yml").write_text("shop: 1\n")
    manager.signal(signal.SIGHUP)
    wait_for(lambda: len(children_of(manager.pid)) == 1, "no scheduler")
    manager.signal(signal.SIGTERM)
    assert ended(manager) == 0
    assert "(status: 0) queues: shop (scheduler)" in manager.log


def schedule_and_work(resque: Resque) -> list[int] | None:
    """The pids of the group's worker and of the scheduler beside it, once the store knows both."""
    groups = {group.queues: group.pids for pool in resque.pools() for group in pool.groups}
    pids = [*groups.get("shop", ()), *groups.get("shop (scheduler)", ())]
    return pids if len(pids) == 2 else None


def test_a_pool_is_seen_and_steered_through_the_store(shop: Shop, resque: Resque) -> None:
    manager = shop.start_pool("shop: 1\nmail: 1\n", "--appname", "shop")
    first = started(manager, 2)
    pool = wait_for(lambda: resque.pools(), "the pool in the store")[0]
    assert (pool.app_name, pool.pid, pool.state) == ("shop", manager.pid, "running")
    assert [(group.queues, group.wanted, *group.pids) for group in pool.groups] == [
        ("shop", 1, first[0]),
        ("mail", 1, first[1]),
    ]
    assert resque.scale_pool(pool.id, "mail", 3)
    wait_for(lambda: len(children_of(manager.pid)) == 4, "more workers")
    wait_for(lambda: [it.alive for it in resque.pools()[0].groups] == [1, 3], "the new count, seen")
    assert resque.pause_pool(pool.id)
    wait_for(lambda: resque.pools()[0].state == "paused", "the pause, seen")
    before = {*children_of(manager.pid)}
    assert resque.restart_pool(pool.id)
    wait_for(lambda: not before & {*children_of(manager.pid)}, "other workers, each of them")
    wait_for(lambda: all(title(pid).endswith("Paused") for pid in children_of(manager.pid)), "their pause")
    resque.enqueue_to("shop", "storeroom.pack", 7)
    assert resque.resume_pool(pool.id)
    shop.wait_for_line("packed")
    manager.signal(signal.SIGHUP)
    wait_for(lambda: len(children_of(manager.pid)) == 2, "the file's count")
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0
    assert resque.pools() == []


def test_a_pool_goes_on_without_its_helper_which_ends_with_its_manager(shop: Shop, resque: Resque) -> None:
    """The manager itself opens no store, and its helper is no child of it that somebody could count."""
    manager = shop.start_pool("shop: 1\n")
    [pid] = started(manager, 1)
    wait_for(lambda: resque.pools(), "the pool in the store")
    assert shop.store.url.removeprefix("sqlite:///") not in " ".join(open_files(manager.pid))
    os.kill(helper_of(manager), signal.SIGKILL)
    manager.wait_for_log("helper, which reaches the store, is gone")
    helper = wait_for(lambda: helper_of(manager), "another helper")
    # The process that forked it is one, until it is collected.
    wait_for(lambda: children_of(manager.pid) == [pid], "its being nobody's child")
    manager.signal(signal.SIGKILL)
    wait_for(lambda: not alive(helper), "its end with its manager's")
    assert resque.pools() == []
    wait_for(lambda: not alive(pid), "the end of the worker")


def helper_of(manager: Running) -> int:
    """The pid of the process that reaches the store for it; 0 for none."""
    own = re.compile(rf"resque-pool-helper: tells the store of \S+:{manager.pid}:")
    pids = [int(it.name) for it in Path("/proc").iterdir() if it.name.isdigit()]
    return next((pid for pid in pids if alive(pid) and own.match(title_or_nothing(pid))), 0)


def title_or_nothing(pid: int) -> str:
    try:
        return title(pid)
    except (OSError, UnicodeDecodeError):
        return ""


def open_files(pid: int) -> list[str]:
    return [str(it.readlink()) for it in Path(f"/proc/{pid}/fd").iterdir()]


def test_workers_that_die_at_once_are_not_forked_without_end(shop: Shop) -> None:
    """resque-pool made 3,939 forks in 5 s."""
    manager = shop.start_pool("shop: 2\n", require="pool_that_fails")
    manager.wait_for_log("started manager")
    wait_for(lambda: manager.log.count("Reaped resque worker") >= 4, "early ends")
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        time.sleep(0.1)
    assert manager.log.count("Reaped resque worker") <= 12
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0


def test_a_machine_that_refuses_processes_ends_no_manager(shop: Shop) -> None:
    """resque-pool ended. Here the group, and the helper, are tried again."""
    manager = shop.start_pool("shop: 1\n", "--setup", "storeroom:refuse_forks")
    manager.wait_for_log("No worker for shop could be forked: .*Resource temporarily unavailable")
    manager.wait_for_log("No process could be forked that reaches the store")
    wait_for(lambda: manager.log.count("could be forked") >= 3, "another try")
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0


def test_a_programs_loader_is_asked_all_the_time_and_may_fail(shop: Shop) -> None:
    """resque-pool ended with it."""
    counts = shop.folder / "counts.json"
    counts.write_text('{"shop": 1, "test": {"mail": 1}}')
    manager = shop.start_program("pool_program.py", RACK_ENV="test")
    pids = wait_for(lambda: found if len(found := children_of(manager.pid)) == 2 else None, "workers")
    assert written_in(shop.folder / "run/pool.pid") == manager.pid
    assert is_locked(shop.folder / "run/pool.lock")
    counts.write_text("no JSON")
    asked = len(shop.lines("asked"))
    shop.wait_for_line("asked", asked + 2)
    assert children_of(manager.pid) == pids
    counts.write_text('{"shop": 1}')
    wait_for(lambda: children_of(manager.pid) == pids[:1], "one that is left")
    assert not shop.lines("reset")
    manager.signal(signal.SIGHUP)
    shop.wait_for_line("reset")
    wait_for(lambda: len(children_of(manager.pid)) == 1 and children_of(manager.pid) != pids[:1], "a new one")
    assert {tuple(line) for line in shop.lines("asked")} == {("asked", "test")}
    manager.signal(signal.SIGQUIT)
    assert manager.wait() == 0
    titles = [words[1:] for words in shop.lines("title")]
    assert {words[0] for words in titles} == {"resque-pool-master[shop]:"}
    states = [" ".join(words[1:]) for words in titles]
    assert states[:3] == ["(initialized)", "(starting)", "(started)"]
    assert states[-1] == "(shutting down)"
    assert f"managing {pids}" in states
    assert not (shop.folder / "run/pool.pid").exists()
    assert not is_locked(shop.folder / "run/pool.lock")
    assert manager.log.startswith("begins\n")
    assert (shop.folder / "run/out.log").exists()


def test_hooks_run_in_the_process_that_they_are_documented_for(shop: Shop) -> None:
    manager = shop.start_pool("shop: 1\n", "--setup", "pool_hooks:set_up", require="pool_hooks")
    [pid] = started(manager, 1)
    assert shop.wait_for_line("after_prefork") == ["after_prefork", "shop", str(pid)]
    assert shop.wait_for_line("after_spawn") == ["after_spawn", "shop", str(pid), str(manager.pid)]
    manager.signal(signal.SIGIO)
    assert shop.wait_for_line("siginfo") == ["siginfo", "shop=1", str(pid), str(manager.pid)]
    manager.signal(signal.SIGQUIT)
    assert ended(manager) == 0
    assert shop.lines("setup") == [["setup", str(manager.pid)]]
    # Another hook of the same moment raises: the manager goes on.
    assert "A hook after_spawn failed" in manager.log


def test_a_hot_swap_ends_the_old_pool_of_its_application_alone_and_no_job_is_lost(
    shop: Shop, resque: Resque
) -> None:
    """resque-pool ended the pools of every application on the host."""
    name = f"shop-{os.getpid()}"
    other = shop.start_pool("other: 1\n", "--appname", f"{name}-other")
    # It has read the file, which the next one writes anew.
    started(other, 1)
    old = shop.start_pool("shop: 2\n", "--appname", name, "--hot-swap", "--lease", "30", itself=True)
    started(old, 2)
    holding(shop, resque)
    [busy] = (worker.pid for worker in resque.working())
    with flowing(resque) as flow:
        new = shop.start_pool("shop: 1\n", "--appname", name, "--hot-swap", "--lease", "30")
        # The old one works until it is told to end, and that is when the new one is there.
        shop.wait_for_line("packed", 2)
        started(new, 1)
        assert ended(old) == 0
        shop.wait_for_line("packed", len(shop.lines("packed")) + 5)
    shop.wait_for_line("packed", flow.jobs)
    assert sorted(int(words[1]) for words in shop.lines("packed")) == [*range(flow.jobs)]
    assert alive(busy)
    assert alive(other.pid)
    lock = shop.folder / "tmp/resque-pool.lock"
    new.signal(signal.SIGQUIT)
    assert ended(new) == 0
    assert is_locked(lock)
    open_gate(shop)
    wait_for(lambda: not is_locked(lock), "the end of the old worker")
    other.signal(signal.SIGQUIT)
    assert ended(other) == 0
    assert resque.stats.all() == {"processed": flow.jobs + 1}


def test_a_release_whose_workers_cannot_begin_ends_no_old_pool(shop: Shop, resque: Resque) -> None:
    name = f"shop-{os.getpid()}-broken"
    old = shop.start_pool("shop: 1\n", "--appname", name)
    started(old, 1)
    new = shop.start_pool("shop: 1\n", "--appname", name, "--hot-swap", require="pool_that_fails")
    wait_for(lambda: new.log.count("Reaped resque worker") >= 3, "its workers' ends")
    new.signal(signal.SIGQUIT)
    assert ended(new) == 0
    resque.enqueue_to("shop", "storeroom.pack", 1)
    shop.wait_for_line("packed")
    assert alive(old.pid)
    old.signal(signal.SIGQUIT)
    assert ended(old) == 0


class Flow:
    """Jobs that are enqueued one after the other, by a thread."""

    def __init__(self, resque: Resque) -> None:
        self.jobs = 0
        self.over = threading.Event()
        self._resque = resque

    def run(self) -> None:
        while not self.over.wait(0.05):
            self._resque.enqueue_to("shop", "storeroom.pack", self.jobs)
            self.jobs += 1


@contextlib.contextmanager
def flowing(resque: Resque) -> Iterator[Flow]:
    """Jobs flow for the length of the block."""
    flow = Flow(resque)
    thread = threading.Thread(target=flow.run)
    thread.start()
    try:
        yield flow
    finally:
        flow.over.set()
        thread.join()


def is_locked(path: Path) -> bool:
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
