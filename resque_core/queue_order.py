"""`arranged`: in which order a worker asks its queues for a job."""

from collections.abc import Sequence
from typing import Literal

QueueOrder = Literal["strict", "shuffle", "round-robin"]
ORDERS: tuple[QueueOrder, ...] = ("strict", "shuffle", "round-robin")


def arranged(queues: Sequence[str], order: str, last: str | None) -> list[str]:
    """`strict`: as listed. `shuffle`: by chance. `round-robin`: behind the last that had a job first."""
    if order == "shuffle":
        # Imported here: each child that is forked would seed it anew.
        import random

        return random.sample(queues, len(queues))
    if order == "round-robin" and last in queues:
        start = queues.index(last) + 1
        return [*queues[start:], *queues[:start]]
    return list(queues)
