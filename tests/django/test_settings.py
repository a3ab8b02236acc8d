"""What the settings may say, and what each of them means."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.checks import Error, run_checks
from django.test import override_settings

from django_resque import resque, resques
from django_resque.checks import check_settings, check_stores
from django_resque.monitor.options import DEFAULTS
from resque_core.storage import Storage
from resque_sqlite import open_storage
from tests.django.site.shop.jobs import anywhere


def opened(url: str, namespace: str) -> Storage:
    """A backend of the project's own."""
    return open_storage(url.replace("mine:", "sqlite:"), namespace)


@pytest.mark.parametrize(
    ("backend", "url"),
    [("redis", "redis://localhost:6379/0"), ("mongo", "mongodb://localhost:27017/resque")],
)
def test_a_backend_alone_means_its_server_on_this_machine(backend: str, url: str) -> None:
    with override_settings(RESQUE_BACKEND=backend):
        assert resque.url == url
        assert check_settings() == []


@pytest.mark.parametrize("backend", [{"RESQUE_BACKEND": "sqlite"}, {}], ids=["sqlite", "nothing"])
def test_sqlite_and_nothing_at_all_mean_a_file_of_the_project(
    backend: dict[str, str], tmp_path: Path
) -> None:
    with override_settings(BASE_DIR=tmp_path, **backend):
        resque.enqueue_to("q", "Job")
        assert (tmp_path / "resque.sqlite3").exists()


def test_a_job_without_a_queue_goes_to_default(file_resque: object) -> None:
    anywhere.enqueue()
    assert resque.queue_sizes() == {"default": 1}


def test_the_environment_names_the_store_only_where_the_settings_say_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RESQUE_URL", "sqlite:////elsewhere.sqlite3")
    with override_settings(RESQUE_BACKEND="redis"):
        assert resque.url == "redis://localhost:6379/0"
    with override_settings(RESQUE_BACKEND=None):
        assert resque.url == "sqlite:////elsewhere.sqlite3"


def test_aliases_are_stores_of_their_own(tmp_path: Path) -> None:
    stores: dict[str, dict[str, Any]] = {
        "default": {"BACKEND": "sqlite", "URL": f"sqlite:///{tmp_path}/a", "DEFAULT_QUEUE": "low"},
        "eu": {"URL": f"sqlite:///{tmp_path}/b", "NAMESPACE": "eu", "INLINE": True},
    }
    with override_settings(RESQUE=stores):
        anywhere.enqueue()
        assert resques["default"].queue_sizes() == {"low": 1}
        assert [*resques] == ["default", "eu"]
        assert (resques["eu"].namespace, resques["eu"].inline) == ("eu", True)


def test_a_dotted_path_opens_the_store(tmp_path: Path) -> None:
    with override_settings(RESQUE_BACKEND=f"{__name__}.opened", RESQUE_URL=f"mine:///{tmp_path}/own"):
        assert check_settings() == []
        resque.enqueue_to("q", "Job")
    assert (tmp_path / "own").exists()


