"""Job hooks: found by the beginning of their names, run in plain string order of their names."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Literal, TypeVar

from resque_core.errors import RegistrationError

Kind = Literal[
    "before_enqueue",
    "after_enqueue",
    "before_dequeue",
    "after_dequeue",
    "before_schedule",
    "after_schedule",
    "before_delayed_enqueue",
    "after_delayed_enqueue",
    "before_perform",
    "around_perform",
    "after_perform",
    "on_failure",
    "on_retry",
    "on_give_up",
]
Hook = Callable[..., Any]
H = TypeVar("H", bound=Hook)

KINDS: tuple[Kind, ...] = (
    *("before_enqueue", "after_enqueue", "before_dequeue", "after_dequeue"),
    *("before_schedule", "after_schedule", "before_delayed_enqueue", "after_delayed_enqueue"),
    *("before_perform", "around_perform", "after_perform"),
    *("on_failure", "on_retry", "on_give_up"),
)


class Hooks:
    """The hooks of one job."""

    def __init__(self) -> None:
        self._by_name: dict[str, Hook] = {}
        self._by_kind: dict[Kind, tuple[Hook, ...]] = {}

    def add(self, name: str, hook: Hook) -> None:
        """Take a hook; one of the same name is replaced.

        :raises RegistrationError: its name is of no kind, or it cannot be called as its kind is.
        """
        kind = kind_of(name)
        if kind is None:
            raise RegistrationError(
                f"{name} is not the name of a hook. Let it begin with one of: {', '.join(KINDS)}."
            )
        _check(name, kind, hook)
        self._by_name[name] = hook
        named = sorted(self._by_name.items())
        self._by_kind[kind] = tuple(found for known, found in named if kind_of(known) == kind)

    def of(self, kind: Kind) -> tuple[Hook, ...]:
        """The hooks of this kind, in the order in which they run."""
        return self._by_kind.get(kind, ())

    @property
    def tells_of_delays(self) -> bool:
        """Whether a job that was delayed has something to call when that is over."""
        return bool(self.of("before_delayed_enqueue") or self.of("after_delayed_enqueue"))

    def run(self, kind: Kind, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Call every hook of this kind; what it raises goes to the caller."""
        for hook in self.of(kind):
            hook(*args, **kwargs)

    def veto(self, kind: Kind, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
        """Call every hook of this kind, all of them; True when one returned exactly False."""
        # All are called, whatever the first ones said.
        verdicts = [hook(*args, **kwargs) is False for hook in self.of(kind)]
        return True in verdicts


def find_hooks(own: object | None, plugins: Iterable[object]) -> Hooks:
    """The hooks on a class or module and on its plugins; its own replace a plugin's of the same name.

    :raises RegistrationError: a hook cannot be used, or two plugins have hooks of one name.
    """
    found: dict[str, tuple[object, Hook]] = {}
    for plugin in plugins:
        for name in hook_names(plugin):
            hook = getattr(plugin, name)
            if name in found and found[name][1] != hook:
                raise RegistrationError(
                    f"The plugins {found[name][0]!r} and {plugin!r} both have a hook {name}. Rename one."
                )
            found[name] = (plugin, hook)
    hooks = Hooks()
    for name, (_, hook) in found.items():
        hooks.add(name, hook)
    for name in hook_names(own) if own is not None else ():
        hooks.add(name, getattr(own, name))
    return hooks


def hook_names(source: object) -> list[str]:
    """The names of the hooks on a class or module, sorted. Its own `hooks`, if it has that, lists them.

    :raises RegistrationError: `hooks` lists something that is not there.
    """
    return sorted(name for name in _listed(source) if kind_of(name) and callable(getattr(source, name)))


def kind_of(name: str) -> Kind | None:
    """The kind of hook that this name means, if any."""
    return next((kind for kind in KINDS if name.startswith(kind)), None)


def _listed(source: object) -> list[str]:
    hooks = getattr(source, "hooks", None)
    # A module of jobs may well import one that is called `hooks`.
    if hooks is None or isinstance(hooks, ModuleType):
        return dir(source)
    names = hooks() if callable(hooks) else hooks
    missing = [name for name in names if not isinstance(name, str) or not hasattr(source, name)]
    if isinstance(names, str) or missing:
        raise RegistrationError(
            f"`hooks` of {source!r} lists {missing or names!r}, which is not there. List names of its hooks."
        )
    return list(names)


def _check(name: str, kind: Kind, hook: Hook) -> None:
    is_generator = inspect.isgeneratorfunction(hook)
    if takes_self(hook):
        raise RegistrationError(f"The hook {name} takes `self`, but jobs have no instance. Use @classmethod.")
    if inspect.iscoroutinefunction(hook) or inspect.isasyncgenfunction(hook):
        raise RegistrationError(
            f"The hook {name} is async, and nobody would await it. Make it a plain function."
        )
    if kind == "around_perform" and not is_generator:
        raise RegistrationError(
            f"The hook {name} must be a generator function with one `yield`, where the job is performed."
        )
    if kind != "around_perform" and is_generator:
        raise RegistrationError(
            f"The hook {name} has a `yield`: calling it would run nothing. Take that out."
        )


def takes_self(function: object) -> bool:
    """Whether this is the plain function of an instance method: it wants a `self` that nobody has."""
    if not inspect.isfunction(function):
        return False
    return function.__code__.co_varnames[: function.__code__.co_argcount][:1] == ("self",)
