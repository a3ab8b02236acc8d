"""`run_command`: one command of `resque`, run by a program that knows the store (Django's manage.py)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from typer.main import get_command

from resque_core.cli.main import app
from resque_core.cli.program import Program
from resque_core.cli.store import ChosenStore, known_store


def run_command(
    name: str, words: Sequence[str], *, called: str, store: ChosenStore, program: Program | None
) -> int:
    """Run the command `name` as if `words` followed it on the command line; return its exit code.

    Help and complaints name it `called`. Unless an option names a store, `store` is meant. With a `program`,
    the command may replace the process, and this does not return.
    """
    token = known_store.set(store)
    try:
        _command(name).main([*words], prog_name=called, obj=program, help_option_names=["-h", "--help"])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        known_store.reset(token)
    return 0


def option_names(name: str) -> frozenset[str]:
    """What Python calls the options of a command, and of those below it: `--max-jobs` is `max_jobs`."""
    return frozenset(_options(name))


def as_words(name: str, said: Mapping[str, Any]) -> list[str]:
    """Options as `option_names` calls them, as a command line has them. None is an option not given."""
    known = _options(name)
    return [word for option, value in said.items() for word in _words_of(known[option], value)]


def _command(name: str) -> Any:
    return get_command(app).commands[name]  # type: ignore[attr-defined]


def _options(name: str) -> dict[str, Any]:
    command = _command(name)
    below = getattr(command, "commands", {}).values()
    parameters = [it for one in (*below, command) for it in one.params if it.param_type_name == "option"]
    return {it.opts[0].removeprefix("--").replace("-", "_"): it for it in parameters if len(it.opts[0]) > 2}


def _words_of(option: Any, value: Any) -> list[str]:
    if value is None:
        return []
    if option.is_flag:
        return [*(option.opts if value else option.secondary_opts)][:1]
    many = option.multiple and isinstance(value, Iterable) and not isinstance(value, str)
    return [f"{option.opts[0]}={one}" for one in (value if many else [value])]
