"""The job child: waits for one job, performs it, says what became of it, leaves by `os._exit`."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from socket import SocketType
from typing import Any, NoReturn

from resque_core.codec import decode_job
from resque_core.errors import JobCancelled, JobInterrupt
from resque_core.job import Entry, Job
from resque_core.performer import Performer
from resque_core.process.at_exit import AtExit
from resque_core.process.frames import Channel, ChannelClosed, Frame, text_frame
from resque_core.process.interrupts import Interrupts
from resque_core.process.parent_death import die_with_parent
from resque_core.process.results import limit_frame, result_frame
from resque_core.process.signals import reset_handlers
from resque_core.process.streams import flush_streams
from resque_core.process.title import processing, set_title
from resque_core.tracker import Tracker, say_nothing
from resque_core.worker_hooks import WorkerHooks


@dataclass(frozen=True, slots=True)
class Role:
    """What each child of an app process is born with."""

    #: The app process, and what tells of its end.
    parent: int
    lifeline: int
    #: Descriptors that are its parent's alone: whoever holds a copy keeps the other end waiting.
    private: tuple[int, ...]
    #: The signals that its parent has handlers for.
    handled: tuple[int, ...]
    performer: Performer
    interrupts: Interrupts
    hooks: WorkerHooks
    work: Callable[["Role", Channel], None]
    #: What can be done before there is a job.
    rehearse: Callable[[], None]
    #: Whether `atexit` functions are to run.
    at_exit: bool
    #: The handlers of the logging module, and those of them that keep no line back.
    log_handlers: list[Any]
    prompt_handlers: list[Any]


def run_child(role: Role, keepers: Sequence[int], sock: SocketType) -> NoReturn:
    """Be a job child until its work is done; never returns, whatever a job does."""
    try:
        live(role, keepers, sock)
    except ChannelClosed:
        pass
    finally:
        os._exit(0)


def live(role: Role, keepers: Sequence[int], sock: SocketType) -> None:
    """Wait for a job, and work. If none comes at once (the socket has a limit for that), rehearse.

    :raises ChannelClosed: the keeper is gone.
    """
    channel = Channel(sock)
    settle_in(role, keepers)
    if not channel.hears():
        role.rehearse()
        set_title(f"Child of {role.parent}, standing by")
    role.work(role, channel)


def settle_in(role: Role, keepers: Sequence[int]) -> None:
    """Be a process of its own: without what is its parent's or its keeper's, and not outliving them.

    It leads its own process group, so that what a job starts can be ended with it.
    """
    close_inherited(*keepers, *role.private)
    reset_handlers(role.handled)
    role.interrupts.adopt()
    os.setpgid(0, 0)
    die_with_parent(role.parent, role.lifeline)


def work_one(role: Role, channel: Channel) -> None:
    """Perform one job and say what became of it.

    A process that the *job* forks and lets fall through to here must not speak for the job.
    """
    pid = os.getpid()
    result = perform_one(role, channel, role.hooks)
    leave(role)
    if os.getpid() == pid:
        tell(channel, result)


def work_several(role: Role, channel: Channel) -> None:
    """Perform job after job, until the keeper lets go of this child."""
    pid = os.getpid()
    hooks: WorkerHooks | None = role.hooks
    try:
        while os.getpid() == pid:
            result, hooks = perform_one(role, channel, hooks), None
            flush_streams()
            if os.getpid() == pid:
                tell(channel, result)
    finally:
        leave(role)


def leave(role: Role) -> None:
    """After the last job: what was written must not die with the buffers."""
    if role.at_exit:
        AtExit.run()
    flush_streams()
    if role.log_handlers != role.prompt_handlers:
        _leave_logging(role.log_handlers)


def tell(channel: Channel, result: Frame) -> None:
    """Say to the keeper what became of the job: from then on it is the keeper's to settle.

    :raises ChannelClosed: the keeper is gone.
    """
    channel.send(result)


def perform_one(role: Role, channel: Channel, hooks: WorkerHooks | None) -> Frame:
    """Wait for a job, perform it, after the `after_fork` hooks of these, and return the word to send."""
    performer, interrupts = role.performer, role.interrupts
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
            if hooks is not None:
                _run_after_fork(hooks, performer, job)
            tracker = Tracker(job, _words_to(channel) if job.track else say_nothing, interrupts.was_asked)
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


def _run_after_fork(hooks: WorkerHooks, performer: Performer, job: Job) -> None:
    """Run the `after_fork` hooks. One that raises fails the job, before any hook of the job itself."""
    try:
        hooks.run("after_fork", job)
    except BaseException as error:
        performer.run_failure_hooks(job, error)
        raise


def job_frame(entry: Entry) -> Frame:
    """The job as the keeper hands it to a child."""
    head = text_frame("job", entry.id, entry.queue)
    return Frame(head.kind, (*head.parts, entry.payload))


def read_job(frame: Frame) -> Entry:
    """The job in a frame of `job_frame`."""
    _, (job_id, queue, payload) = frame
    return Entry(job_id.decode("utf-8", "surrogatepass"), queue.decode("utf-8", "surrogatepass"), payload)


def close_inherited(*descriptors: int) -> None:
    """Close what belongs to other processes."""
    for descriptor in descriptors:
        try:  # noqa: SIM105 - as in flush_streams
            os.close(descriptor)
        except OSError:
            pass


def _leave_logging(handlers: list[Any]) -> None:
    """What the job logged must not die with the buffers; and closed streams are not our problem."""
    try:  # noqa: SIM105 - as in flush_streams
        logging.shutdown(handlers)
    except Exception:  # noqa: S110
        pass
