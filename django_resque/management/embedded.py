"""`EmbeddedCommand`: a command of `resque` with its own options and help, on the store of the settings."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from django_resque.conf import DEFAULT_ALIAS, store_settings
from django_resque.management.reloading import project_files
from resque_core.cli.complaint import exit_code_of
from resque_core.cli.embedding import as_words, option_names, run_command
from resque_core.cli.program import Program
from resque_core.cli.store import ChosenStore
from resque_core.errors import ResqueError
from resque_core.failures.installed import read_names
from resque_core.keeping import ONE_LIST
from resque_core.keeping_settings import chosen_keeping

#: What the command's own help does not know.
MORE_OPTIONS = """\
Within Django the store is that of the settings, unless --url or --config names one. Before the options below:
  --alias NAME              which store of the setting RESQUE
  --settings, --pythonpath  as for every command of manage.py
  --verbosity N             of what has a log: 0 only what is wrong, 2 and 3 everything"""
#: What Django's verbosity is among levels of a log; 1 leaves it to the command.
LOG_LEVELS = {0: "warning", 2: "debug", 3: "debug"}


class _OurOptionsParser(CommandParser):
    """Takes Django's options out of a command line, and leaves the others for the command."""

    def parse_args(self, args: Sequence[str] | None = None, namespace: Namespace | None = None) -> Namespace:
        options, words = self.parse_known_args(args, namespace)
        options.words = words
        return options


class EmbeddedCommand(BaseCommand):
    """A command of manage.py that is one of `resque`."""

    #: Its name there.
    command: str
    requires_system_checks: ClassVar[list[str]] = []
    verbosity_names: ClassVar[tuple[str, ...]] = ("--verbosity", "-v")

    @property
    def stealth_options(self) -> tuple[str, ...]:
        """What `call_command` takes by name, besides what is Django's."""
        return ("words", *option_names(self.command))

    def create_parser(self, prog_name: str, subcommand: str, **_: Any) -> CommandParser:
        """Of the options here, only those that Django and we need: the rest is the command's."""
        parser = _OurOptionsParser(
            prog=f"{prog_name} {subcommand}",
            add_help=False,
            allow_abbrev=False,
            called_from_command_line=self._called_from_command_line,
        )
        for name in ("--settings", "--pythonpath"):
            parser.add_argument(name)
        for name in ("--traceback", "--no-color", "--force-color", "--skip-checks"):
            parser.add_argument(name, action="store_true")
        parser.add_argument(*self.verbosity_names, type=int, default=1, choices=range(4))
        parser.add_argument("--alias", default=DEFAULT_ALIAS)
        return parser

    def print_help(self, prog_name: str, _subcommand: str) -> None:
        """The command's own help, and what is special here."""
        self._run(prog_name, ["--help"], DEFAULT_ALIAS)

    def handle(self, *_: Any, words: Sequence[str], alias: str, verbosity: int, **said: Any) -> None:
        """Run the command, and end as it ends. Where `call_command` names an output, it writes there."""
        out, complaints = said.pop("stdout", None) or sys.stdout, said.pop("stderr", None) or sys.stderr
        known = option_names(self.command)
        options = as_words(self.command, {name: value for name, value in said.items() if name in known})
        with redirect_stdout(out), redirect_stderr(complaints):
            code = self._run("manage.py", [*words, *options], alias, verbosity)
        if code and self._called_from_command_line:
            sys.exit(code)
        if code:
            raise CommandError(f"resque_{self.command} ended with exit code {code}.", returncode=code)

    def arguments(self, words: Sequence[str], alias: str) -> list[str]:
        """What the command is given; a subclass may add what the settings say of the alias."""
        return [*words]

    def _run(self, prog: str, words: Sequence[str], alias: str, verbosity: int = 1) -> int:
        if {"--help", "-h"} & {*words}:
            self.stdout.write(MORE_OPTIONS)
        try:
            store = chosen_store(alias)
            words = [*self._log_level(verbosity), *self.arguments(words, alias)]
        except ResqueError as error:
            return exit_code_of(error)
        program = Program((*sys.path,), project_files) if self._called_from_command_line else None
        called = f"{prog} resque_{self.command}"
        return run_command(self.command, words, called=called, store=store, program=program)

    def _log_level(self, verbosity: int) -> list[str]:
        level = LOG_LEVELS.get(verbosity) if "log_level" in option_names(self.command) else None
        return as_words(self.command, {"log_level": level} if level else {})


def worker_words(alias: str) -> list[str]:
    """How workers of this project begin: they load it, and keep failures as the settings say.

    Options of the command line count before these. Connections of this process must not reach workers.
    """
    connections.close_all()
    said = store_settings(alias)
    backends = read_names(said.failure_backend)
    keeping = chosen_keeping(backends, said.max_failures, said.max_failure_age)
    options = {"--max-failures": keeping.most, "--max-failure-age": keeping.age}
    words = [f"{name}={value}" for name, value in options.items() if value is not None]
    told = [f"--failure-backend={name}" for name in backends if name != ONE_LIST]
    return ["--require", "django_resque.worker", *words, *told]


def chosen_store(alias: str) -> ChosenStore:
    """The store of an alias, as the command line knows stores.

    :raises SettingsError: the settings do not define it, or cannot be used.
    """
    said = store_settings(alias)
    namespace = said.choice.namespace or "resque"
    return ChosenStore(said.choice.url, said.choice.source, namespace, said.backend)
