"""`Watched`: which calls of the store a worker makes, and what becomes of it when a reply is lost."""

from collections.abc import Callable
from typing import Any

from resque_core.errors import StorageError
from resque_core.records import Reservation
from resque_core.storage import Jobs


class Watched:
    """The transitions of a store, each noted; the reply to one may be lost once it was taken."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.calls: list[str] = []
        #: How many jobs each reservation brought.
        self.brought: list[int] = []
        self.to_lose: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            answer = getattr(self._jobs, name)(*arguments, **options)
            self.calls.append(name)
            if isinstance(answer, Reservation) and name != "narrow":
                self.brought.append(1 + len(answer.bundle))
            if name in self.to_lose:
                self.to_lose.remove(name)
                raise StorageError("the reply is lost")
            return answer

        return call
