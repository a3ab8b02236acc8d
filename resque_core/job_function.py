"""`JobFunction`: a function that `@job` made enqueueable; calling it still just calls it."""

import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, ParamSpec, TypeVar

from resque_core.chaining import build
from resque_core.default_app import default_app
from resque_core.definition import Definition
from resque_core.hooks import H
from resque_core.job import Job

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


class JobFunction(Generic[P, R_co]):
    """A function with a wire name and a queue. Its methods take exactly the function's parameters."""

    definition: Definition
    __name__: str

    def __init__(self, function: Callable[P, R_co], definition: Definition) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self.definition = definition

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Just call the function, here and now."""
        return self._function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<job {self.name}>"

    @property
    def name(self) -> str:
        """The wire name."""
        return self.definition.name

    @property
    def queue(self) -> str | None:
        """The queue that it goes to, if it was given one."""
        return self.definition.queue

    def enqueue(self, *args: P.args, **kwargs: P.kwargs) -> Job | None:
        """Enqueue a call to the default app's store. None when a `before_enqueue` hook vetoed.

        :raises NoDefaultAppError: no `Resque` was made in this process.
        """
        return default_app().enqueue(self, *args, **kwargs)

    delay = enqueue

    def enqueue_in(self, delay: float | timedelta, /, *args: P.args, **kwargs: P.kwargs) -> Job | None:
        """Enqueue a call so long from now: seconds, or a timedelta. See `Resque.enqueue_in`."""
        return default_app().enqueue_in(delay, self, *args, **kwargs)

    def enqueue_at(self, when: datetime, /, *args: P.args, **kwargs: P.kwargs) -> Job | None:
        """Enqueue a call at a moment: an aware datetime. See `Resque.enqueue_at`."""
        return default_app().enqueue_at(when, self, *args, **kwargs)

    def build(self, *args: P.args, **kwargs: P.kwargs) -> Job:
        """A call as a value, for `enqueue_many` or `then`: its arguments are checked, nothing is stored.

        `Resque.build` is the same for any target, and says what may follow.
        """
        return build(self, args, kwargs)

    def hook(self, function: H) -> H:
        """Make `function` a hook of this job: its name says of which kind. A decorator.

        :raises RegistrationError: the name is of no kind, or the function does not suit its kind.
        """
        self.definition.hooks.add(function.__name__, function)
        return function
