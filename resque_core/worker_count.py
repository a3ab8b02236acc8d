"""`check_count`: a number of workers that somebody wrote, and can have meant."""

from resque_core.errors import SettingsError
from resque_core.work_settings import MAX_COUNT


def check_count(value: object, where: str) -> int:
    """The number; `where` it was written is in the message.

    :raises SettingsError: it is negative, absurd, or no whole number.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT:
        return value
    shown = f"{value!a:.80}" if isinstance(value, int | float | str) else f"a {type(value).__name__}"
    raise SettingsError(
        f"{where}: {shown} is not a number of workers. Write a whole number from 0 to {MAX_COUNT}."
    )
