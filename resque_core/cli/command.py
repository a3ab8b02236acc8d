"""Turns `def size(queue: …, store: StoreOptions)` into a command with the options of the dataclass."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from typing import Any, TypeGuard, get_type_hints

import typer

from resque_core.cli.ending import tidy_ending

Command = Callable[..., None]


def command(app: typer.Typer, name: str, **settings: Any) -> Callable[[Command], Command]:
    """Register a function as the command `name` of `app`, its errors told in one line."""

    def register(function: Command) -> Command:
        app.command(name, **settings)(tidy_ending(with_options(function)))
        return function

    return register


def with_options(function: Command) -> Command:
    """`function` with each dataclass parameter replaced by one keyword parameter per field.

    Typer reads a command's options from its signature; a group of options that travels as one
    value would otherwise have to be spelled out in each command that takes it.
    """
    hints = get_type_hints(function, include_extras=True)
    groups: dict[str, type[Any]] = {name: kind for name, kind in hints.items() if _is_group(kind)}

    @wraps(function)
    def call(**values: Any) -> None:
        for name, kind in groups.items():
            values[name] = kind(**{field.name: values.pop(field.name) for field in fields(kind)})
        function(**values)

    parameters = [
        flat for one in inspect.signature(function).parameters.values() for flat in _flat(one, hints)
    ]
    # `inspect.signature` honours this attribute (PEP 362), and typer reads the hints beside it.
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {flat.name: flat.annotation for flat in parameters}
    return call


def _is_group(kind: Any) -> TypeGuard[type[Any]]:
    return is_dataclass(kind) and isinstance(kind, type)


def _flat(parameter: inspect.Parameter, hints: dict[str, Any]) -> list[inspect.Parameter]:
    kind = hints[parameter.name]
    if not _is_group(kind):
        return [parameter.replace(kind=parameter.KEYWORD_ONLY, annotation=kind)]
    types = get_type_hints(kind, include_extras=True)
    return [
        parameter.replace(
            name=field.name,
            kind=parameter.KEYWORD_ONLY,
            annotation=types[field.name],
            default=parameter.empty if field.default is MISSING else field.default,
        )
        for field in fields(kind)
    ]
