"""The job child: waits for one job, performs it, says what became of it, leaves by `os._exit`."""

import contextlib
import logging
import os
import time
from collections.abc import Iterable
from typing import NoReturn

from resque_core.codec import decode_job
from resque_core.failing import describe
from resque_core.job import Entry
from resque_core.outcome import Problem
from resque_core.performer import Performer
from resque_core.process.frames import Channel, ChannelClosed, Frame
from resque_core.process.parent_death import die_with_parent
from resque_core.process.streams import flush_streams
from resque_core.process.title import set_title


def run_child(channel: Channel, performer: Performer, parent: int, lifeline: int) -> NoReturn:
    """Be a job child until the job is done; never returns, whatever the job does.

    It leads its own process group, so that what the job starts can be ended with it. A process
    that the *job* forks and lets fall through to here must not speak for the job.
    """
    pid = os.getpid()
    try:
        os.setpgid(0, 0)
        die_with_parent(parent, lifeline)
        frame = channel.receive()
        result = _perform(frame, performer)
        _flush()
        if os.getpid() == pid:
            channel.send(result)
    except ChannelClosed:
        pass
    finally:
        os._exit(0)


def close_inherited(descriptors: Iterable[int]) -> None:
    """Close what belongs to the app process: whoever holds a copy keeps the other end waiting."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _perform(frame: Frame, performer: Performer) -> Frame:
    entry = Entry(frame.head["id"], frame.head["queue"], frame.body)
    started = time.monotonic()
    name = ""
    problem = None
    try:
        job = decode_job(entry)
        name = job.name
        set_title(f"Processing {job.queue} since {int(time.time())} [{name}]")
        performer.perform(job)
    except BaseException as error:
        problem = describe(error)
    return result_frame(frame.head["token"], problem, name=name, seconds=time.monotonic() - started)


def result_frame(token: str, problem: Problem | None, **more: object) -> Frame:
    """What became of the job under `token`; no problem means that it ran to its end."""
    if problem is None:
        return Frame("done", {"token": token, **more})
    reason = {"exception": problem.exception, "error": problem.error, "backtrace": list(problem.backtrace)}
    return Frame("failed", {"token": token, **more, **reason})


def _flush() -> None:
    """What the job wrote must not die with the buffers; and closed streams are not our problem."""
    flush_streams()
    with contextlib.suppress(Exception):
        logging.shutdown()
