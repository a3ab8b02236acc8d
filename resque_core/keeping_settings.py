"""How a `Resque` is told to keep failures: read from its arguments, and checked."""

from datetime import timedelta

from resque_core.errors import SettingsError
from resque_core.keeping import MULTI_QUEUE, ONE_LIST, Keeping
from resque_core.work_settings import check_setting


def chosen_keeping(
    failure_backend: str | None = None,
    max_failures: int | None = None,
    max_failure_age: float | timedelta | None = None,
) -> Keeping:
    """What these settings mean. An age is in seconds, unless it is a `timedelta`.

    :raises SettingsError: one of them cannot be used.
    """
    if failure_backend not in (None, ONE_LIST, MULTI_QUEUE):
        raise SettingsError(
            f"failure_backend={failure_backend!a:.80}: a Resque can be told {ONE_LIST} or {MULTI_QUEUE}. "
            f"Have others told with add_failure_backend(…), or by a worker's --failure-backend."
        )
    if isinstance(max_failure_age, timedelta):
        max_failure_age = max_failure_age.total_seconds()
    check_setting("max_failures", max_failures, "max_failures")
    check_setting("max_failure_age", max_failure_age, "max_failure_age")
    return Keeping(apart=failure_backend == MULTI_QUEUE, most=max_failures, age=max_failure_age)
