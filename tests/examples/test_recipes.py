"""The recipes do what they say."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import async_method
import chunking
import deduplication
import logging_job
import plugin
import pytest

from resque_core import Resque
from resque_core.default_app import set_default_app
from resque_core.testing import work_off

RECIPES = Path(__file__).parents[2] / "examples" / "recipes"


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    with Resque(f"sqlite:///{tmp_path}/jobs.sqlite3") as resque:
        before = set_default_app(resque)
        yield resque
        set_default_app(before)


def test_a_method_is_called_later_on_the_object_as_it_is_then(resque: Resque) -> None:
    async_method.User.rows = {7: {}}
    async_method.User(7).later(resque, "suspend", reason="spam")
    async_method.User(8).later(resque, "suspend", reason="gone")
    assert [job.args for job in resque.peek("methods", 0, 2)] == [
        ("User", 7, "suspend"),
        ("User", 8, "suspend"),
    ]
    done = work_off(resque)
    assert async_method.User.rows == {7: {"suspended": True, "reason": "spam"}}
    assert [failure.error for failure in done.failures] == ["There is no user 8 any more."]


def test_only_methods_that_say_so_are_called(resque: Resque) -> None:
    with pytest.raises(ValueError, match="mark it @callable_later"):
        async_method.User(7).later(resque, "load")
    resque.enqueue(async_method.call_method, "User", 7, "__init__", 9)
    resque.enqueue(async_method.call_method, "os", 7, "system")
    assert [failure.exception for failure in work_off(resque).failures] == ["ValueError", "KeyError"]


def test_a_plugins_hooks_run_for_each_job_that_has_it(resque: Resque) -> None:
    plugin.Budget.notes.clear()
    resque.enqueue(plugin.export, "acme", 3)
    resque.enqueue(plugin.export, "acme", -1)
    resque.enqueue(plugin.preview, "acme")
    done = work_off(resque)
    assert plugin.Budget.notes == [
        "exported 3 rows for acme",
        "recipes.export of acme: ValueError",
        "acme has nothing left",
    ]
    assert plugin.Budget.used["acme"] > 0
    assert len(done.failures) == 1


def test_many_wishes_are_one_job_and_the_last_is_not_missed(resque: Resque) -> None:
    for _ in range(10):
        deduplication.change(resque, 7)
    assert resque.size("search") == 1
    work_off(resque)
    assert (deduplication.Index.indexed[7], deduplication.Index.work) == (10, 1)
    for _ in range(2):
        resque.enqueue(deduplication.reindex_if_needed, 7)
    work_off(resque)
    assert deduplication.Index.work == 1


def test_a_large_job_is_cut_and_may_run_twice(resque: Resque) -> None:
    for _ in range(2):
        resque.enqueue(chunking.invite_all, list(range(250)))
    assert len(work_off(resque).jobs) == 2 + 2 * 3
    assert chunking.Mailbox.invited == set(range(250))


def test_each_log_line_says_which_job_it_is_of(resque: Resque, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(logging_job.JobFilter())
    caplog.set_level(logging.INFO, logger="shop.reports")
    done = resque.enqueue(logging_job.report, "2026-11")
    resque.enqueue(logging_job.report, "2026-13")
    failed = work_off(resque).failures
    logging_job.log.info("outside")
    assert done
    assert [(record.__dict__["job_id"], record.getMessage()) for record in caplog.records][:3] == [
        (done.id, "begins with 2026-11"),
        (done.id, "is done with 2026-11"),
        (failed[0].job_id, "begins with 2026-13"),
    ]
    assert caplog.records[-1].__dict__["queue"] == "-"


def test_a_worker_runs_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.sqlite3"
    with Resque(url) as resque:
        running = resque.enqueue(logging_job.report, "2026-11")
        resque.enqueue(chunking.invite_all, list(range(150)))
        command = [
            sys.executable,
            "-m",
            "resque_core.cli.main",
            "work",
            "--url",
            url,
            "--queues",
            "*",
            "--burst",
        ]
        command += ["--require", "logging_job", "--require", "chunking"]
        command += ["--setup", "logging_job:set_up_logging"]
        done = subprocess.run(command, cwd=RECIPES, capture_output=True, text=True, timeout=60, check=True)
        assert running
        assert f"INFO reports {running.id} begins with 2026-11" in done.stderr
        assert resque.stats.all() == {"processed": 4}
