"""`Switchboard`: one change stream for all workers on this machine, and who of them is woken.

The first worker that waits runs it, in two threads: one hears which workers wait, the other reads the change
stream as long as any does. It ends with that worker; the others notice, and one of them runs the next.

A worker says `[NUMBER, [HINT, …]]` to wait for these, `[NUMBER, null]` to wait no more; the switchboard
`[NUMBER, "listening"]`, and then `[NUMBER, "woken"]`, or `[NUMBER, REASON]` if it cannot go on.
"""

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock, Thread

from resque_mongo import forks
from resque_mongo.changes import Changes, tell
from resque_mongo.errors import DRIVER_ERRORS, explain
from resque_mongo.hints import Hints
from resque_mongo.lines import Line
from resque_mongo.meeting_place import MeetingPlace

LISTENING, WOKEN = "listening", "woken"
#: Seconds for which the change stream goes on while nobody waits: many a job is short.
LINGER = 5.0


class Switchboard:
    """Runs from the beginning on, until `close`. `watch` opens the change stream, which waits."""

    def __init__(self, place: MeetingPlace, door: socket.socket, watch: Callable[[], Changes]) -> None:
        self._place = place
        self._door = door
        self._watch = watch
        #: Held by the thread that changes anything below.
        self._lock = Lock()
        self._hints: Hints[Line] = Hints(self._wake)
        self._lines: set[Line] = set()
        self._watching = self._closed = False
        self._waited_at = 0.0
        self._bell, self._ear = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for awaited in (self._door, self._ear):
            self._selector.register(awaited, selectors.EVENT_READ)
        forks.watch(self)
        Thread(target=self._hear, name="resque switchboard", daemon=True).start()

    def close(self) -> None:
        """Make room for another. The threads end by themselves, one with the next answer of the server."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._place.close()
                self._bell.close()

    def forget(self) -> None:
        """Let go of everything in a forked child, which has none of the threads: it is all the parent's."""
        self._closed = True
        self._place.forget()
        self._hang_up()

    def _hear(self) -> None:
        try:
            while not self._closed:
                for key, _ in self._selector.select():
                    self._serve(key.fileobj)
        finally:
            self.close()
            self._hang_up()

    def _hang_up(self) -> None:
        self._selector.close()
        for end in (self._door, self._bell, self._ear):
            end.close()
        for line in self._lines:
            line.close()

    def _serve(self, ready: object) -> None:
        if ready is self._door:
            self._let_in()
        elif isinstance(ready, Line):
            with self._lock:
                self._answer(ready)

    def _let_in(self) -> None:
        with suppress(OSError), self._lock:
            connected, _ = self._door.accept()
            line = Line(connected)
            self._selector.register(line, selectors.EVENT_READ)
            self._lines.add(line)

    def _answer(self, line: Line) -> None:
        try:
            for number, wish in line.hear():
                self._note(line, number, wish)
        except (OSError, ValueError, TypeError):
            self._selector.unregister(line)
            self._lines.discard(line)
            line.close()
            self._hints.leave(line)

    def _note(self, line: Line, number: int, wish: Sequence[int] | None) -> None:
        if wish is None:
            self._hints.leave(line)
            return
        is_new, line.number = not line.number, number
        line.say(number, LISTENING)
        self._hints.wait(line, wish)
        if not self._watching:
            self._watching = True
            Thread(target=self._see, name="resque changes", daemon=True).start()
        elif is_new:
            # What came between its look and this may have been told to a switchboard that is no more.
            self._hints.rouse(line)

    def _wake(self, line: Line) -> None:
        # If it has gone, that is heard too, and the hint goes to another.
        with suppress(OSError):
            line.say(line.number, WOKEN)

    def _see(self) -> None:
        try:
            changes = self._watch()
            with self._lock:
                self._waited_at = time.monotonic()
                # What came before it was open, nobody has told.
                self._hints.give_all()
            while self._is_wanted():
                if change := changes.next():
                    with self._lock:
                        tell(change, self._hints)
            changes.close()
        except Exception as error:  # Whatever it is: who waits must not rely on this any more.
            self._give_up(error)

    def _is_wanted(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if self._hints.anybody_waits:
                self._waited_at = now
            self._watching = not self._closed and now < self._waited_at + LINGER
            return self._watching

    def _give_up(self, error: Exception) -> None:
        reason = str(explain(error, self._place.location) if isinstance(error, DRIVER_ERRORS) else error)
        with self._lock:
            for line in self._lines:
                with suppress(OSError):
                    line.say(line.number, reason)
        self.close()
