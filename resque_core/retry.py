"""`Retry`: whether, when and where a job that failed is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from resque_core.errors import RegistrationError, RetryJob
from resque_core.queue_name import check_queue_name

Kinds = type[BaseException] | tuple[type[BaseException], ...]
_LONGEST = 366 * 86_400.0


@dataclass(frozen=True, slots=True)
class Retry:
    """What `@job(retry=…)` takes: up to `limit` more attempts, so many seconds after each failure.

    `delay` is the seconds (or a timedelta), or a list of them, one for each retry; the last one repeats.
    `backoff` is the time before the first retry and doubles from then on, up to `max_delay`. `jitter`
    lengthens each by up to this share of it. `on` and `never_on` are exceptions; with neither, every failure
    counts, `DirtyExit` and `JobTimeout` included. `queue` is where the retries wait; None: where the job was.

    :raises RegistrationError: a value cannot be used.
    """

    limit: int
    delay: float | timedelta | Sequence[float | timedelta] | None = None
    backoff: float | timedelta | None = None
    max_delay: float | timedelta = 6 * 3600.0
    jitter: float = 0.0
    on: Kinds = ()
    never_on: Kinds = ()
    queue: str | None = None

    def __post_init__(self) -> None:
        limit: object = self.limit
        jitter: object = self.jitter
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
            raise RegistrationError(f"Retry(limit={self.limit!a:.80}): give a whole number, 0 or more.")
        if self.delay is not None and self.backoff is not None:
            raise RegistrationError("Retry: give a delay or a backoff, not both.")
        if not self._delays or not all(map(_is_time, (*self._delays, self.max_delay))):
            raise RegistrationError(
                "Retry: delay, backoff and max_delay are seconds or a timedelta, from 0 to a year."
            )
        if not isinstance(jitter, int | float) or not 0 <= jitter <= 1:
            raise RegistrationError(f"Retry(jitter={self.jitter!a:.80}): give a share, from 0 to 1.")
        if not all(map(_is_exception, (*_kinds(self.on), *_kinds(self.never_on)))):
            raise RegistrationError("Retry: on and never_on take exception classes.")
        if self.queue is not None:
            check_queue_name(self.queue)

    def wants(self, error: BaseException) -> bool:
        """Whether a job that ended so may be tried again, if any attempt is left."""
        if isinstance(error, RetryJob):
            return True
        if isinstance(error, _kinds(self.never_on)):
            return False
        return not self.on or isinstance(error, _kinds(self.on))

    def seconds(self, retry: int) -> float:
        """How long to wait before the `retry`-th retry, counted from 1."""
        if self.backoff is not None:
            # Capped before it is raised to a power that no float holds.
            wait = min(_seconds(self.backoff) * 2.0 ** min(retry - 1, 64), _seconds(self.max_delay))
        else:
            wait = _seconds(self._delays[min(retry, len(self._delays)) - 1])
        return wait * (1 + self.jitter * _chance())

    @property
    def _delays(self) -> Sequence[float | timedelta]:
        if isinstance(self.delay, Sequence):
            return tuple(self.delay)
        return (self.backoff or 0.0,) if self.delay is None else (self.delay,)


def _chance() -> float:
    # Imported here: each child that is forked would seed it anew.
    from random import random

    return random()  # noqa: S311 - nobody gains by guessing it


def _kinds(kinds: Kinds) -> tuple[type[BaseException], ...]:
    return kinds if isinstance(kinds, tuple) else (kinds,)


def _is_exception(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _seconds(value: float | timedelta) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _is_time(value: object) -> bool:
    value = value.total_seconds() if isinstance(value, timedelta) else value
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LONGEST


#: For `raise RetryJob` in a job whose definition says nothing of retries.
BY_THE_JOB = Retry(3, on=RetryJob)
