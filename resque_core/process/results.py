"""How a process says what became of a job, and how the keeper reads it."""

from typing import NamedTuple

from resque_core.clock import from_epoch
from resque_core.failure import Failure
from resque_core.outcome import Again, Problem
from resque_core.process.frames import ChannelBroken, Frame, text_frame
from resque_core.time_limits import is_limit
from resque_core.tracker import LONGEST_WORD

#: Bytes of a job's text. An app process that is busy must find room for a report beside all else.
LONGEST_REPORTED = 32 * 1024


class Result(NamedTuple):
    """What a child said of its job."""

    name: str
    seconds: float
    #: None: it ran to its end.
    problem: Problem | None = None
    #: Whether it was interrupted to be handed back, and let that end it.
    handed_back: bool = False
    #: What its retry policy says, if it failed and has one.
    again: Again | None = None
    #: What it returned, as JSON, if that is to be kept.
    returned: str = ""
    #: Whether it ended because somebody had cancelled it.
    cancelled: bool = False


def problem_texts(problem: Problem) -> tuple[str, str, str]:
    """A problem as texts of a frame; its lines have no line break in them."""
    return problem.exception, problem.error, "\n".join(problem.backtrace)


def problem_of(exception: str, error: str, backtrace: str) -> Problem:
    """The problem that these texts say."""
    return Problem(exception, error, tuple(backtrace.split("\n")) if backtrace else ())


def result_frame(
    name: str,
    seconds: float,
    verdict: tuple[Problem, Again | None] | None = None,
    *,
    handed_back: bool = False,
    returned: str = "",
    cancelled: bool = False,
) -> Frame:
    """What became of a job; no verdict means that it ran to its end, or was cancelled."""
    if verdict is None:
        kind = "cancelled" if cancelled else "done"
        return text_frame(kind, name, str(seconds), *([returned] if returned else []))
    problem, again = verdict
    kind = "returned" if handed_back else "failed"
    return text_frame(kind, name, str(seconds), *problem_texts(problem), *again_texts(again))


def again_texts(again: Again | None) -> tuple[str, ...]:
    """What a retry policy said, as texts of a frame; none if it said nothing."""
    if again is None:
        return ()
    return "" if again.delay is None else str(again.delay), again.queue, again.payload.decode()


def again_of(*texts: str) -> Again | None:
    """What these texts say of a retry."""
    if not texts:
        return None
    delay, queue, payload = texts
    return Again(payload.encode(), queue, float(delay) if delay else None)


def limit_frame(seconds: float) -> Frame:
    """How long the job may run, which only the process knows that has its code."""
    return text_frame("limit", str(seconds))


def read_limit(frame: Frame) -> float:
    """The time limit that a child told.

    :raises ChannelBroken: the frame says none.
    """
    try:
        (limit,) = map(float, frame.texts())
    except ValueError as error:
        raise ChannelBroken(f"a time limit that is none: {error}") from error
    if not is_limit(limit):
        raise ChannelBroken(f"a time limit of {limit} seconds")
    return limit


def read_word(frame: Frame) -> str:
    """What a job says of itself, as JSON.

    :raises ChannelBroken: it says nothing, or too much.
    """
    word = "".join(frame.texts())
    if not 0 < len(word) <= LONGEST_WORD:
        raise ChannelBroken(f"a word of {len(word)} characters")
    return word


def read_result(frame: Frame) -> Result:
    """The result that a child told.

    :raises ChannelBroken: the frame is no result.
    """
    try:
        name, seconds, *problem = frame.texts()
        if frame.kind == "done" and len(problem) <= 1:
            return Result(name, float(seconds), returned="".join(problem))
        if frame.kind == "cancelled" and not problem:
            return Result(name, float(seconds), cancelled=True)
        if frame.kind in ("failed", "returned"):
            said, again = problem_of(*problem[:3]), again_of(*problem[3:])
            return Result(name, float(seconds), said, frame.kind == "returned", again)
    except (ValueError, TypeError) as error:
        raise ChannelBroken(f"a result that is none: {error}") from error
    raise ChannelBroken(f"a message that is no result: {frame.kind[:40]!r}")


def report_frame(failure: Failure) -> Frame | None:
    """A failure that the store has, for those who are told of it; None if its job is too long for that."""
    if len(failure.payload) > LONGEST_REPORTED:
        return None
    problem = problem_texts(Problem(failure.exception, failure.error, failure.backtrace))
    names = (failure.id, failure.job_id, failure.queue, failure.name, failure.worker)
    head = text_frame("report", *names, str(failure.failed_at.timestamp()), *problem)
    return Frame(head.kind, (*head.parts, failure.payload))


def read_report(frame: Frame) -> Failure:
    """The failure in a frame of `report_frame`."""
    failure_id, job_id, queue, name, worker, moment, *problem = Frame(frame.kind, frame.parts[:-1]).texts()
    told = problem_of(*problem)
    return Failure(
        id=failure_id,
        job_id=job_id,
        queue=queue,
        name=name,
        payload=frame.parts[-1],
        exception=told.exception,
        error=told.error,
        backtrace=told.backtrace,
        worker=worker,
        failed_at=from_epoch(float(moment)),
    )
