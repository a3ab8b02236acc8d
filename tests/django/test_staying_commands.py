"""The commands of manage.py that stay until they are told to end: the pool and the monitor."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from resque_core import Resque
from tests.django.site.shop.jobs import anywhere, send_receipt

ROOT = Path(__file__).parents[2]
SECONDS = 60.0
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(file_resque: Resque, tmp_path: Path) -> Iterator[Start]:
    """Starts a command of manage.py on the store of the test."""
    started: list[subprocess.Popen[str]] = []

    def run(*words: str, settings: str = "tests.django.site.settings") -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "django", *words, "--settings", settings]
        environ = os.environ | {"RESQUE_URL": file_resque.url, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.terminate()
        process.communicate(timeout=SECONDS)


def wait_for(condition: Callable[[], Any], process: "subprocess.Popen[str]") -> Any:
    """Its first answer that says something, while the process runs."""
    limit = time.monotonic() + SECONDS
    while not (answer := condition()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.05)
    return answer


@pytest.mark.thorough
def test_a_pool_has_the_project_loaded_once_and_is_steered_from_outside(
    file_resque: Resque, start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    anywhere.enqueue()
    (queue,) = file_resque.queues()
    (tmp_path / "our.yml").write_text(f"{queue}: {{workers: 1, interval: 0.1}}\n")
    pool = start("resque_pool", "-c", "our.yml", "--appname", "shop")
    wait_for(lambda: file_resque.stats.get("processed") == 1, pool)
    assert file_resque.failures.count() == 0
    seen = wait_for(file_resque.pools, pool)
    assert [(one.app_name, one.pid) for one in seen] == [("shop", pool.pid)]
    call_command("resque_pool", "status", "--json")
    assert json.loads(capsys.readouterr().out)[0]["groups"][0]["queues"] == queue
    pool.terminate()
    assert pool.wait(SECONDS) == 0
    assert file_resque.workers() == []


PAINT = """
from pathlib import Path

from resque_core import job


@job(queue="walls")
def paint():
    with Path("walls").open("a") as walls:
        walls.write("{colour} ")
"""
SETTINGS = """
from tests.django.site.settings import *

DEBUG = True
INSTALLED_APPS = [*INSTALLED_APPS, "painting"]
"""


@pytest.mark.thorough
def test_under_debug_a_change_of_the_project_starts_workers_anew(
    file_resque: Resque, start: Start, tmp_path: Path
) -> None:
    """As runserver does; a mistake waits for the next change."""
    (tmp_path / "painting").mkdir()
    (tmp_path / "painting/__init__.py").touch()
    jobs, walls = tmp_path / "painting/jobs.py", tmp_path / "walls"
    jobs.write_text(PAINT.format(colour="red"))
    (tmp_path / "its_settings.py").write_text(SETTINGS)
    mistaken = start("resque_work", "--queus=*", settings="its_settings")
    assert mistaken.wait(SECONDS) == 2, "a change of the project does not mend the command line"
    work = start("resque_work", "--queues=*", "--interval=0.1", settings="its_settings")
    file_resque.enqueue_to("walls", "painting.jobs.paint")
    wait_for(lambda: walls.exists() and walls.read_text() == "red ", work)
    worker = file_resque.workers()[0].id
    jobs.write_text("1 / 0")
    wait_for(lambda: worker not in [it.id for it in file_resque.workers()], work)
    jobs.write_text(PAINT.format(colour="yellow"))
    file_resque.enqueue_to("walls", "painting.jobs.paint")
    # More than once, perhaps: the change may be seen only now, and the worker is replaced while it paints.
    wait_for(lambda: walls.read_text().startswith("red yellow "), work)
    work.terminate()
    assert work.wait(SECONDS) == 0
    assert file_resque.workers() == []


def test_the_monitor_knows_the_jobs_of_the_project_and_writes_to_none_of_its_tables(
    file_resque: Resque, start: Start
) -> None:
    send_receipt.enqueue(77)
    (queue,) = file_resque.queues()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = start("resque_web", "--port", str(port), "-L")
    address = f"http://127.0.0.1:{port}"
    shown = wait_for(lambda: page(f"{address}/resque/queue/{queue}/change/"), web)
    assert "order=77" in shown
    assert "resque_web" not in shown
    assert page(f"{address}/queues")
    assert page(f"{address}/static/resque/monitor.css")
    # The tables are not there at all.
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    token = opener.open(f"{address}/resque/queue/{queue}/change/").read().decode()
    token = token.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    data = f"csrfmiddlewaretoken={token}".encode()
    assert opener.open(f"{address}/resque/queue/{queue}/pause/", data).status == 200
    assert file_resque.paused() == {queue}


def page(address: str) -> str:
    """What is there; nothing while nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError:
        raise
    except OSError:
        return ""
