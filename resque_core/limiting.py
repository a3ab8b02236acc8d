"""`Limiting`: what `@job` says of how many may run at once; `limit_in`: what a job's text says of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resque_core.call_key import chosen_key, key_of_call
from resque_core.codec import decode_leniently
from resque_core.errors import RegistrationError
from resque_core.job import Entry
from resque_core.limit import MOST, Limit
from resque_core.uniqueness import WHILE_RUNNING, check_key_function

#: Seconds. A job that waits for a slot asks again by itself then, if nobody has told it of one.
ASKS_AGAIN = 30.0
#: Jobs are not read for this by who need not read them otherwise; nearly all lack it.
_KEY = b'"limit"'


@dataclass(frozen=True, slots=True)
class Limiting:
    """So many jobs with one key may run at once."""

    most: int
    #: The option that gives the function, and that: without, all arguments count (`unique_key`), or none.
    option: str
    choose: Callable[..., Any] | None

    def limit(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Limit:
        """The limit of a call of the job `name`.

        :raises InvalidArguments: the function gave what cannot be a key.
        """
        if self.choose:
            return Limit(chosen_key(name, self.option, self.choose, args, kwargs), self.most)
        return Limit(name if self.option == "limit_key" else key_of_call(name, args, kwargs), self.most)


def limiting(
    unique: str | float | None,
    unique_key: Callable[..., Any] | None,
    limit: int | None,
    limit_key: Callable[..., Any] | None,
) -> Limiting | None:
    """What the options say together: `unique="while_running"` is a limit of one.

    :raises RegistrationError: a value cannot be used, or two of them contradict each other.
    """
    check_key_function("limit_key", limit_key)
    if unique == WHILE_RUNNING:
        if limit is not None or limit_key is not None:
            raise RegistrationError(
                "unique='while_running' is a limit of 1: give that, or limit=…, not both."
            )
        check_key_function("unique_key", unique_key)
        return Limiting(1, "unique_key", unique_key)
    if limit is None:
        if limit_key is not None:
            raise RegistrationError("limit_key says which jobs a limit counts together: give limit=…, too.")
        return None
    most: object = limit
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= MOST:
        raise RegistrationError(f"limit={limit!a:.80}: give a number from 1 to {MOST}.")
    return Limiting(most, "limit_key", limit_key)


def limit_in(entry: Entry) -> Limit | None:
    """The limit that the job's text says."""
    return decode_leniently(entry).limit if _KEY in entry.payload else None
