"""`Rehearsal`: what a child does with a job, done with one that does nothing, to have it ready for the first.

*Before the first fork*, a hundred times: Python counts how often code runs, and rewrites what runs often (PEP
659). Whatever is left to count or to rewrite, each child does anew, in a copy of its own of each page that
it touches: a fifth of what it costs.

*In each child*, once, if it stands by for longer than a moment: so the pages that a job will write to are its
own when the job comes. Copying them is what takes a child the longest, and now nobody waits for it. Where job
follows job there is no time for that: what a child rehearses there is done in the time of others.
"""

import logging
import socket

from resque_core.clock import utc_now
from resque_core.codec import encode_job
from resque_core.definition import Definition
from resque_core.failpoints import uncounted
from resque_core.job import Entry, Job
from resque_core.performer import Performer
from resque_core.process.child import job_frame, perform_one
from resque_core.process.frames import Channel, Frame, encode_frame
from resque_core.process.interrupts import Interrupts
from resque_core.process.streams import flush_streams
from resque_core.registry import Registry

#: The interpreter is done with code that has run some dozens of times.
TIMES = 100

NAME = "rehearsal"


class Rehearsal:
    """A stage of its own: a registry that has one job, which does nothing."""

    def __init__(self) -> None:
        registry = Registry()
        registry.add(Definition(name=NAME, target=_nothing))
        self._performer, self._interrupts = Performer(registry), Interrupts()
        payload = encode_job(Job(queue=NAME, name=NAME, id=NAME, enqueued_at=utc_now()))
        self._stage = _Stage(job_frame(Entry(NAME, NAME, payload)))

    def play(self, times: int = 1) -> None:
        """Do what a child does, so many times; a hundred take a hundredth of a second."""
        with uncounted():
            for _ in range(times):
                self._stage.send(perform_one(self._stage, self._performer, self._interrupts))
                flush_streams()
                logging.shutdown([])


class _Stage(Channel):
    """A channel without a socket: the same job comes each time, and nobody hears what became of it.

    A pair of sockets would cost each child dozens of pages.
    """

    def __init__(self, job: Frame) -> None:
        # One that is closed: it is not used.
        with socket.socket() as sock:
            super().__init__(sock)
        self._job = encode_frame(job)

    def _receive_some(self, most: int, flags: int) -> bytes:  # noqa: ARG002 - the job has few bytes
        return self._job

    def _write_some(self, rest: memoryview) -> int:
        return len(rest)


def _nothing() -> None:
    """The job."""
