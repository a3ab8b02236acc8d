"""`Uniqueness`: which jobs count as the same, and how long one of them keeps others out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from resque_core.arguments import canonical
from resque_core.claim import Claim, Until
from resque_core.display import one_line
from resque_core.errors import InvalidArguments, RegistrationError

OnDuplicate = Literal["ignore", "raise"]

#: What `unique=` may say besides a number of seconds, and what ends the claim then.
_ENDS: Mapping[str, Until] = {"until_start": "start", "until_done": "done"}
_LONGEST = 10 * 366 * 86_400.0
#: Longer keys are hashed: a store has to index them.
_LONGEST_KEY = 200


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
                f"unique={self.unique!a:.80}: write 'until_start', 'until_done' or a number of seconds."
            )
        if self.on_duplicate not in get_args(OnDuplicate):
            raise RegistrationError(f"on_duplicate={self.on_duplicate!a:.80}: write 'ignore' or 'raise'.")
        if self.unique_key is not None and not callable(self.unique_key):
            raise RegistrationError(
                f"unique_key={self.unique_key!a:.80}: give a function of the job's arguments."
            )

    def claim(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Claim:
        """The claim of a call of the job `name`.

        :raises InvalidArguments: `unique_key` gave what cannot be a key.
        """
        key = f"{name}:{self._kind(name, args, kwargs)}"
        if isinstance(self.unique, str):
            return Claim(key, _ENDS[self.unique])
        return Claim(key, "expiry", float(self.unique))

    def _kind(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        if self.unique_key is None:
            return digest(canonical(args, kwargs))
        value = self.unique_key(*args, **kwargs)
        try:
            text = json.dumps(value, sort_keys=True, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidArguments(
                f"{one_line(name)}: unique_key gave {one_line(value)}, which cannot be a key: {error}. "
                f"Return a string, a number, or a list of these."
            ) from None
        return text if len(text) <= _LONGEST_KEY else digest(text)


def digest(text: str) -> str:
    """A short text for a long one."""
    # Imported where it is needed: it maps OpenSSL, which every fork of an app process would pay for.
    from hashlib import sha256

    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def uniqueness(
    unique: str | float | None, unique_key: Callable[..., Any] | None, on_duplicate: str | None
) -> Uniqueness | None:
    """What the three options say together; None when the job is not unique.

    :raises RegistrationError: a value cannot be used, or belongs to a unique job only.
    """
    if unique is None:
        for option, value in (("unique_key", unique_key), ("on_duplicate", on_duplicate)):
            if value is not None:
                raise RegistrationError(f"{option} says something of unique jobs: give unique=…, too.")
        return None
    chosen: Any = "ignore" if on_duplicate is None else on_duplicate
    return Uniqueness(unique=unique, unique_key=unique_key, on_duplicate=chosen)


def _is_a_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _LONGEST
