"""`Claim`: what a unique job holds, so that no second one of its kind is enqueued."""

from dataclasses import dataclass
from typing import Literal, get_args

#: What ends a claim: the job is begun, it has ended, or time has passed.
Until = Literal["start", "done", "expiry"]
UNTILS: tuple[Until, ...] = get_args(Until)


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that one job holds at a time. The store keeps it with the job, under the job's id."""

    key: str
    until: Until
    #: With `until="expiry"`: how long it is held, by the store's clock.
    seconds: float = 0.0
