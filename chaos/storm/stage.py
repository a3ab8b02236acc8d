"""`Stage`: the store of a storm: its servers, what can befall them, and a look at it by the plain driver."""

import json
from dataclasses import dataclass, field
from typing import Protocol


@dataclass
class Contents:
    """What is in the store, read without a line of ours."""

    waiting: int = 0
    running: int = 0
    #: The payloads in the failed store.
    failed: list[bytes] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)
    #: What should not be there once all work is done and all workers are gone.
    leftovers: list[str] = field(default_factory=list)


class Stage(Protocol):
    """The store of one storm."""

    @property
    def url(self) -> str:
        """What a `Resque` takes."""
        ...

    @property
    def server(self) -> str:
        """What it is, for the report."""
        ...

    def befall(self, turn: int) -> str:
        """Do the next bad thing to it; what that was. It is over when this returns."""
        ...

    def poison(self, queue: str, payload: bytes) -> None:
        """Put bytes that are no job on a queue, as a stranger would."""
        ...

    def look(self) -> Contents:
        """What is in it."""
        ...

    def close(self) -> None:
        """End its servers, and remove what they hold."""
        ...


def number_of(payload: bytes) -> int | None:
    """The number of the storm's job with this payload; None for bytes that are no job of it."""
    try:
        return int(json.loads(payload)["args"][0])
    except (ValueError, KeyError, TypeError, IndexError):
        return None
