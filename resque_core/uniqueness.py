"""`Uniqueness`: which jobs count as the same, and how long one of them keeps others out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from resque_core.call_key import chosen_key, key_of_call
from resque_core.claim import Claim, Until
from resque_core.errors import RegistrationError

OnDuplicate = Literal["ignore", "raise"]

#: What `unique=` may say besides a number of seconds, and what ends the claim then.
_ENDS: Mapping[str, Until] = {"until_start": "start", "until_done": "done"}
#: What it may say, too, and means that duplicates wait instead of being kept out: see `limiting.py`.
WHILE_RUNNING = "while_running"
_LONGEST = 10 * 366 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniqueness:
    """What `@job(unique=…, unique_key=…, on_duplicate=…)` says.

    :raises RegistrationError: a value cannot be used.
    """

    unique: str | float
    unique_key: Callable[..., Any] | None = None
    on_duplicate: OnDuplicate = "ignore"

    def __post_init__(self) -> None:
        if not (self.unique in _ENDS if isinstance(self.unique, str) else _is_a_time(self.unique)):
            raise RegistrationError(
                f"unique={self.unique!a:.80}: write 'until_start', 'until_done', 'while_running' "
                f"or a number of seconds."
            )
        if self.on_duplicate not in get_args(OnDuplicate):
            raise RegistrationError(f"on_duplicate={self.on_duplicate!a:.80}: write 'ignore' or 'raise'.")
        check_key_function("unique_key", self.unique_key)

    def claim(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Claim:
        """The claim of a call of the job `name`.

        :raises InvalidArguments: `unique_key` gave what cannot be a key.
        """
        choose = self.unique_key
        key = (
            chosen_key(name, "unique_key", choose, args, kwargs)
            if choose
            else key_of_call(name, args, kwargs)
        )
        if isinstance(self.unique, str):
            return Claim(key, _ENDS[self.unique])
        return Claim(key, "expiry", float(self.unique))


def uniqueness(
    unique: str | float | None, unique_key: Callable[..., Any] | None, on_duplicate: str | None
) -> Uniqueness | None:
    """What the three options say together; None when the job is not unique while it waits.

    :raises RegistrationError: a value cannot be used, or belongs to a unique job only.
    """
    if unique is None:
        for option, value in (("unique_key", unique_key), ("on_duplicate", on_duplicate)):
            if value is not None:
                raise RegistrationError(f"{option} says something of unique jobs: give unique=…, too.")
        return None
    if unique == WHILE_RUNNING:
        if on_duplicate is not None:
            raise RegistrationError(
                "on_duplicate says what becomes of a duplicate, and with unique='while_running' there is "
                "none: it waits until the other has ended. Leave on_duplicate out."
            )
        return None
    chosen: Any = "ignore" if on_duplicate is None else on_duplicate
    return Uniqueness(unique=unique, unique_key=unique_key, on_duplicate=chosen)


def check_key_function(option: str, value: object) -> None:
    """
    :raises RegistrationError: it is no function.
    """
    if value is not None and not callable(value):
        raise RegistrationError(f"{option}={value!a:.80}: give a function of the job's arguments.")


def _is_a_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _LONGEST
