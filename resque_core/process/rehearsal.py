"""`rehearse`: what every child runs, run so often before the first fork that the interpreter has it ready.

Python counts how often code runs, and rewrites what runs often (PEP 659). Whatever is left to count or to
rewrite, each child does anew, in a copy of its own of each page that it touches: a fifth of what it costs.
"""

import logging

from resque_core.clock import utc_now
from resque_core.codec import encode_job
from resque_core.definition import Definition
from resque_core.job import Entry, Job
from resque_core.performer import Performer
from resque_core.process.child import job_frame, perform_one
from resque_core.process.frames import channel_pair
from resque_core.process.interrupts import Interrupts
from resque_core.process.streams import flush_streams
from resque_core.registry import Registry

#: The interpreter is done with code that has run some dozens of times.
TIMES = 100

NAME = "rehearsal"


def rehearse() -> None:
    """Do what a child does, with a job that does nothing: in all a hundredth of a second."""
    registry = Registry()
    registry.add(Definition(name=NAME, target=_nothing))
    performer, interrupts = Performer(registry), Interrupts()
    payload = encode_job(Job(queue=NAME, name=NAME, id=NAME, enqueued_at=utc_now()))
    keeper, child = channel_pair()
    for _ in range(TIMES):
        keeper.send(job_frame(Entry(NAME, NAME, payload)))
        child.send(perform_one(child, performer, interrupts))
        keeper.poll()
        flush_streams()
        logging.shutdown([])
    keeper.close()
    child.close()


def _nothing() -> None:
    """The job."""
