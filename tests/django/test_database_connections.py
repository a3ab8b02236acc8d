"""A database that has hung up is no job's problem: workers connect anew."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from servers.fleet import MissingServerError
from servers.postgres_program import PostgresProgram, find_postgres
from servers.server import Server
from servers.wanted import or_skip

from resque_core import Resque

ROOT = Path(__file__).parents[2]
IDLE = 200
SETTINGS = """
from tests.django.site.settings import *

_port = {port}
DATABASES = {{"default": {{
    "ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "resque",
    "HOST": "127.0.0.1", "PORT": _port, "CONN_MAX_AGE": None,
}}}}
INSTALLED_APPS = [*INSTALLED_APPS, "asking"]
"""
JOBS = """
import os
import time
from pathlib import Path

from django.db import connection

from resque_core import job


@job(queue="ask")
def ask():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        told = f"{os.getpid()} {cursor.fetchone()[0]} "
    with Path("told").open("a") as file:
        file.write(told)


@job(queue="ask")
def fall_silent(seconds):
    time.sleep(seconds)
"""


def _find() -> PostgresProgram:
    if find_spec("psycopg") is None:
        raise MissingServerError("psycopg is not installed: it is in the extra `soak`.")
    return PostgresProgram(find_postgres(), IDLE)


@pytest.fixture
def postgres() -> Iterator[Server]:
    """A server that ends each session that has said nothing for a moment."""
    program = or_skip(_find)
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="resque-postgres-", dir=memory if memory.is_dir() else None))
    server = Server(program, folder)
    server.start()
    yield server
    server.close()


def test_a_connection_that_the_server_has_closed_meanwhile_is_replaced_before_the_job(
    postgres: Server, file_resque: Resque, tmp_path: Path
) -> None:
    """Even one that is to be kept for ever, in a child that performs several jobs."""
    (tmp_path / "asking").mkdir()
    (tmp_path / "asking/__init__.py").touch()
    (tmp_path / "asking/jobs.py").write_text(JOBS)
    (tmp_path / "its_settings.py").write_text(SETTINGS.format(port=postgres.port))
    for name, *args in (("ask",), ("fall_silent", 5 * IDLE / 1000), ("ask",)):
        file_resque.enqueue_to("ask", f"asking.jobs.{name}", *args)
    words = ["resque_work", "--queues=*", "--burst", "--jobs-per-fork=3", "--settings", "its_settings"]
    ran = subprocess.run(
        [sys.executable, "-m", "django", *words],
        cwd=tmp_path,
        env=os.environ | {"RESQUE_URL": file_resque.url, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert file_resque.failures.all() == [], ran.stderr
    told = (tmp_path / "told").read_text().split()
    children, sessions = told[::2], told[1::2]
    assert len(set(children)) == 1
    assert len(set(sessions)) == 2
