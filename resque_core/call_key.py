"""Keys of calls: what of a job's arguments counts when it is compared with others."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from resque_core.arguments import canonical
from resque_core.display import one_line
from resque_core.errors import InvalidArguments

#: Longer keys are hashed: a store has to index them.
_LONGEST = 200


def key_of_call(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """The key of a call by all its arguments: equal for those that `dequeue` takes for equal."""
    return f"{name}:{digest(canonical(args, kwargs))}"


def chosen_key(
    name: str, option: str, choose: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> str:
    """The key of a call by what the function that was given as `option` chooses of its arguments.

    :raises InvalidArguments: it chose what cannot be a key.
    """
    value = choose(*args, **kwargs)
    try:
        text = json.dumps(value, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArguments(
            f"{one_line(name)}: {option} gave {one_line(value)}, which cannot be a key: {error}. "
            f"Return a string, a number, or a list of these."
        ) from None
    return f"{name}:{text if len(text) <= _LONGEST else digest(text)}"


def digest(text: str) -> str:
    """A short text for a long one."""
    # Imported where it is needed: it maps OpenSSL, which every fork of an app process would pay for.
    from hashlib import sha256

    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
