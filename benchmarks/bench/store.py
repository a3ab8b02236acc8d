"""`Store`: a place for jobs that the benchmark has to itself."""

from collections.abc import Callable, Mapping
from typing import Protocol


class Store(Protocol):
    """A running server, or a folder for files."""

    #: As in `--backends`.
    name: str
    #: Whose version that is which.
    title: str
    url: str

    @property
    def floors(self) -> Mapping[str, Callable[[int], float]]:
        """The cheapest things that a job cannot do without there, by their names.

        Each says how many of so many there are in a second, one after the other, by the driver that we use.
        """
        ...

    def commands(self) -> Mapping[str, float]:
        """How often each command was called since the server started, and under `ROUND_TRIPS` the requests.

        Empty where there is no server.
        """
        ...

    def close(self) -> None:
        """Let go what the measuring itself has open."""
        ...


#: The floor of a job's whole way through a worker, where another one is that of a step.
WHOLE_WAY = "findAndModify and delete"
#: Requests of clients, each of which waited for an answer.
ROUND_TRIPS = "round trips"
