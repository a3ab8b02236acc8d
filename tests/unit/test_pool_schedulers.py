"""`scheduler: true`: which groups get a scheduler beside them, and what a bad schedule does to a pool."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from resque_core.errors import SettingsError
from resque_core.pool.group import Group
from resque_core.pool.loaders import CodeLoader, FileLoader, Throttled, loader_of
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
    # Nor does the next look, a second later, even if the schedule has been mended: HUP says when.
    file.write_text("nightly: {cron: '0 3 * * *'}\n")
    plan.reload()
    assert list(plan.configured) == ["mail"]
    assert plan.refresh()
    assert list(plan.configured) == ["mail", BESIDE]


@pytest.mark.parametrize("wrap", [lambda it: it, CodeLoader, Throttled], ids=["file", "code", "throttled"])
def test_a_file_that_was_refused_is_not_looked_at_again_before_the_next_refresh(
    tmp_path: Path, wrap: Any
) -> None:
    file = tmp_path / "resque-pool.yml"
    file.write_text("mail: 1\n")
    plan = Plan(loader_of(wrap(FileLoader(file))), None)
    plan.read()
    file.write_text("mail: many\n")
    assert not plan.refresh()
    file.write_text("mail: 3\n")
    assert not plan.reload()
    assert plan.configured["mail"].workers == 1
    assert plan.refresh()
    assert plan.configured["mail"].workers == 3


def test_a_loader_whose_reset_raises_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Fragile:
        def __call__(self, _environment: str | None) -> dict[str, int]:
            return {"mail": 1}

        def reset(self) -> None:
            raise ValueError("db gone")

    plan = Plan(CodeLoader(Fragile()), None)
    plan.read()
    assert not plan.refresh()
    assert "The pool stays as it is: ValueError: db gone" in caplog.text
    assert plan.reload()
    assert list(plan.configured) == ["mail"]


def test_what_a_scheduler_cannot_be_told_is_refused() -> None:
    with pytest.raises(SettingsError, match="scheduler_interval: 0 seconds cannot be used"):
        PoolSettings(app_name="shop", scheduler_interval=0)
