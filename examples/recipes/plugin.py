"""A plugin: hooks that several jobs share. Each job may set the plugin up its own way.

The hooks carry the plugin's name, so that two plugins never collide; `lint_plugin` checks that.
"""

import time
from collections.abc import Iterator
from typing import Any, ClassVar

from resque_core import DontPerform, current_job, job, lint_plugin


class Budget:
    """Skips jobs whose customer has used up a budget of seconds, and counts what each job uses."""

    limit: ClassVar[float] = 60.0
    used: ClassVar[dict[str, float]] = {}
    #: What happened, for whoever looks.
    notes: ClassVar[list[str]] = []

    @classmethod
    def before_perform_budget(cls, customer: str, *_args: Any) -> None:
        """In the child, before the job. DontPerform skips it quietly."""
        if cls.used.get(customer, 0.0) >= cls.limit:
            cls.notes.append(f"{customer} has nothing left")
            raise DontPerform

    @classmethod
    def around_perform_budget(cls, customer: str, *_args: Any) -> Iterator[None]:
        """In the child, around the job, which runs at the yield."""
        started = time.monotonic()
        try:
            yield
        finally:
            cls.used[customer] = cls.used.get(customer, 0.0) + time.monotonic() - started

    @classmethod
    def on_failure_budget(cls, error: BaseException, customer: str, *_args: Any) -> None:
        """In the child, or in the app process if the child died."""
        running = current_job()
        cls.notes.append(f"{running.name if running else '?'} of {customer}: {type(error).__name__}")


class TightBudget(Budget):
    """The same plugin, set up another way."""

    limit = 0.0


lint_plugin(Budget)


@job(queue="exports", name="recipes.export", plugins=[Budget])
def export(customer: str, rows: int) -> None:
    """A job with the plugin."""
    if rows < 0:
        raise ValueError(rows)
    Budget.notes.append(f"exported {rows} rows for {customer}")


@job(queue="exports", name="recipes.preview", plugins=[TightBudget])
def preview(customer: str) -> None:
    """A job with a budget of nothing: it is always skipped."""
    Budget.notes.append(f"previewed for {customer}")
