"""`run_command`: one command of `resque`, run by a program that knows the store (Django's manage.py)."""

from collections.abc import Sequence

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
        command = get_command(app).commands[name]  # type: ignore[attr-defined]
        command.main([*words], prog_name=called, obj=program, help_option_names=["-h", "--help"])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        known_store.reset(token)
    return 0
