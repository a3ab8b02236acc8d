"""What can be seen of a storm that does not come to rest: who holds which job, and what its processes do."""

import contextlib
import os
import time

from faults.victims import family_of, state_of

from resque_core import Resque, StorageError
from storm.crew import WHERE, Crew

#: How much of the logs is shown: what their ends say.
LAST = 2_000


def look(crew: Crew, resque: Resque) -> list[str]:
    """One line for each thing that is seen."""
    return [*_held(resque), *_processes(crew), *_said(crew)]


def _held(resque: Resque) -> list[str]:
    try:
        return [
            f"{it.id} is {it.state}, its lease ends in {it.lease_left:.1f} s, and it holds {it.reservation}"
            for it in resque.workers()
        ]
    except StorageError as error:
        return [f"the store does not answer: {error}"]


def _processes(crew: Crew) -> list[str]:
    pids = [(worker.pid, pid) for worker in crew.workers for pid in family_of(worker.pid)]
    for _, pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, WHERE)
    return [f"process {pid} of worker {worker} is {state_of(pid) or 'gone'}" for worker, pid in pids]


def _said(crew: Crew) -> list[str]:
    # They need a moment to write where they are, and nothing tells when they have.
    time.sleep(1)
    return [f"worker {number} ends with:\n{text[-LAST:]}" for number, text in crew.logs().items() if text]
