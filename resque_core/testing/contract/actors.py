"""`Actor`: a process that plays a part of `actor.py`. `perform` lets several begin at once.

Actors are forked from a server that has everything imported but no store opened: a new interpreter would
take longer to import drivers than most parts take to play.
"""

import multiprocessing
import time
from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from resque_core.discovery import GROUP
from resque_core.testing.contract import actor
from resque_core.testing.contract.scenes import PATIENCE

_STAGE = multiprocessing.get_context("forkserver")
#: Seconds after which a part that has begun is taken never to end.
_LONGEST = 120.0


class Actor:
    """One process, which waits for its cue."""

    def __init__(self, url: str, namespace: str, part: str, arguments: dict[str, Any]) -> None:
        self.part = part
        _STAGE.set_forkserver_preload(_worth_importing_once())
        self._line, its_line = _STAGE.Pipe()
        self._process = _STAGE.Process(target=actor.main, args=(its_line, url, namespace, part, arguments))
        self._process.start()
        its_line.close()

    def wait_ready(self) -> None:
        """Wait until it has opened the store and looked around."""
        assert self._hear(PATIENCE) == actor.READY

    def begin(self, cue: float = 0.0) -> None:
        """Give the cue: a moment of the monotonic clock, at which all begin."""
        self._line.send(cue)

    def answer(self) -> Any:
        """Wait for the end: what it says came of its part."""
        said = self._hear(_LONGEST)
        self._process.join(PATIENCE)
        assert self._process.exitcode == 0, f"{self.part} ended with {self._process.exitcode}"
        return said

    def kill(self) -> None:
        """SIGKILL, wherever it is. Nothing happens if it has ended."""
        self._process.kill()
        self._process.join()
        self._line.close()

    def _hear(self, seconds: float) -> Any:
        assert self._line.poll(seconds), f"{self.part} said nothing within {seconds:.0f} seconds"
        try:
            return self._line.recv()
        except EOFError:
            self._process.join(PATIENCE)
            raise AssertionError(f"{self.part} died: {self._process.exitcode}") from None


def perform(actors: Sequence[Actor]) -> list[Any]:
    """Let all of them begin at once; their answers, in the order of the actors."""
    for one in actors:
        one.wait_ready()
    cue = time.monotonic() + 0.02
    for one in actors:
        one.begin(cue)
    return [one.answer() for one in actors]


@cache
def _worth_importing_once() -> list[str]:
    """The parts, and each backend's `storage` module, which brings its driver. One without is no error."""
    backends = {backend.module for backend in entry_points(group=GROUP)}
    return ["__main__", actor.__name__, *sorted(f"{module}.storage" for module in backends)]
