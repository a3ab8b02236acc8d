"""`Keeping`: how failures are kept: in one list or several, how many of them, and for how long."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What is told to the store with each failure that it is to keep; what is too much goes in that step."""

    #: In a list of each queue's own, as Ruby's redis_multi_queue does; only Redis has such lists.
    apart: bool = False
    #: Keep so many at most (of each list), and delete the oldest. None: any number.
    most: int | None = None
    #: Seconds. Delete those at the old end that failed longer ago, by the store's clock. None: never.
    age: float | None = None

    @property
    def trims(self) -> bool:
        """Whether anything is ever too much."""
        return self.most is not None or self.age is not None


KEEP_ALL = Keeping()
#: Ruby's names for the store as a failure backend: all failures in one list, or one list for each queue.
ONE_LIST, MULTI_QUEUE = "redis", "redis_multi_queue"
#: With one failure that is kept so many go at most: what is left goes with the next ones.
TRIMMED_AT_ONCE = 25
