"""`Worker(resque, queues, **options).work()` called by a program, in a process of its own here."""

import subprocess
import sys
import textwrap

import pytest
from harness import Shop

from resque_core import Resque

BEGIN = """
import logging, sys, threading, time
logging.basicConfig(level="INFO", stream=sys.stderr)
from resque_core import Resque, Worker
import storeroom
url = sys.argv[1]
"""


def _run(shop: Shop, program: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", BEGIN + textwrap.dedent(program), shop.url]
    return subprocess.run(
        command, env=shop.env, cwd=shop.folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.every_store
def test_a_program_works_its_own_queues_and_goes_on(shop: Shop, resque: Resque) -> None:
    done = _run(
        shop,
        """
        resque = Resque(url)
        resque.enqueue(storeroom.pack, 1)
        print(Worker(resque, "shop", burst=True).work())
        resque.enqueue(storeroom.pack, 2)
        print(Worker(resque, "shop").work(interval=0))
        print(resque.size("shop"), resque.stats.all())
        """,
    )
    assert done.stdout.split("\n")[:3] == ["0", "0", "0 {'processed': 2}"], done.stderr
    assert [words[1] for words in shop.lines("packed")] == ["1", "2"]


@pytest.mark.every_store
def test_shutdown_from_a_thread_ends_an_idle_worker_at_once(shop: Shop, resque: Resque) -> None:
    done = _run(
        shop,
        """
        worker = Worker(Resque(url), ["shop"], interval=600, lease=1800, sweep=600)
        threading.Timer(0.5, worker.shutdown).start()
        began = time.monotonic()
        print(worker.work(), time.monotonic() - began < 60)
        """,
    )
    assert done.stdout == "0 True\n", done.stderr


def test_work_refuses_any_thread_but_the_main_one(shop: Shop) -> None:
    done = _run(
        shop,
        """
        def work():
            try:
                Worker(Resque(url), "shop", burst=True).work()
            except Exception as error:
                print(type(error).__name__, error)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        """,
    )
    assert done.stdout.startswith("WorkerError A worker handles signals and forks"), done.stderr


def test_a_store_in_memory_is_refused(shop: Shop) -> None:
    for fork in (True, False):
        done = _run(shop, f"Worker(Resque('sqlite://'), 'shop', burst=True, fork={fork}).work()")
        assert done.returncode == 1
        assert "lives in this process's memory" in done.stderr


def test_a_subclass_may_choose_what_it_takes_and_see_what_it_settles(shop: Shop, resque: Resque) -> None:
    for number in range(3):
        resque.enqueue_to("shop", "storeroom.pack", number)
    done = _run(
        shop,
        """
        class Counting(Worker):
            def begin(self, reservation):
                print("begin", reservation.entry.queue)
                super().begin(reservation)

            def settle(self):
                if self.in_hand and self.in_hand.ended:
                    print("settle", self.in_hand.ended.problem)
                super().settle()

            def idle(self, answer):
                print("idle")
                super().idle(answer)

        Counting(Resque(url), "shop", burst=True).work()
        """,
    )
    assert done.stdout.split("\n") == ["begin shop", "settle None"] * 3 + ["idle", ""], done.stderr


def test_the_programs_signal_handlers_are_back_afterwards(shop: Shop) -> None:
    done = _run(
        shop,
        """
        import signal
        before = [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)]
        Worker(Resque(url), "shop", burst=True).work()
        print(before == [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)])
        print(signal.set_wakeup_fd(-1))
        """,
    )
    assert done.stdout == "True\n-1\n", done.stderr


@pytest.mark.every_store
def test_a_worker_that_never_worked_leaves_no_descriptor_open(shop: Shop) -> None:
    done = _run(
        shop,
        """
        import os
        def count():
            return len(os.listdir("/proc/self/fd"))
        before = count()
        for _ in range(20):
            Worker(Resque(url), "shop")
        import gc
        gc.collect()
        print(count() - before)
        Worker(Resque(url), "shop", burst=True).work()
        gc.collect()
        # Threads of a driver may still be closing theirs.
        until = time.monotonic() + 10
        while count() != before and time.monotonic() < until:
            time.sleep(0.05)
        print(count() - before)
        """,
    )
    assert done.stdout == "0\n0\n", done.stderr


def test_an_unknown_option_is_an_error(shop: Shop) -> None:
    done = _run(shop, "Worker(Resque(url), 'shop', leese=3)")
    assert done.returncode == 1
    assert "leese" in done.stderr


@pytest.mark.every_store
def test_one_worker_works_again_and_again_under_an_id_of_its_own_each_time(
    shop: Shop, resque: Resque
) -> None:
    done = _run(
        shop,
        """
        resque = Resque(url)
        worker = Worker(resque, "shop", burst=True)
        ids = set()
        for number in range(3):
            resque.enqueue(storeroom.pack, number)
            ids.add(worker.id)
            print(worker.work())
        worker.shutdown()
        resque.enqueue(storeroom.pack, 9)
        print(worker.work(), resque.size("shop"))
        print(worker.work(), resque.size("shop"), len(ids))
        """,
    )
    assert done.stdout.split("\n")[:5] == ["0", "0", "0", "0 1", "0 0 3"], done.stderr
    assert len(shop.lines("packed")) == 4


def test_what_was_printed_before_a_fork_is_not_printed_again_by_children(shop: Shop) -> None:
    (shop.folder / "talkative.py").write_text("print('imported')\n")
    done = _run(
        shop,
        """
        print("begin")
        resque = Resque(url)
        for number in range(3):
            resque.enqueue(storeroom.pack, number)
        Worker(resque, "shop", burst=True, require=("talkative",)).work()
        print("end")
        """,
    )
    assert done.stdout == "begin\nimported\nend\n", done.stderr
