"""`Limit`: how many jobs of a kind may run at once. The store keeps count of those that do."""

from dataclasses import dataclass

#: The most that a limit may say; stores look at each job that runs within one.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """A key, and how many jobs that say it may run at a time: each takes a slot, and the others wait."""

    key: str
    most: int
