"""`scheduler: true`: which groups get a scheduler beside them, and what a bad schedule does to a pool."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from resque_core.errors import SettingsError
from resque_core.pool.group import Group
from resque_core.pool.loaders import CodeLoader
from resque_core.pool.plan import Plan
from resque_core.pool.settings import PoolSettings

BESIDE = "mail (scheduler)"


def groups_of(body: Mapping[str, Any], environment: str | None = None) -> Mapping[str, Group]:
    return CodeLoader(body)(environment)


def test_the_scheduler_is_a_group_of_one_with_the_limits_of_its_group() -> None:
    groups = groups_of({"mail": {"workers": 3, "scheduler": True, "max_age": 60}})
    assert groups["mail"].workers == 3
    assert groups[BESIDE] == Group(BESIDE, 1, {"max_age": 60}, schedules=True)


@pytest.mark.parametrize("mail", [2, {"workers": 2}, {"workers": 2, "scheduler": False}])
def test_a_group_that_does_not_say_so_has_none(mail: object) -> None:
    assert list(groups_of({"mail": mail})) == ["mail"]


def test_a_section_that_says_the_group_anew_says_anew_whether_it_has_one() -> None:
    body = {"mail": {"workers": 1, "scheduler": True}, "production": {"mail": 4}}
    assert [*groups_of(body, "production")] == ["mail"]
    assert [*groups_of(body, "test")] == ["mail", BESIDE]


@pytest.mark.parametrize("other", ["yes", 1, {}])
def test_it_is_true_or_false(other: object) -> None:
    with pytest.raises(SettingsError, match=r"mail: scheduler is .*, not true or false"):
        groups_of({"mail": {"workers": 1, "scheduler": other}})


def test_no_group_is_called_as_the_scheduler_of_another() -> None:
    with pytest.raises(SettingsError, match="what the scheduler of another group is called"):
        groups_of({"mail": {"workers": 1, "scheduler": True}, BESIDE: 1})


def test_a_bad_schedule_ends_the_start_and_changes_nothing_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "schedule.yml"
    file.write_text("nightly: {cron: '60 * * * *'}\n")
    body: dict[str, Any] = {"mail": 1}
    plan = Plan(CodeLoader(body), None, str(file))
    # Nobody reads it.
    plan.read()
    body["mail"] = {"workers": 1, "scheduler": True}
    with pytest.raises(SettingsError, match=r"schedule.yml: line 1: nightly: cron: .*Bad minute"):
        plan.read()
    assert not plan.refresh()
    assert list(plan.configured) == ["mail"]
    assert "The pool stays as it is" in caplog.text
    file.write_text("nightly: {cron: '0 3 * * *'}\n")
    assert plan.refresh()
    assert list(plan.configured) == ["mail", BESIDE]


def test_what_a_scheduler_cannot_be_told_is_refused() -> None:
    with pytest.raises(SettingsError, match="scheduler_interval: 0 seconds cannot be used"):
        PoolSettings(app_name="shop", scheduler_interval=0)
