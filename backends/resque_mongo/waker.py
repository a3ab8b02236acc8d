"""`MongoWaker`: waits for a word of this machine's switchboard, and runs that if nobody does."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from resque_core.errors import StorageError
from resque_mongo import forks
from resque_mongo.changes import Changes
from resque_mongo.hints import NEW, hint_of
from resque_mongo.lines import Line
from resque_mongo.meeting_place import MeetingPlace
from resque_mongo.switchboard import LISTENING, WOKEN, Switchboard

#: Queues that are waited for at most. Further ones are found by looking.
MOST_QUEUES = 1000
#: Seconds after which to ask again who runs it, while that changes; and until there should be an answer.
RETRY, PATIENCE = 0.05, 5.0


class MongoWaker:
    """`Waker` on a replica set or a sharded cluster. Of the workers on a machine a job wakes one."""

    def __init__(self, place: MeetingPlace, watch: Callable[[], Changes]) -> None:
        self._place = place
        self._watch = watch
        self._line: Line | None = None
        self._board: Switchboard | None = None
        self._number = 0
        self._wish: Sequence[int] = ()
        #: When the answer is overdue, infinite once it is there; None: this does not listen.
        self._due: float | None = None
        self._asked = False
        forks.watch(self)

    def listen(self, queues: Sequence[str], seconds: float, *, discover: bool = False) -> None:  # noqa: ARG002
        """Begin to wait: until `stop`, or a hint."""
        self._number += 1
        self._wish = [*map(hint_of, queues[:MOST_QUEUES]), *([NEW] if discover else [])]
        self._begin()

    def fileno(self) -> int:
        """The connection's to the switchboard, while it waits for an answer of that."""
        return self._line.fileno() if self._line and self._asked and self._due is not None else -1

    def left(self) -> float:
        """Seconds until the answer is overdue, or until there may be somebody to ask."""
        if self._due is None:
            return math.inf
        left = max(0.0, self._due - time.monotonic())
        return left if self._asked else min(RETRY, left)

    def heard(self) -> bool:
        """Whether there was a hint. Where the switchboard has ended, another is asked."""
        if self._due is None:
            return False
        if not self._asked:
            self._refuse_silence()
            self._ask()
            return False
        try:
            said = self._line.hear() if self._line else ()
        except OSError:
            self._hang_up()
            self._begin()
            return False
        return self._is_woken(said)

    def stop(self) -> None:
        """Wait no more; a hint that is on its way goes to somebody else."""
        if self._line and self._asked and self._due is not None:
            with suppress(OSError):
                self._line.say(self._number, None)
        self._due = None

    def close(self) -> None:
        """Hang up, and end the switchboard if it is ours."""
        self._due = None
        self._hang_up()
        if self._board:
            self._board.close()
            self._board = None

    def forget(self) -> None:
        """Begin anew in a forked child: the connection is its parent's, and must end with that."""
        self._due = self._board = None
        self._hang_up()

    def _begin(self) -> None:
        self._due = time.monotonic() + PATIENCE
        self._asked = False
        self._ask()

    def _ask(self) -> None:
        try:
            try:
                self._say_what_is_wished()
            except ConnectionError:
                # It has ended since the last time.
                self._hang_up()
                self._say_what_is_wished()
        except OSError as error:
            raise StorageError(
                f"{self._place.location}: idle workers on this machine cannot meet: {error}."
            ) from error

    def _say_what_is_wished(self) -> None:
        self._line = self._line or self._find()
        if self._line:
            self._line.say(self._number, self._wish)
            self._asked = True

    def _find(self) -> Line | None:
        """A line to the switchboard, which is ours if there is none. None: another is about to begin."""
        connected = self._place.visit()
        if connected is None and (door := self._place.open()):
            self._board = Switchboard(self._place, door, self._watch)
            connected = self._place.visit()
        return Line(connected) if connected else None

    def _is_woken(self, said: Sequence[tuple[int, str]]) -> bool:
        for number, word in said:
            if number != self._number:
                continue
            if word == WOKEN:
                self._due = None
                return True
            if word != LISTENING:
                raise StorageError(word)
            self._due = math.inf
        self._refuse_silence()
        return False

    def _refuse_silence(self) -> None:
        if self._due is not None and time.monotonic() >= self._due:
            raise StorageError(
                f"{self._place.location}: the worker that hears of jobs for all on this machine is silent."
            )

    def _hang_up(self) -> None:
        if self._line:
            self._line.close()
            self._line = None
