"""Fail points: where a test has a process die, freeze, or lose an answer. Switched off, they are not there.

`FAILPOINT=name[:nth][:action]` makes each process that is started with it carry out the action when it
comes to the point for the nth time (1). A point is `PLACE.before` or `PLACE.after`; a place is a call of
the store (`jobs.reserve`) or a step of a worker's processes (`PROCESS_PLACES`). Actions: `kill`
(SIGKILL), `stop` (SIGSTOP), and at a store's call `drop`: the request, or the answer, gets lost.
Places are wrapped when one is asked for, so that ordinary processes execute none of this.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from typing import Any, get_type_hints

from resque_core.errors import SettingsError, StorageError
from resque_core.storage import Storage

#: The variable that names a point, and the one without which that is refused.
FAILPOINT, ALLOWED = "FAILPOINT", "RESQUE_FAILPOINTS"
ACTIONS = ("kill", "stop", "drop")

#: Steps between which a worker's processes may die, apart from calls of the store; and their functions.
PROCESS_PLACES: Mapping[str, str] = {
    "keeper.launch": "resque_core.process.fork_runner:ForkRunner.launch",
    "keeper.begin": "resque_core.worker:WorkLoop.begin",
    "keeper.settle": "resque_core.settling:InHand.tell",
    "keeper.leave": "resque_core.presence:Presence.leave",
    "app.load": "resque_core.process.app_process:_load",
    "app.fork": "resque_core.process.nursery:Nursery._fork",
    "app.bury": "resque_core.process.nursery:Nursery.bury",
    "app.mourn": "resque_core.process.app_process:AppProcess._mourn",
    "child.read": "resque_core.process.child:read_job",
    "child.perform": "resque_core.performer:Performer.perform",
    "child.tell": "resque_core.process.child:tell",
}


@dataclass
class FailPoint:
    """The one point of this process, and how often it is still to be passed."""

    name: str
    nth: int = 1
    action: str = "kill"

    def reach(self, name: str) -> None:
        """Be at a point: count it if it is this one, and carry out the action when its turn has come."""
        if name != self.name:
            return
        self.nth -= 1
        if self.nth == 0:
            self._strike()

    def _strike(self) -> None:
        # Not by the log: this may be any moment, and the next one is the last.
        os.write(2, f"Fail point {self.name}: {self.action}\n".encode())
        if self.action == "drop":
            raise StorageError(f"The connection was dropped at the fail point {self.name}.")
        os.kill(os.getpid(), signal.SIGKILL if self.action == "kill" else signal.SIGSTOP)


class Watched:
    """A storage, or a part of one, each call of which passes two points."""

    def __init__(self, target: Any, point: FailPoint, place: str = "") -> None:
        self._target, self._point, self._place = target, point, place

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        place = f"{self._place}.{name}".strip(".")
        if callable(value):
            return surrounded(value, place, self._point)
        return Watched(value, self._point, place) if place in store_parts() else value


def surrounded(call: Callable[..., Any], place: str, point: FailPoint) -> Callable[..., Any]:
    """The call, with a point before and one after it."""

    @wraps(call)
    def passing(*args: Any, **kwargs: Any) -> Any:
        point.reach(f"{place}.before")
        answer = call(*args, **kwargs)
        point.reach(f"{place}.after")
        return answer

    return passing


def read_failpoint(environ: Mapping[str, str]) -> FailPoint | None:
    """The point that the environment asks for.

    :raises SettingsError: it is none, or was not allowed.
    """
    text = environ.get(FAILPOINT)
    if not text:
        return None
    if environ.get(ALLOWED) != "1":
        raise SettingsError(
            f"{FAILPOINT}={text} would have this process die on purpose. Unset it; "
            f"or, in a test of that, set {ALLOWED}=1 too."
        )
    point = _parsed(text)
    if point.name not in points():
        raise SettingsError(f"There is no fail point {point.name!a}. There are: {', '.join(points())}.")
    if point.action == "drop" and point.name.rpartition(".")[0] in PROCESS_PLACES:
        raise SettingsError(f"{FAILPOINT}={text}: there is no connection to drop; use kill or stop.")
    return point


@cache
def _the_point() -> FailPoint | None:
    return read_failpoint(os.environ)


def watch(storage: Storage) -> Storage:
    """The storage as it is; or, if a fail point is asked for, one that passes it.

    :raises SettingsError: see `read_failpoint`.
    """
    point = _the_point() if FAILPOINT in os.environ else None
    return Watched(storage, point) if point else storage


@cache
def watch_processes() -> None:
    """Let this process, and those that it forks, pass the points of `PROCESS_PLACES`, if one is asked for.

    :raises SettingsError: see `read_failpoint`.
    """
    point = _the_point() if FAILPOINT in os.environ else None
    if point is None:
        return
    for place, where in PROCESS_PLACES.items():
        module, _, path = where.partition(":")
        owner: Any = import_module(module)
        *classes, name = path.split(".")
        for each in classes:
            owner = getattr(owner, each)
        setattr(owner, name, surrounded(getattr(owner, name), place, point))


@contextmanager
def uncounted() -> Iterator[None]:
    """Pass points without coming any nearer to their turn: what is only rehearsed is no step."""
    point = _the_point() if FAILPOINT in os.environ else None
    if point is None:
        yield
        return
    # It counts down, and strikes at 0.
    nth, point.nth = point.nth, 0
    try:
        yield
    finally:
        point.nth = nth


@cache
def store_parts() -> Mapping[str, type]:
    """The parts of a storage, by name."""
    properties = {name: it for name, it in vars(Storage).items() if isinstance(it, property)}
    kinds = {name: get_type_hints(it.fget)["return"] for name, it in properties.items()}
    return {name: kind for name, kind in kinds.items() if getattr(kind, "_is_protocol", False)}


def store_places() -> Iterator[str]:
    """Every call of a store: `jobs.enqueue` …"""
    for part, kind in store_parts().items():
        yield from (f"{part}.{name}" for name in _calls(kind))
    yield from _calls(Storage)


def _calls(kind: type) -> Iterator[str]:
    """What a property tells of a store is no call of it."""
    return (name for name, it in vars(kind).items() if callable(it) and not name.startswith("_"))


@cache
def points() -> tuple[str, ...]:
    """The names of all points."""
    places = (*store_places(), *PROCESS_PLACES)
    return tuple(f"{place}.{when}" for place in places for when in ("before", "after"))


def _parsed(text: str) -> FailPoint:
    name, *rest = text.split(":")
    nth = int(rest.pop(0)) if rest and rest[0].isdecimal() else 1
    action = rest.pop(0) if rest else "kill"
    if rest or nth < 1 or action not in ACTIONS:
        raise SettingsError(f"{FAILPOINT}={text}: write name[:nth][:{'|'.join(ACTIONS)}].")
    return FailPoint(name, nth, action)
