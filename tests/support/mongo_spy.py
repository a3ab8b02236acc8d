"""Sees every command that a MongoDB client sends, and can end its process before or after any of them."""

from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

#: What a client does by itself, or once when it is opened.
OPENING = {
    "hello",
    "ismaster",
    "buildInfo",
    "buildinfo",
    "endSessions",
    "createIndexes",
    "killCursors",
    "ping",
    "explain",
}

#: A number that no command has.
NEVER = 1_000_000


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


class Spy(CommandListener):
    """Commands in the order in which they were sent."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []
        #: Die before the command of this number is sent, or after it was answered.
        self.die_before = self.die_after = NEVER

    @property
    def names(self) -> list[str]:
        """`aggregate jobs`: each command and the collection that it is about."""
        return [f"{name} {command[name]}" for command in self.commands for name in list(command)[:1]]

    def begin(self, *, die_before: int = NEVER, die_after: int = NEVER) -> None:
        """Forget what was seen."""
        self.commands = []
        self.die_before, self.die_after = die_before, die_after

    def started(self, event: CommandStartedEvent) -> None:
        """Note the command, unless it is too late for it."""
        if event.command_name in OPENING or event.command.get("find") == "resque_meta":
            return
        if len(self.commands) == self.die_before:
            raise Killed
        self.commands.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Die of it, if it was the last one."""
        if event.command_name not in OPENING and len(self.commands) - 1 == self.die_after:
            raise Killed

    def failed(self, event: CommandFailedEvent) -> None:
        """A failed command is a command."""


class Spied:
    """A database whose commands are seen."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.spy = Spy()
        self.client: MongoClient[dict[str, Any]] = MongoClient(url, event_listeners=[self.spy])

    @property
    def database(self) -> Database[dict[str, Any]]:
        """The one that the URL names."""
        return self.client.get_default_database()
