"""`gather`: code that runs together is moved together in memory, so that a child copies few pages for it."""

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

#: Python 3.14 evaluates annotations when they are asked for, which may fail.
_ANNOTATIONS = "__annotate__" if sys.version_info >= (3, 14) else "__annotations__"
#: What a function has besides what it is made with.
_KEPT = ("__kwdefaults__", "__qualname__", "__module__", "__doc__", _ANNOTATIONS, "__type_params__")


def gather(run: Callable[[], object], package: str) -> None:
    """Give each function that `run` calls a copy of its code, made one after the other.

    In modules and classes of `package` the functions themselves are made anew, too, for the same reason.
    Whoever holds one of the old ones calls the same code.

    Code lies where it was loaded, among all else of its module, and to run it is to write to it: how many
    hold it, how often it ran. So a child would copy a page of four kilobytes for nearly each function of a
    few hundred bytes that it calls. Run the copies often before the fork: none is rewritten yet (PEP 659).
    """
    met = _codes_met(run)
    copies = {number: code.replace() for number, code in met.items()}
    moved: list[FunctionType] = []
    for function in gc.get_objects():
        # Not `isinstance`: that asks an object for its class, and proxies answer for what they stand for.
        if type(function) is FunctionType and id(function.__code__) in copies:
            function.__code__ = copies[id(function.__code__)]
            moved.append(function)
    _put_in_place(_made_anew([it for it in moved if _is_of(package, it.__module__)]), package)


def _codes_met(run: Callable[[], object]) -> dict[int, CodeType]:
    """By identity: equal ones may be those of different functions."""
    met: dict[int, CodeType] = {}

    def note(frame: FrameType, _event: str, _about: Any) -> None:
        met.setdefault(id(frame.f_code), frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
    return met


def _is_of(package: str, module: str | None) -> bool:
    return module is not None and module.partition(".")[0] == package


def _made_anew(functions: Iterable[FunctionType]) -> dict[int, FunctionType]:
    """Functions that are equal to these, by the identity of these."""
    anew = {
        id(it): FunctionType(it.__code__, it.__globals__, it.__name__, it.__defaults__, it.__closure__)
        for it in functions
    }
    for function in functions:
        copy = anew[id(function)]
        copy.__dict__.update(function.__dict__)
        for name in _KEPT:
            if hasattr(function, name):
                setattr(copy, name, getattr(function, name))
    return anew


def _put_in_place(anew: dict[int, FunctionType], package: str) -> None:
    for holder in _holders(package):
        for name, value in list(vars(holder).items()):
            if type(value) is FunctionType and id(value) in anew:
                setattr(holder, name, anew[id(value)])


def _holders(package: str) -> Iterator[ModuleType | type]:
    """The modules of the package that are loaded, and their classes."""
    for name, module in list(sys.modules.items()):
        if _is_of(package, name):
            yield module
            yield from [it for it in vars(module).values() if isinstance(it, type) and it.__module__ == name]
