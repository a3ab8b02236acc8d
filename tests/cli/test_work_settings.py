"""`WorkSettings`: what a worker may be told."""

from dataclasses import replace
from typing import Any

import pytest

from resque_core.errors import SettingsError
from resque_core.work_settings import WorkSettings, check_setting

GOOD = WorkSettings(url="sqlite:///jobs.sqlite3", queues=("mail",))


@pytest.mark.parametrize(
    "change",
    [
        {"lease": 0.0},
        {"lease": -1.0},
        {"lease": float("nan")},
        {"lease": float("inf")},
        {"lease": 86_401.0},
        {"interval": -0.1},
        {"sweep": 0.0},
        {"grace": -1.0},
        {"max_rescues": -1},
        {"count": 0},
        {"count": 1001},
        {"on_worker_death": "retry"},
        {"log_level": "INFO"},
        {"url": " "},
        {"namespace": ""},
        {"pidfile": ""},
        {"setup": ""},
        {"setup": 5},
        {"lease": "30"},
        {"interval": True},
        {"max_rescues": 1.5},
        {"count": True},
        {"require": "shop.jobs"},
        {"require": (1,)},
        {"burst": 1},
        {"fork": None},
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"^{next(iter(change))}: "):
        replace(GOOD, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"interval": 0.0},
        {"grace": 0.0},
        {"lease": 0.001},
        {"lease": 86_400.0},
        {"max_rescues": 0},
        {"count": 1},
        {"count": 1000},
        {"pidfile": None},
        {"setup": None},
        {"queues": ("!slow", "*")},
    ],
)
def test_the_outermost_values_are_good(change: dict[str, Any]) -> None:
    settings = replace(GOOD, **change)
    assert {name: getattr(settings, name) for name in change} == change


@pytest.mark.parametrize("queues", [(), ("",), ("!slow",)])
def test_a_worker_needs_a_queue_as_in_ruby(queues: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match=r"Please give each worker at least one queue\."):
        replace(GOOD, queues=queues)


def test_a_refusal_says_where_the_value_was_written() -> None:
    with pytest.raises(SettingsError, match=r"^COUNT: 0 cannot be used\. Give a whole number"):
        check_setting("count", 0, "COUNT")
