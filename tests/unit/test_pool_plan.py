"""Which groups a pool is to have: as its loader says, and as it was told meanwhile."""

import logging
from typing import Any

import pytest

from resque_core.pool.loaders import CodeLoader
from resque_core.pool.plan import Plan


class Source:
    """A loader that says what it is given, or raises it."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __call__(self, _environment: str | None) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def plan_of(answer: Any) -> tuple[Plan, Source]:
    source = Source(answer)
    plan = Plan(CodeLoader(source), None)
    plan.read()
    return plan, source


def counts(plan: Plan) -> dict[str, int]:
    return {name: group.workers for name, group in plan.groups.items()}


def test_what_was_told_meanwhile_counts_over_the_loader_until_the_next_refresh() -> None:
    plan, source = plan_of({"mail": 2, "slow": {"workers": 1, "interval": 9}})
    assert plan.scale("slow", 4)
    source.answer = {"mail": 3, "slow": {"workers": 2, "interval": 9}}
    assert plan.reload()
    assert counts(plan) == {"mail": 3, "slow": 4}
    assert plan.groups["slow"].options == {"interval": 9}
    assert plan.configured["slow"].workers == 2
    assert plan.refresh()
    assert counts(plan) == {"mail": 3, "slow": 2}


def test_a_group_that_there_is_not_is_not_made_by_a_number() -> None:
    plan, source = plan_of({"mail": 2})
    assert plan.scale("mail ", 4) is False
    assert plan.scale("mail", 5)
    source.answer = {"slow": 1}
    plan.reload()
    assert counts(plan) == {"slow": 1}


@pytest.mark.parametrize("broken", [ValueError("no database"), {"mail": -1}], ids=["raises", "nonsense"])
def test_while_the_loader_cannot_say_all_stays_and_the_reason_is_logged_once(
    broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    plan, source = plan_of({"mail": 2})
    plan.scale("mail", 5)
    source.answer = broken
    with caplog.at_level(logging.ERROR, "resque.pool"):
        assert not plan.reload()
        assert not plan.reload()
        assert len(caplog.records) == 1
        assert "The pool stays as it is: " in caplog.text
        assert not plan.refresh()
    assert len(caplog.records) == 2
    assert counts(plan) == {"mail": 5}
    source.answer = {"mail": 1}
    assert plan.reload()
    assert counts(plan) == {"mail": 5}
