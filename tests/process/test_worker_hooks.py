"""Worker hooks run when and where docs/reference/hooks.md says; and what titles show meanwhile."""

import re
import signal
from pathlib import Path

import pytest
from harness import Shop, title_of, wait_for

from resque_core import Resque
from resque_core.worker_hooks import WORKER_HOOK_KINDS

PAGE = Path(__file__).parents[2] / "docs/reference/hooks.md"
ENV = {"RESQUE_PROCLINE_PREFIX": "shop/"}


def _kinds(shop: Shop) -> list[str]:
    return [words[1] for words in shop.lines("hook")]


@pytest.mark.every_store(always=True)
def test_in_the_life_of_a_worker_each_hook_runs_in_its_process_and_in_order(
    shop: Shop, resque: Resque
) -> None:
    resque.enqueue_to("shop", "storeroom.pack", 1)
    worker = shop.start("--require", "hooked", env=ENV)
    shop.wait_for_line("hook", count=_count("queue_empty"))
    worker.signal(signal.SIGUSR2)
    shop.wait_for_line("hook", count=_count("before_pause"))
    worker_id = resque.workers()[0].id
    worker.signal(signal.SIGCONT)
    shop.wait_for_line("hook", count=_count("after_pause"))
    app, child = worker.app_pid, int(shop.lines("packed")[0][2])
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    kinds = list(WORKER_HOOK_KINDS)
    kinds.insert(kinds.index("after_fork"), "after_fork")
    assert _kinds(shop) == kinds
    assert "A before_fork hook wants the job: no child is forked ahead" in worker.log
    assert "A worker hook queue_empty raised; the worker goes on" in worker.log
    pids = {"the app process": app, "the child": child}
    for _, kind, pid, *about in shop.lines("hook"):
        assert int(pid) == pids[_process_of(kind)]
        assert about in ([], ["again"], ["storeroom.pack" if "fork" in kind else worker_id])


def test_a_hook_of_a_fork_that_raises_fails_the_job_through_its_failure_hooks(
    shop: Shop, resque: Resque
) -> None:
    for kind in ("before_fork", "after_fork"):
        resque.enqueue_to("shop", "storeroom.Told", kind)
    worker = shop.start("--require", "hooked", "--burst")
    assert worker.wait() == 0
    failures = resque.failures.peek(0, 10)
    assert [failure.error for failure in failures] == ["not that one", "not this one"]
    assert shop.lines("on_failure") == [["on_failure", "LookupError"]] * 2
    assert shop.lines("performed") == []


def test_without_forks_all_hooks_but_those_of_forks_run_in_the_one_process(
    shop: Shop, resque: Resque
) -> None:
    resque.enqueue_to("shop", "storeroom.pack", 1)
    worker = shop.start("--require", "hooked", "--no-fork")
    shop.wait_for_line("hook", count=3)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert _kinds(shop) == ["worker_setup", "before_first_fork", "queue_empty", "shutdown", "worker_exit"]
    assert {words[2] for words in shop.lines("hook")} == {str(worker.pid)}


def test_a_worker_whose_first_hooks_raise_does_not_start(shop: Shop, resque: Resque) -> None:
    (shop.folder / "broken.py").write_text(
        "from resque_core import worker_hooks\n\n@worker_hooks.before_first_fork\ndef f():\n    1 / 0\n"
    )
    worker = shop.start("--require", "broken")
    assert worker.wait() == 1
    assert "A worker hook before_first_fork raised ZeroDivisionError" in worker.log
    assert resque.workers() == []


def test_titles_are_those_that_scripts_for_rubys_workers_look_for(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.hold", str(shop.folder / "gate"))
    worker = shop.start(queues="shop,mail", env=ENV)
    child = int(shop.wait_for_line("holding")[1])
    beginning = r"shop/resque-\d[^:]*: "
    assert re.fullmatch(beginning + r"Processing shop since \d+ \[storeroom.hold\]", title_of(child))
    forked = re.compile(beginning + rf"Forked {child} at \d+")
    wait_for(lambda: forked.fullmatch(title_of(worker.pid)), "a title that names the child")
    (shop.folder / "gate").touch()
    waiting = re.compile(beginning + "Waiting for shop,mail")
    wait_for(lambda: waiting.fullmatch(title_of(worker.pid)), "a title that names the queues")


def test_a_worker_without_forks_shows_the_job_that_it_performs(shop: Shop, resque: Resque) -> None:
    resque.enqueue_to("shop", "storeroom.hold", str(shop.folder / "gate"))
    worker = shop.start("--no-fork", env=ENV)
    assert int(shop.wait_for_line("holding")[1]) == worker.pid
    assert re.fullmatch(
        r"shop/resque-\d[^:]*: Processing shop since \d+ \[storeroom.hold\]", title_of(worker.pid)
    )
    (shop.folder / "gate").touch()


def _count(kind: str) -> int:
    """How many hooks have run when this one has: there are two of `after_fork`."""
    index = [*WORKER_HOOK_KINDS].index(kind)  # type: ignore[arg-type]
    return index + 2


def _process_of(kind: str) -> str:
    found = re.search(rf"\| `{kind}` \|[^|]*\| ([^|]*) \|", PAGE.read_text(encoding="utf-8"))
    assert found
    return found[1]
