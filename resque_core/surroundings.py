"""What every job of this process is performed inside of, besides its own hooks. For frameworks."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

Surrounding = Callable[[], AbstractContextManager[None]]

_surroundings: list[Surrounding] = []


def surround_jobs(surrounding: Surrounding) -> None:
    """Run each job, and the failure hooks of one that died, inside a `with surrounding():`."""
    if surrounding not in _surroundings:
        _surroundings.append(surrounding)


def surrounded(inner: AbstractContextManager[None]) -> AbstractContextManager[None]:
    """`inner` inside of all of them, the first outermost."""
    return _inside_all(inner) if _surroundings else inner


@contextmanager
def _inside_all(inner: AbstractContextManager[None]) -> Iterator[None]:
    with ExitStack() as stack:
        for surrounding in _surroundings:
            stack.enter_context(surrounding())
        stack.enter_context(inner)
        yield