@pytest.mark.parametrize(
    ("settings", "number", "message", "hint"),
    [
        ({"RESQUE_BACKEND": "mongodb"}, "E001", "no backend 'mongodb'", "did you mean 'mongo'?"),
        ({"RESQUE_BACKEND": "no.such.module"}, "E001", "cannot be imported", "dotted path"),
        ({"RESQUE_BACKEND": "django.db.models", "RESQUE_URL": "x://"}, "E001", "is a module", "dotted path"),
        ({"RESQUE_BACKEND": ["redis"]}, "E001", "no backend \"['redis']\"", "dotted path"),
        (
            {"RESQUE": {"default": {}}, "RESQUE_URL": "sqlite://"},
            "E002",
            "Both RESQUE and",
            "RESQUE['default']",
        ),
        ({"RESQUE": {"URL": "sqlite://"}}, "E002", "not a dictionary of stores", "'URL': …"),
        ({"RESQUE": {"eu": {}}}, "E002", "no 'default'", "Name one"),
        ({"RESQUE": {"default": {"URI": "x"}}}, "E003", "unknown key 'URI'", "Did you mean URL?"),
        ({"RESQUE": {"default": {"ON_COMMIT": "nosuch"}}}, "E003", "ON_COMMIT is 'nosuch'", "default, other"),
        ({"RESQUE": {"default": {"INLINE": "yes"}}}, "E003", "INLINE is 'yes'", "True or False"),
        ({"RESQUE_URL": "nonsense"}, "E004", "no scheme", "Correct"),
        ({"RESQUE_URL": 42}, "E004", "the URL is a int", "text"),
        ({"RESQUE_URL": "redis://host:port/0"}, "E004", "cannot be used", "RESQUE_URL"),
        ({"RESQUE_URL": "nosuch://host"}, "E004", "No backend is installed for nosuch://", "RESQUE_URL"),
        ({"RESQUE_BACKEND": "sqlite", "BASE_DIR": None}, "E004", "BASE_DIR", "Set it"),
        ({"RESQUE_BACKEND": f"{__name__}.opened"}, "E004", "needs a URL", "RESQUE_URL"),
        (
            {"RESQUE_BACKEND": "redis", "RESQUE_URL": "sqlite:///x"},
            "E006",
            "begins with sqlite://",
            "redis://",
        ),
        ({"RESQUE": {"default": {"DEFAULT_QUEUE": ""}}}, "E003", "default_queue", "RESQUE['default']"),
        ({"RESQUE": {"default": {"MAX_FAILURES": "no"}}}, "E003", "max_failures", "RESQUE['default']"),
        ({"RESQUE_MONITOR": {"READ_ONLI": True}}, "E008", "unknown key 'READ_ONLI'", "mean READ_ONLY?"),
        ({"RESQUE_MONITOR": ["READ_ONLY"]}, "E008", "not a dictionary", "Write RESQUE_MONITOR = {"),
        ({"RESQUE_MONITOR": {"READ_ONLY": "no"}}, "E008", "['READ_ONLY'] is 'no'", "True or False"),
        ({"RESQUE_MONITOR": {"REDACT": "token"}}, "E008", "['REDACT']", "a list of regular expressions"),
        ({"RESQUE_MONITOR": {"REDACT": ["("]}}, "E008", "['REDACT']", "a list of regular expressions"),
        ({"RESQUE_MONITOR": {"BULK_LIMIT": 2.5}}, "E008", "['BULK_LIMIT'] is 2.5", "a whole number"),
        ({"RESQUE_MONITOR": {"SEARCH_SECONDS": -1}}, "E008", "['SEARCH_SECONDS'] is -1", "0 or more"),
        ({"RESQUE_MONITOR": {"METRICS_TOKEN": 5}}, "E008", "['METRICS_TOKEN'] is 5", "as text"),
        ({"RESQUE_MONITOR": {"CAN": "shop.rules.can"}}, "E008", "['CAN']", "a function"),
    ],
)
def test_settings_that_cannot_be_used_are_an_error_with_the_way_out(
    settings: dict[str, Any], number: str, message: str, hint: str
) -> None:
    with override_settings(**settings):
        (found,) = [one for one in run_checks() if (one.id or "").startswith("resque.")]
    assert isinstance(found, Error)
    assert found.id == f"resque.{number}"
    assert message in found.msg
    assert hint in str(found.hint)


def test_what_the_monitor_does_by_itself_may_be_said_too() -> None:
    with override_settings(RESQUE_MONITOR=dict(DEFAULTS)):
        assert run_checks(tags=["resque"]) == []


def test_a_missing_driver_is_an_error_that_says_what_to_install() -> None:
    with (
        patch("django_resque.backends.find_spec", return_value=None),
        override_settings(RESQUE_BACKEND="redis"),
    ):
        (found,) = check_settings()
    assert (found.id, found.hint) == ("resque.E005", 'Install it: pip install "resque-core[redis]".')


def test_whether_a_store_answers_is_asked_for_deployments_only() -> None:
    with override_settings(RESQUE_URL="redis://127.0.0.1:1/0"):
        assert [one.id for one in run_checks() if (one.id or "").startswith("resque.")] == []
        (found,) = check_stores()
    assert found.id == "resque.W001"
    assert "127.0.0.1:1" in found.msg
