"""`Store`: a place for jobs that the benchmark has to itself."""

from collections.abc import Mapping
from typing import Protocol


class Store(Protocol):
    """A running server, or a folder for files."""

    #: As in `--backends`.
    name: str
    #: Whose version that is which.
    title: str
    url: str
    #: What its floor is called: the cheapest thing that a job cannot do without there.
    floor: str

    def floor_rate(self, count: int) -> float:
        """How many of those in a second, one after the other by one client with the driver that we use."""
        ...

    def commands(self) -> Mapping[str, float]:
        """How often each command was called since the server started, and under `ROUND_TRIPS` the requests.

        Empty where there is no server.
        """
        ...

    def close(self) -> None:
        """Let go what the measuring itself has open."""
        ...


#: Requests of clients, each of which waited for an answer.
ROUND_TRIPS = "round trips"
