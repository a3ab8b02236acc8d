"""How a `Resque` is told to keep failures: read from its arguments, and checked."""

from collections.abc import Sequence
from datetime import timedelta

from resque_core.keeping import MULTI_QUEUE, Keeping
from resque_core.work_settings import check_setting


def chosen_keeping(
    failure_backends: Sequence[str] = (),
    max_failures: int | None = None,
    max_failure_age: float | timedelta | None = None,
) -> Keeping:
    """What these settings mean. An age is in seconds, unless it is a `timedelta`.

    :raises SettingsError: one of them cannot be used.
    """
    if isinstance(max_failure_age, timedelta):
        max_failure_age = max_failure_age.total_seconds()
    check_setting("max_failures", max_failures, "max_failures")
    check_setting("max_failure_age", max_failure_age, "max_failure_age")
    return Keeping(apart=MULTI_QUEUE in failure_backends, most=max_failures, age=max_failure_age)
