"""What `@job(cron=…, every=…)` says: the recurring entry of a job, which is called like it."""

from collections.abc import Sequence
from datetime import timedelta

from resque_core.errors import RegistrationError, SettingsError
from resque_core.schedule_entry import ScheduleEntry, read_entry

#: What belongs to a job that has one of the two.
_MORE = ("timezone", "catch_up", "overlap", "environment")


def entry_of(
    name: str, cron: str | None, every: float | timedelta | str | None, said: Sequence[object]
) -> ScheduleEntry | None:
    """The entry of the job with this name, by its options; None if it is not recurring.

    :raises RegistrationError: a value cannot be used, or belongs to a recurring job only.
    """
    more = {key: value for key, value in zip(_MORE, said, strict=True) if value is not None}
    if cron is not None and every is not None:
        raise RegistrationError("A job has cron=… or every=…, not both.")
    if cron is None and every is None:
        if more:
            raise RegistrationError(
                f"{next(iter(more))} says something of recurring jobs: give cron or every."
            )
        return None
    when = {"every": every} if cron is None else {"cron": cron}
    try:
        return read_entry(name, {**when, **more})
    except SettingsError as error:
        raise RegistrationError(f"@job: {error}") from None
