"""`ForkRunner`: the keeper's side of forking. It runs jobs in children of the app process."""

import contextlib
import math
import os
import signal
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

from resque_core.display import one_line
from resque_core.errors import WorkerError
from resque_core.outcome import DIRTY_EXIT, Ended, Problem
from resque_core.process.app_process import Birth, run_app_process
from resque_core.process.endings import collect, ending_message, has_ended
from resque_core.process.frames import MAX_RESULT, Channel, ChannelBroken, ChannelClosed, Frame, channel_pair
from resque_core.process.streams import flush_streams
from resque_core.records import Reservation
from resque_core.timers import Every

#: Seconds that an app process gets to end a child before it is ended itself.
KILL_PATIENCE = 5.0

#: Seconds that an app process gets to leave by itself when the worker ends.
CLOSE_PATIENCE = 2.0


class ForkRunner:
    """Runs each job in a child of its own.

    `patience` is how many seconds the app process may leave a message unread before it counts as dead:
    the process that beats must never wait for one that runs user code.
    """

    def __init__(self, load: Callable[[], None], patience: float) -> None:
        self.jobs: tuple[str, ...] | None = None
        self._load = load
        self._patience = patience
        self._pid = 0
        self._channel: Channel | None = None
        self._token: str | None = None
        self._ends: deque[Ended] = deque()
        self._dead: str | None = None
        self._kill_by: Every | None = None
        self._lifeline = -1

    def launch(self, close_in_child: Callable[[], None]) -> None:
        """Fork the app process. The caller has no storage open."""
        ours, theirs = channel_pair()
        ours.cap = MAX_RESULT
        ours.patience = self._patience
        read_end, self._lifeline = os.pipe()
        keeper = os.getpid()
        flush_streams()
        self._pid = os.fork()
        if self._pid == 0:
            close_in_child()
            self._become_app_process(Birth(keeper, read_end, theirs, self._load), ours)
        os.close(read_end)
        theirs.close()
        self._channel = ours

    def fileno(self) -> int:
        """Readable when the app process has something to say; -1 once it is gone."""
        return self._channel.fileno() if self._channel else -1

    def start(self, reservation: Reservation) -> None:
        """Hand the job to the app process."""
        self._token = reservation.token
        entry = reservation.entry
        head = {"token": reservation.token, "id": entry.id, "queue": entry.queue}
        self._send(Frame("job", head, entry.payload))

    def ended(self) -> Ended | None:
        """The next end of a job that was not told yet."""
        self._listen()
        if self._kill_by and self._kill_by.due() and self._token:
            self._bury("did not end its child in time")
        return self._ends.popleft() if self._ends else None

    def kill(self) -> None:
        """End the running job's process group; its `ended` follows."""
        self._kill_by = Every(KILL_PATIENCE)
        self._kill_by.restart()
        self._send(Frame("kill"))

    @property
    def dead(self) -> str | None:
        """Why the app process cannot run jobs any more; None while it can."""
        return self._dead

    def left(self) -> float:
        """Seconds until patience with a kill is over; infinite when none was asked for."""
        return self._kill_by.left() if self._kill_by else math.inf

    def close(self) -> None:
        """Let the app process go, and wait for its end."""
        if self._channel:
            self._channel.close()
            self._channel = None
            # One that is still loading does not listen, and has nothing to finish.
            _wait_until(lambda: has_ended(self._pid), CLOSE_PATIENCE if self.jobs is not None else 0.0)
            self._end_app_process()

    def _become_app_process(self, birth: Birth, keepers_end: Channel) -> NoReturn:
        keepers_end.close()
        os.close(self._lifeline)
        run_app_process(birth)

    def _send(self, frame: Frame) -> None:
        try:
            if self._channel:
                self._channel.send(frame)
        except ChannelClosed as error:
            self._bury(f"does not listen any more: {error}")

    def _listen(self) -> None:
        try:
            while self._channel and (frame := self._channel.poll()):
                self._take_down(frame)
        except ChannelClosed:
            self._bury("is gone")
        except ChannelBroken as error:
            self._bury(f"sent {error}")

    def _take_down(self, frame: Frame) -> None:
        if frame.kind == "loaded":
            self.jobs = tuple(frame.head["jobs"])
        elif frame.kind == "unloadable":
            raise WorkerError(_unloadable(frame.head))
        else:
            if frame.head["token"] == self._token:
                self._token = self._kill_by = None
            self._ends.append(_end(frame))

    def _bury(self, what: str) -> None:
        """The app process is of no use any more: end it, and the job that it had."""
        if self._channel is None:
            return
        self._channel.close()
        self._channel = None
        message = ending_message("App process", self._pid, self._end_app_process())
        self._dead = f"The app process {self._pid} {what}. {message}. This worker ends."
        if self._token:
            self._ends.append(Ended(self._token, Problem(DIRTY_EXIT, message)))
        # Nothing is left to be patient with: a deadline that has passed would keep the worker from sleeping.
        self._token = self._kill_by = None

    def _end_app_process(self) -> int:
        # Its children go with it: each has asked to die with the process that forked it.
        os.close(self._lifeline)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        return collect(self._pid)


def _wait_until(condition: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.005)


def _end(frame: Frame) -> Ended:
    head: dict[str, Any] = frame.head
    if frame.kind == "refused":
        return Ended(head["token"], refused=head["reason"])
    if frame.kind == "failed":
        problem = Problem(head["exception"], head["error"], tuple(head["backtrace"]))
        return Ended(head["token"], problem)
    return Ended(head["token"], name=head["name"], seconds=head["seconds"])


def _unloadable(head: dict[str, Any]) -> str:
    last = "\n".join(one_line(line, 500) for line in head["backtrace"][-12:])
    return f"The jobs could not be loaded: {one_line(head['reason'], 1000)}\n{last}".rstrip()
