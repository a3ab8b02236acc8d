"""`Group`: a number of workers on the same queues, and how each of them works."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from resque_core.errors import SettingsError
from resque_core.work_settings import MAX_COUNT

#: What a group's mapping must say, and what it may say besides: settings of each of its workers.
WORKERS = "workers"


@dataclass(frozen=True, slots=True)
class Group:
    """`queues` is the key as written, and the group's identity: `a,b` is not `b,a` (spec pool §2.2)."""

    queues: str
    workers: int
    #: Fields of `WorkerOptions` that differ from the pool's own.
    options: Mapping[str, Any] = field(default_factory=dict)

    def of_size(self, workers: int) -> "Group":
        """The same group with another number of workers."""
        return replace(self, workers=workers)


#: The groups of a pool, by their key.
Groups = Mapping[str, Group]


def check_count(value: object, where: str) -> int:
    """A number of workers that can be meant.

    :raises SettingsError: it is negative, absurd, or no whole number.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT:
        return value
    shown = f"{value!a:.80}" if isinstance(value, int | float | str) else f"a {type(value).__name__}"
    raise SettingsError(
        f"{where}: {shown} is not a number of workers. Write a whole number from 0 to {MAX_COUNT}."
    )
