"""Describes what a job raised, safely and in bounded space, and makes a `Failure` of it."""

import builtins
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from resque_core.clock import utc_now
from resque_core.codec import decode_leniently
from resque_core.failure import Failure
from resque_core.ids import new_id
from resque_core.outcome import Problem
from resque_core.records import Reservation

MAX_ERROR = 64 * 1024
MAX_BACKTRACE = 256 * 1024
MAX_LINES = 500
MAX_LINE = 8 * 1024
#: Characters of an exception's name.
MAX_NAME = 255

_OUR_FILES = str(Path(__file__).parent) + "/"


def describe(error: BaseException) -> Problem:
    """The name, message and backtrace of an exception. Never raises, however broken the exception is."""
    name = exception_name(error)
    return Problem(
        exception=name,
        error=_bounded(exception_message(error), MAX_ERROR),
        backtrace=tuple(_capped(_backtrace(error))),
    )


def failure_of(
    reservation: Reservation,
    problem: Problem,
    payload: bytes | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> Failure:
    """The failure to store for a reserved job that ended so. `payload` is its text, if that is a new one."""
    entry = reservation.entry
    return Failure(
        id=new_id(),
        job_id=entry.id,
        queue=entry.queue,
        name=decode_leniently(entry).name,
        payload=payload or entry.payload,
        exception=problem.exception,
        error=problem.error,
        backtrace=problem.backtrace,
        worker=reservation.worker,
        failed_at=clock(),
    )


def exception_name(error: BaseException) -> str:
    """`ValueError` and `UnknownJobClass` as they are; others with their module: `app.errors.Refused`.

    A name that somebody made out of data is cut.
    """
    kind = type(error)
    module = str(kind.__module__)
    if module == builtins.__name__ or module.partition(".")[0] == __name__.partition(".")[0]:
        return kind.__qualname__[:MAX_NAME]
    return f"{module}.{kind.__qualname__}"[:MAX_NAME]


def exception_message(error: BaseException) -> str:
    """What the exception says; its name when it says nothing. Never raises."""
    try:
        return str(error) or exception_name(error)
    except BaseException:  # whatever it raises, even SystemExit, is no reason to die here
        return f"<the message of {exception_name(error)} cannot be read>"


def _backtrace(error: BaseException) -> list[str]:
    try:
        told = traceback.TracebackException.from_exception(error, limit=-MAX_LINES)
        _drop_our_frames(told)
        text = "".join(told.format())
    except BaseException:  # as above
        return [f"<the backtrace of {exception_name(error)} cannot be read>"]
    return text.rstrip("\n").split("\n")


def _drop_our_frames(told: traceback.TracebackException) -> None:
    """Begin where the job's own code begins, in the causes and parts of the exception too."""
    pending = [told]
    while pending:
        each = pending.pop()
        ours = sum(1 for _ in takewhile(_is_ours, each.stack))
        del each.stack[:ours]
        parts = (each.__cause__, each.__context__, *(getattr(each, "exceptions", None) or ()))
        pending += [part for part in parts if part is not None]


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(_OUR_FILES)


def _capped(lines: Iterable[str]) -> list[str]:
    """The lines, or where they are too many the first and the last of them."""
    every = [_bounded(line, MAX_LINE) for line in lines]
    head = list(_fitting(every, MAX_LINES, MAX_BACKTRACE))
    if len(head) == len(every):
        return every
    head = list(_fitting(every, MAX_LINES // 2 - 1, MAX_BACKTRACE // 2 - 64))
    tail = list(_fitting(reversed(every), MAX_LINES // 2, MAX_BACKTRACE // 2 - 64))
    left_out = len(every) - len(head) - len(tail)
    return [*head, f"  … {left_out} lines left out …", *reversed(tail)]


def _fitting(lines: Iterable[str], count: int, room: int) -> Iterator[str]:
    for line, _ in zip(lines, range(count), strict=False):
        room -= len(line.encode()) + 1
        if room < 0:
            return
        yield line


def _bounded(text: str, limit: int) -> str:
    """`text` in at most so many bytes of UTF-8; a lone surrogate is written as an escape."""
    raw = text[: limit + 1].encode(errors="backslashreplace")
    return raw.decode() if len(raw) <= limit else f"{raw[: limit - 3].decode(errors='ignore')}…"
