"""Tasks of Django's kind, and a job beside them."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from resque_core import job

try:
    from django.tasks import task
except ImportError:
    from django_tasks import task


@job(queue="mail")
def remind(order: int) -> None:
    """Do nothing."""


@task(queue_name="mail")
def add(one: int, other: int = 1) -> int:
    """The sum."""
    return one + other


@task
async def fails(reason: str) -> None:
    """Fail, after a moment."""
    await asyncio.sleep(0)
    raise ValueError(reason)


@task
def double_dictionary(key: Any) -> dict[Any, Any]:
    """As in Django's documentation."""
    return {key: key * 2}


@task
def moment() -> object:
    """What JSON cannot carry."""
    return datetime.now(UTC)


@task(takes_context=True)
def attempts(context: Any, expected: int) -> None:
    """Find out which attempt this is."""
    assert context.attempt == expected
    assert context.task_result.args == [expected]
