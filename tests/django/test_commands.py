"""The commands of manage.py."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path

import manage_command
import preloaded
import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from django_resque.management.commands import resque_work
from django_resque.stores import make_resque
from resque_core import Resque
from resque_core.keeping import Keeping
from tests.cli.command import Said, said_apart
from tests.django.site.shop.jobs import send_receipt
from tests.django.site.shop.tasks import remind

ROOT = Path(__file__).parents[2]


def manage(*words: str, url: str) -> Said:
    """What a command of manage.py says on a store, in a process of its own."""
    surroundings = {"RESQUE_URL": url, "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    return said_apart(manage_command.manage, *words, folder=ROOT, **surroundings)


def manage_itself(*words: str, url: str) -> Said:
    """The same, started as users do."""
    done = subprocess.run(
        [sys.executable, "-m", "django", *words, *manage_command.SETTINGS],
        cwd=ROOT, env=os.environ | {"RESQUE_URL": url, "COLUMNS": "100"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def test_a_worker_has_the_project_and_the_jobs_of_all_applications(resque: Resque) -> None:
    remind.enqueue(1)
    send_receipt.enqueue(-1)
    done = manage("resque_work", "--queues=*", "--burst", url=resque.url)
    assert done.code == 0, done.err
    jobs = done.err.splitlines()[0].partition("jobs: ")[2].split(", ")
    assert {f"tests.django.site.shop.{name}" for name in ("jobs.send_receipt", "tasks.remind")} <= {*jobs}
    assert resque.stats.get("processed") == 2
    (failure,) = resque.failures.all()
    assert (failure.exception, failure.error) == ("ValueError", "no order -1")
    listed = manage("resque_failures", "list", "--json", url=resque.url)
    assert [one["id"] for one in listed.json] == [failure.id]


def test_a_scheduler_has_the_project_and_the_options_of_the_command(resque: Resque, tmp_path: Path) -> None:
    """A mistake in the file is told; a good one is stored, and a job of the project fires."""
    file = tmp_path / "schedule.yml"
    file.write_text("a: {cron: '61 * * * *'}\n", encoding="utf-8")
    refused = manage("resque_scheduler", "--schedule", str(file), url=resque.url)
    assert refused.code == 2
    assert "line 1: a: cron: '61 * * * *': Bad minute" in refused.err
    job = "tests.django.site.shop.jobs.send_receipt"
    file.write_text(f"a: {{every: 1s, class: {job}, args: [1]}}\n", encoding="utf-8")
    environ = preloaded.surroundings() | {"RESQUE_URL": resque.url, "PYTHONPATH": str(ROOT)}
    words = ("resque_scheduler", "--schedule", str(file))
    scheduler = preloaded.start(
        manage_command.manage, *words, env=environ, folder=ROOT, output=tmp_path / "said"
    )
    try:
        limit = time.monotonic() + 60
        while not any(resque.queue_sizes().values()) and time.monotonic() < limit:
            time.sleep(0.05)
    finally:
        scheduler.terminate()
    assert preloaded.exit_code(scheduler, 60) == 0, (tmp_path / "said").read_text()
    (queue,) = resque.queues()
    assert resque.peek(queue)[0].name == job


@override_settings(
    RESQUE={
        "default": {
            "MAX_FAILURES": 9,
            "MAX_FAILURE_AGE": timedelta(days=1),
            "FAILURE_BACKEND": ["redis", "logging"],
        }
    }
)
def test_workers_keep_failures_as_the_settings_say() -> None:
    words = resque_work.Command().arguments(["--queues=*"], "default")
    assert words[2:] == [
        "--max-failures=9",
        "--max-failure-age=86400.0",
        "--failure-backend=logging",
        "--queues=*",
    ]
    assert make_resque("default").keeping == Keeping(most=9, age=86_400.0)


def test_info_says_that_the_settings_named_the_store(
    file_resque: Resque, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("resque_info", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["source"], said["queues"]) == ("Django's settings", 0)


def test_an_alias_chooses_the_store_and_an_option_overrules_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stores = {name: {"URL": f"sqlite:///{tmp_path}/{name}", "NAMESPACE": name} for name in ("default", "eu")}
    with override_settings(RESQUE=stores):
        call_command("resque_info", "--json", alias="eu")
        call_command("resque_info", "--json", "--namespace=own", alias="eu")
    eu, own = capsys.readouterr().out.split("\n}\n")[:2]
    assert "/eu" in eu
    assert '"namespace": "eu"' in eu
    assert '"namespace": "own"' in own


def test_code_calls_a_command_with_options_by_name_and_hears_what_it_says(file_resque: Resque) -> None:
    send_receipt.enqueue(1)
    call_command("resque_work", queues="*", burst=True, verbosity=0, timeout=["9", "mail=5"], url=None)
    assert file_resque.stats.get("processed") == 1
    out, complaints = StringIO(), StringIO()
    call_command("resque_info", json=True, stdout=out)
    assert json.loads(out.getvalue())["processed"] == 1
    with pytest.raises(CommandError, match="exit code 2"):
        call_command("resque_failures", "retry", stderr=complaints)
    assert "--all" in complaints.getvalue()
    with pytest.raises(TypeError, match="queus"):
        call_command("resque_work", queus="*")


def test_djangos_verbosity_is_the_level_of_the_log(file_resque: Resque) -> None:
    send_receipt.enqueue(-1)
    quiet = manage("resque_work", "--queues=*", "--burst", "-v", "0", url=file_resque.url)
    assert (" WARNING failed: " in quiet.err, " INFO " in quiet.err) == (True, False)
    loud = manage("resque_work", "--queues=*", "--burst", "-v2", url=file_resque.url)
    assert " DEBUG " in loud.err


def test_a_failing_command_says_so(file_resque: Resque) -> None:
    with pytest.raises(CommandError, match="exit code 1"):
        call_command("resque_failures", "show", "nosuch")
    assert manage_itself("resque_failures", "show", "nosuch", url=file_resque.url).code == 1
    done = manage("resque_work", "--queues=*", "--burst", "--alias=nosuch", url=file_resque.url)
    assert (done.code, "no Resque with the alias 'nosuch'" in done.err) == (2, True)


def test_help_is_that_of_the_command_and_names_what_is_special_here() -> None:
    out = StringIO()
    call_command("resque_failures", "list", "--help", stdout=out)
    for said in ("--alias", "resque_failures list", "--exception"):
        assert said in out.getvalue()
