"""The `Resque` that `fn.enqueue` uses: the one that was set, else the first that was made."""

import weakref
from datetime import datetime, timedelta
from typing import Any, Protocol

from resque_core.errors import NoDefaultAppError
from resque_core.job import Job


class App(Protocol):
    """What a default app can do."""

    closed: bool

    def enqueue(self, target: Any, /, *args: Any, **kwargs: Any) -> Job | None:
        """Place a job on its queue."""
        ...

    def enqueue_in(self, delay: float | timedelta, target: Any, /, *args: Any, **kwargs: Any) -> Job | None:
        """Place a job on its queue so long from now."""
        ...

    def enqueue_at(self, when: datetime, target: Any, /, *args: Any, **kwargs: Any) -> Job | None:
        """Place a job on its queue at a moment."""
        ...


_chosen: App | None = None
_made: list[weakref.ref[App]] = []


def set_default_app(app: App | None) -> App | None:
    """Choose the default app, or None to go back to the first that was made. Returns the choice before."""
    global _chosen
    before, _chosen = _chosen, app
    return before


def default_app() -> App:
    """The app that was set, else the first in this process that is alive and not closed.

    :raises NoDefaultAppError: there is none.
    """
    if _chosen is not None:
        return _chosen
    for reference in _made:
        app = reference()
        if app is not None and not app.closed:
            return app
    raise NoDefaultAppError(
        "There is no Resque to enqueue to. Make one first (resque = Resque()) and keep it, "
        "or enqueue with a Resque of your choice: resque.enqueue(job, …)."
    )


def announce(app: App) -> None:
    """Note that an app was made."""
    _made[:] = [reference for reference in _made if reference() is not None]
    _made.append(weakref.ref(app))
