"""The fixtures for projects, in a run of pytest as a project has it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: A project's tests: its settings name a store that nobody may touch.
TESTS = '''
import pytest

import django_resque
from django.conf import settings
from resque_core import Resque
from tests.django.site.shop.jobs import anywhere, send_receipt


def test_captured(captured_jobs):
    send_receipt.enqueue(7)
    assert [job.args for job in captured_jobs] == [(7,)]


def test_inline(inline_jobs):
    with pytest.raises(ValueError, match="no order -1"):
        send_receipt.enqueue(-1)


@pytest.mark.parametrize("run", [1, 2])
def test_stored(resque, run):
    """Each test has a store of its own, and other settings stay."""
    assert resque.size("default") == 0
    anywhere.enqueue()
    assert django_resque.resque.size("default") == 1
    assert resque.url.startswith("sqlite:")
    assert settings.RESQUE["default"]["MAX_PAYLOAD"] == 999
    assert django_resque.resques["eu"].size("default") == 0
'''
SETTINGS = """
from tests.django.site.settings import *

nobody = "redis://127.0.0.1:1/0"
RESQUE = {"default": {"URL": nobody, "MAX_PAYLOAD": 999}, "eu": {"URL": nobody, "NAMESPACE": "eu"}}
"""


def test_a_project_captures_runs_and_stores_jobs_by_fixtures(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "its_settings.py").write_text(SETTINGS)
    (tmp_path / "conftest.py").write_text(
        'import django\n\ndjango.setup()\npytest_plugins = ["django_resque.pytest_plugin"]\n'
    )
    paths = os.pathsep.join([str(ROOT), str(tmp_path)])
    environ = os.environ | {"PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": "its_settings"}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "-c", os.devnull],
        cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "4 passed" in ran.stdout, ran.stdout + ran.stderr
