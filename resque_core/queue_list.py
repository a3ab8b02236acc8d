"""`QueueList`: which queues a worker serves, and in which order (Ruby's queue lists, spec §3)."""

from collections.abc import Iterable, Sequence

from resque_core.errors import NoQueueError
from resque_core.glob import Glob

_DYNAMIC = frozenset("*?{}[]")


class QueueList:
    """Queue names, globs and `!negations`, in order of priority.

    A list without globs and negations is taken as it stands. Any other is *dynamic*: each of its
    patterns, plain names included, stands for the known queues that match it, sorted.

    :raises NoQueueError: the list names no queue, or only negations.
    """

    def __init__(self, patterns: str | Iterable[str]) -> None:
        listed = patterns.split(",") if isinstance(patterns, str) else patterns
        self.patterns = tuple(pattern.strip() for pattern in listed if pattern.strip())
        self._wanted = [pattern for pattern in self.patterns if not pattern.startswith("!")]
        if not self._wanted:
            raise NoQueueError("Please give each worker at least one queue. '*' serves all of them.")
        self._globs = [Glob(pattern) for pattern in self._wanted]
        self._refused = [Glob(pattern[1:]) for pattern in self.patterns if pattern.startswith("!")]
        #: Whether the queues that it means depend on which are known.
        self.dynamic = bool(self._refused) or any(_DYNAMIC & set(pattern) for pattern in self._wanted)
        self._last: tuple[tuple[str, ...], list[str]] = ((), [])

    def resolve(self, known: Sequence[str] = ()) -> list[str]:
        """The queues to serve, first to last, given the names of all known queues."""
        if not self.dynamic:
            return list(dict.fromkeys(self._wanted))
        # A worker asks at every look, and the known names hardly ever change in between.
        if self._last[0] != tuple(known):
            self._last = (tuple(known), self._resolve(known))
        return list(self._last[1])

    def _resolve(self, known: Sequence[str]) -> list[str]:
        # Code points sort as their UTF-8 bytes do, so this is Ruby's order.
        served = sorted(name for name in known if not any(glob.matches(name) for glob in self._refused))
        return list(dict.fromkeys(name for glob in self._globs for name in served if glob.matches(name)))
