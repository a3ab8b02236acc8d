"""`Rehearsal`: what a child does with a job, done with one that does nothing, to have it ready for the first.

*Before the first fork*, a hundred times: Python counts how often code runs, and rewrites what runs often for
the types that it met (PEP 659). Whatever is left to count, to rewrite or to look up by its name, each child
does anew, in a copy of its own of each page that it touches: a fifth of what it costs. What is run is moved
together at that, to fewer pages.

*In each child*, once, if it stands by for longer than a moment: so the pages that a job will write to are its
own when the job comes. Copying them is what takes a child the longest, and now nobody waits for it. Where job
follows job there is no time for that: what a child rehearses there is done in the time of others.
"""

import logging
import os
import threading
from collections.abc import Callable
from functools import partial
from socket import SocketType
from typing import cast

from resque_core.clock import utc_now
from resque_core.codec import encode_job
from resque_core.definition import Definition
from resque_core.failpoints import uncounted
from resque_core.job import Entry, Job
from resque_core.performer import Performer
from resque_core.process.child import Role, job_frame, live, work_one
from resque_core.process.frames import Channel, channel_pair, encode_frame
from resque_core.process.gathering import gather
from resque_core.process.interrupts import Interrupts
from resque_core.registry import Registry
from resque_core.worker_hooks import WorkerHooks

#: The interpreter is done with code that has run some dozens of times.
TIMES = 100

NAME = "rehearsal"

#: Names of Python's own, of 3.11 to 3.13. Where there are none, a child does this for the first time.
_FIRST: list[Callable[[], None]] = [
    *filter(None, [vars(threading).get("_after_fork")]),
    *filter(None, [vars(logging).get("_after_at_fork_child_reinit_locks")]),
]


class Rehearsal:
    """A stage of its own: a registry that has one job, which does nothing."""

    def __init__(self, parent: int, lifeline: int) -> None:
        registry = Registry()
        registry.add(Definition(name=NAME, target=_nothing))
        payload = encode_job(Job(queue=NAME, name=NAME, id=NAME, enqueued_at=utc_now()))
        self._job = job_frame(Entry(NAME, NAME, payload))
        self._script = _Script(encode_frame(self._job))
        self._role = Role(
            parent,
            lifeline,
            private=(),
            handled=(),
            performer=Performer(registry),
            interrupts=Interrupts(),
            hooks=WorkerHooks(),
            work=work_one,
            rehearse=self.play,
            at_exit=False,
            log_handlers=[],
            prompt_handlers=[],
        )

    def warm_up(self) -> None:
        """In the app process: live as a child does, a hundred times, which takes hundredths of a second.

        Over a real channel: code is rewritten for the very types that it is run with.
        """
        keepers, theirs = channel_pair()
        with uncounted():
            self._live(keepers, theirs)
            gather(partial(self._live, keepers, theirs), __name__.partition(".")[0])
            for _ in range(TIMES):
                self._live(keepers, theirs)
        keepers.close()
        theirs.close()

    def _live(self, keepers: Channel, theirs: Channel) -> None:
        begin_anew()
        keepers.send(self._job)
        live(self._role, [os.dup(0)], theirs.sock)
        keepers.receive()

    def play(self) -> None:
        """In a child: do what it does with a job."""
        with uncounted():
            work_one(self._role, Channel(cast(SocketType, self._script)))


class _Script:
    """In place of a socket: the same job comes each time, and nobody hears what became of it.

    A pair of sockets would cost each child dozens of pages.
    """

    def __init__(self, job: bytes) -> None:
        self._job = job

    def recv(self, most: int, flags: int) -> bytes:  # noqa: ARG002 - the job has few bytes
        """The job."""
        return self._job

    def send(self, rest: memoryview, flags: int) -> int:  # noqa: ARG002 - nobody listens
        """All of it is sent."""
        return len(rest)


def begin_anew() -> None:
    """Do again what Python itself does first in a process that was forked.

    In one that has no second thread that changes nothing: it lets go of locks that one might have held.
    """
    if threading.active_count() > 1:
        return
    for again in _FIRST:
        again()


def _nothing() -> None:
    """The job."""
