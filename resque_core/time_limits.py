"""Time limits of jobs as a worker is told them: one for all, or one for each queue."""

from collections.abc import Iterable, Mapping
from typing import Any

#: Seconds; or a mapping of queue names to seconds, in which `*` stands for the others. None: no limit.
TimeLimits = float | Mapping[str, float] | None

#: A job that may run for longer needs no limit: nobody waits for its end.
LONGEST = 30 * 86_400.0


def limit_of(limits: TimeLimits, queue: str) -> float | None:
    """How many seconds a job of this queue may run."""
    return limits.get(queue, limits.get("*")) if isinstance(limits, Mapping) else limits


def problem_with(value: Any) -> str | None:
    """Why these cannot be time limits; None if they can."""
    if value is None:
        return None
    given = value.items() if isinstance(value, Mapping) else [("", value)]
    for queue, seconds in given:
        if not isinstance(queue, str) or not is_limit(seconds):
            of_queue = f" of {queue!a:.80}" if queue else ""
            return (
                f"{seconds!a:.80}{of_queue} cannot be a time limit. "
                f"Give seconds, more than 0 and at most {LONGEST:.0f} (30 days)."
            )
    return None


def is_limit(value: object) -> bool:
    """Whether this can be the time limit of a job."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= LONGEST


def read_limits(texts: Iterable[str]) -> TimeLimits:
    """What `60`, `reports=3600` on a command line say together. What is no number stays text: no limit."""
    limits: dict[str, Any] = {}
    for text in texts:
        queue, _, seconds = text.rpartition("=")
        limits[queue or "*"] = _number(seconds)
    return limits["*"] if limits.keys() == {"*"} else limits


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
