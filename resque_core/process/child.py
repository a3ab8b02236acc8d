"""The job child: waits for one job, performs it, says what became of it, leaves by `os._exit`."""

import logging
import os
import time
from collections.abc import Callable
from typing import NoReturn

from resque_core.codec import decode_job
from resque_core.errors import JobCancelled, JobInterrupt
from resque_core.job import Entry, Job
from resque_core.performer import Performer
from resque_core.process.at_exit import AtExit
from resque_core.process.frames import TEXT, Channel, ChannelClosed, Frame, text_frame
from resque_core.process.interrupts import Interrupts
from resque_core.process.parent_death import die_with_parent
from resque_core.process.results import limit_frame, result_frame
from resque_core.process.streams import flush_streams
from resque_core.process.title import processing, set_title
from resque_core.tracker import Tracker
from resque_core.worker_hooks import worker_hooks

#: Seconds. Where a job comes sooner than that, the worker is busy, and what its children do beforehand
#: would be done in the time of other jobs.
HURRY = 0.02


def run_child(
    channel: Channel,
    prepare: Callable[[], None],
    work: Callable[[Channel], None],
    parent: int,
    lifeline: int,
) -> NoReturn:
    """Be a job child until its work is done; never returns, whatever a job does.

    `work` waits for a job. If none comes at once, `prepare` does what can be done before there is one.
    It leads its own process group, so that what a job starts can be ended with it.
    """
    try:
        os.setpgid(0, 0)
        die_with_parent(parent, lifeline)
        if not channel.hears_within(HURRY):
            prepare()
            set_title(f"Child of {parent}, standing by")
        work(channel)
    except ChannelClosed:
        pass
    finally:
        os._exit(0)


def work_one(channel: Channel, perform: Callable[[Channel, bool], Frame]) -> None:
    """Perform one job and say what became of it.

    A process that the *job* forks and lets fall through to here must not speak for the job.
    """
    pid = os.getpid()
    result = perform(channel, True)
    AtExit.run()
    flush_streams()
    _leave_logging()
    if os.getpid() == pid:
        tell(channel, result)


def work_several(channel: Channel, perform: Callable[[Channel, bool], Frame]) -> None:
    """Perform job after job, until the keeper lets go of this child."""
    pid, first = os.getpid(), True
    try:
        while os.getpid() == pid:
            result, first = perform(channel, first), False
            flush_streams()
            if os.getpid() == pid:
                tell(channel, result)
    finally:
        AtExit.run()
        flush_streams()
        _leave_logging()


def tell(channel: Channel, result: Frame) -> None:
    """Say to the keeper what became of the job: from then on it is the keeper's to settle.

    :raises ChannelClosed: the keeper is gone.
    """
    channel.send(result)


def perform_one(
    channel: Channel, performer: Performer, interrupts: Interrupts, *, after_fork: bool = False
) -> Frame:
    """Wait for a job, perform it, with `after_fork` after these hooks, and return the word to send of it."""
    entry = read_job(channel.receive())
    started = time.monotonic()
    name = ""
    job = verdict = None
    handed_back = cancelled = False
    returned = ""
    try:
        job = decode_job(entry)
        name = job.name
        set_title(processing(job))
        limit = performer.time_limit(name)
        if limit is not None:
            channel.send(limit_frame(limit))
        with interrupts:
            if after_fork:
                _run_after_fork(performer, job)
            tracker = Tracker(job, _words_to(channel), lambda: interrupts.asked)
            performer.perform(job, tracker)
            returned = tracker.result
    except JobCancelled:
        cancelled = True
    except BaseException as error:
        verdict = performer.verdict(job, error, wanted=not interrupts.asked)
        handed_back = isinstance(error, JobInterrupt) and error.hands_back
    seconds = time.monotonic() - started
    return result_frame(
        name, seconds, verdict, handed_back=handed_back, returned=returned, cancelled=cancelled
    )


def _words_to(channel: Channel) -> Callable[[str], None]:
    """Says to the keeper what the job says of itself. A process that the job forked has no say."""
    pid = os.getpid()

    def send(word: str) -> None:
        if os.getpid() == pid:
            channel.send(text_frame("word", word))

    return send


def _run_after_fork(performer: Performer, job: Job) -> None:
    """Run the `after_fork` hooks. One that raises fails the job, before any hook of the job itself."""
    try:
        worker_hooks.run("after_fork", job)
    except BaseException as error:
        performer.run_failure_hooks(job, error)
        raise


def job_frame(entry: Entry) -> Frame:
    """The job as the keeper hands it to a child."""
    head = text_frame("job", entry.id, entry.queue)
    return Frame(head.kind, (*head.parts, entry.payload))


def read_job(frame: Frame) -> Entry:
    """The job in a frame of `job_frame`."""
    job_id, queue, payload = frame.parts
    return Entry(str(job_id, *TEXT), str(queue, *TEXT), payload)


def close_inherited(*descriptors: int) -> None:
    """Close what belongs to the app process: whoever holds a copy keeps the other end waiting."""
    for descriptor in descriptors:
        try:  # noqa: SIM105 - as in flush_streams
            os.close(descriptor)
        except OSError:
            pass


def _leave_logging() -> None:
    """What the job logged must not die with the buffers; and closed streams are not our problem."""
    try:  # noqa: SIM105 - as in flush_streams
        logging.shutdown()
    except Exception:  # noqa: S110
        pass
