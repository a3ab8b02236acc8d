"""`Tracker`: what a running job says of itself: how far it is, whatever else, and in the end its result."""

import json
import time
from collections.abc import Callable
from typing import Any

from resque_core.arguments import MAX_DEPTH, sound
from resque_core.display import one_line
from resque_core.errors import InvalidArguments, JobCancelled
from resque_core.job import Job

#: Seconds between two words of a job that goes on. What comes sooner is told with the next, or with its end.
PACE = 0.5
#: Characters of a message; bytes of all that a job says of itself, and of its result.
LONGEST_MESSAGE = 500
LONGEST_WORD, LONGEST_RESULT = 64_000, 1_000_000


def say_nothing(_word: str) -> None:
    """For a job of which nobody wants to hear a word."""


def _never() -> bool:
    return False


class Tracker:
    """Of one job, while it is performed. `send` takes what is to be kept, as JSON; `asked`: is it to end?"""

    def __init__(
        self, job: Job, send: Callable[[str], None] = say_nothing, asked: Callable[[], bool] = _never
    ) -> None:
        self.job = job
        #: Anything of the job's that is JSON, told along with its progress.
        self.meta: dict[str, Any] = {}
        #: What it returned, as JSON; empty if nobody wants it.
        self.result = ""
        self._send = send
        self._asked = asked
        self._progress: dict[str, Any] | None = None
        self._told = ""
        self._next = 0.0

    @property
    def cancelled(self) -> bool:
        """Whether somebody wants the job to end."""
        return self._asked()

    def progress(self, number: float, total: float | None, message: str | None) -> None:
        """Say how far the job is.

        :raises JobCancelled: the job was cancelled meanwhile.
        :raises InvalidArguments: these are no numbers, or `meta` is not JSON or too long.
        """
        if self.cancelled:
            raise JobCancelled("The job was cancelled.")
        self._progress = {"n": _number(number, "n")}
        if total is not None:
            self._progress["total"] = _number(total, "total")
        if message is not None:
            self._progress["message"] = str(message)[:LONGEST_MESSAGE]
        if time.monotonic() >= self._next:
            self.tell()

    def tell(self) -> None:
        """Say what was not said yet, if the job is one that is tracked."""
        if not self.job.track or (self._progress is None and not self.meta):
            return
        word = _word(self._progress, self.meta)
        if word != self._told:
            self._told, self._next = word, time.monotonic() + PACE
            self._send(word)

    def finish(self, result: object) -> None:
        """Keep what the job returned, if it is tracked, or others follow it.

        :raises InvalidArguments: it is to be passed on, and is not JSON.
        """
        if not self.job.track and not self.job.then:
            return
        self.tell()
        self.result = _result(result)
        if self.result.startswith("!") and any(it.get("result") for it in self.job.then):
            raise InvalidArguments(f"What the job returned is for the next one, but {self.result[1:]}.")


def _number(value: object, what: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf"):
        return value
    raise InvalidArguments(f"progress({what}={value!a:.80}): give a number.")


def _word(progress: dict[str, Any] | None, meta: dict[str, Any]) -> str:
    word = _json({"progress": progress, "meta": meta})
    if word is None or len(word) > LONGEST_WORD:
        raise InvalidArguments(
            f"meta is kept as JSON of {LONGEST_WORD} characters at most, and this is not: {one_line(meta)}. "
            f"Keep the data elsewhere, and its key here."
        )
    return word


def _result(result: object) -> str:
    text = _json(result)
    if text is None:
        return _problem(f"a {type(result).__qualname__} is not JSON")
    return text if len(text) <= LONGEST_RESULT else _problem(f"its JSON has {len(text)} characters")


def _problem(reason: str) -> str:
    # No JSON value, so that nobody takes it for what the job returned.
    return f"!{one_line(reason)}"


def _json(value: object) -> str | None:
    try:
        if sound(value, MAX_DEPTH):
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        pass
    return None
