"""What a runner tells the worker about a job that it ran."""

from dataclasses import dataclass

#: Ruby's name for the end of a job whose process died before it said what became of the job.
DIRTY_EXIT = "DirtyExit"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a job failed, as plain text: it crosses process borders."""

    exception: str
    error: str
    backtrace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """What a retry policy says of a job that failed."""

    #: The job's text from now on.
    payload: bytes
    queue: str
    #: Seconds until the next attempt; None: no attempt is left.
    delay: float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A job came to its end under this token."""

    token: str
    #: None: it ran to the end, or a hook chose not to perform it.
    problem: Problem | None = None
    #: Set when the job was never begun: it goes back to its queue and nothing is counted.
    refused: str | None = None
    #: Whether the worker ended it, to hand it back or to drop it.
    killed: bool = False
    #: The job's name and how many seconds it took, if the runner knows.
    name: str = ""
    seconds: float = 0.0
    #: What its retry policy says, if it failed and has one.
    again: Again | None = None
    #: What it returned, as JSON; empty if nobody wants to know. After a `!`: why that cannot be kept.
    result: str = ""
    #: Whether it ended because somebody had cancelled it.
    cancelled: bool = False
