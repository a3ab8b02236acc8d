"""Where workers log to, and in which form: `--log-level`, `--log-file`, `--log-format`."""

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from resque_core.errors import SettingsError
from resque_core.job_records import FIELDS

log = logging.getLogger("resque")

#: By name, since its module loads a dozen others: who logs to no file, and each child, is spared them.
_WATCHED = "logging.handlers.WatchedFileHandler"
#: These themselves: what inherits from one of them may do otherwise.
_PROMPT = {
    *(f"logging.{name}" for name in ("NullHandler", "StreamHandler", "FileHandler", "_StderrHandler")),
    _WATCHED,
}


class TextFormatter(logging.Formatter):
    """Lines for people; one that a job's code logged ends with the job."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(process)d %(levelname)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line, and whose it is."""
        line = super().formatMessage(record)
        if getattr(record, "resque_job_id", None) is None:
            return line
        job, queue, attempt = (getattr(record, field) for field in FIELDS)
        return f"{line} [job {job} queue {queue} attempt {attempt}]"


class JsonFormatter(logging.Formatter):
    """One JSON object a line, in ASCII, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """The object: what is logged, by whom, and in which job."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        for field in FIELDS:
            if getattr(record, field, None) is not None:
                said[field.removeprefix("resque_")] = getattr(record, field)
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)


FORMATTERS: dict[str, Callable[[], logging.Formatter]] = {
    "text": TextFormatter,
    "json": JsonFormatter,
    # Ruby's, of LOGGING or VERBOSE, and of VVERBOSE.
    "ruby": lambda: logging.Formatter("*** %(message)s"),
    "ruby-verbose": lambda: logging.Formatter(
        "** [%(asctime)s] %(process)d: %(message)s", "%H:%M:%S %Y-%m-%d"
    ),
}


def set_up_logs(level: str, file: str | None, form: str) -> None:
    """Have the logger `resque` write to this file, else to stderr.

    :raises SettingsError: the file cannot be written.
    """
    handler = log_handler(file, sys.stderr)
    handler.setFormatter(FORMATTERS[form]())
    log.handlers = [handler]
    log.setLevel(level.upper())
    log.propagate = False


def share_with_root() -> None:
    """Let what the job's own loggers say go where we log to, unless the program has seen to its logging."""
    ours = [handler for handler in log.handlers if not isinstance(handler, logging.NullHandler)]
    if ours and not logging.root.handlers:
        logging.root.handlers = ours
        logging.root.setLevel(log.level)


def handlers() -> list[Any]:
    """All handlers that there are, as weak references: the list itself, which changes as they come and go."""
    known: list[Any] = vars(logging)["_handlerList"]
    return known


def prompt_handlers() -> list[Any]:
    """Those that keep no line back: each is written and flushed before the call that logs it returns."""
    return [handler for handler in handlers() if _name(handler()) in _PROMPT]


def _name(handler: object) -> str:
    """The dotted name of its class."""
    return f"{type(handler).__module__}.{type(handler).__qualname__}"


def reopen_logs() -> bool:
    """Open the log file anew if it was moved away, as logrotate does; whether there is a file.

    The app process and its children need not be told: they look before each line.
    """
    files: list[Any] = [handler for handler in log.handlers if _name(handler) == _WATCHED]
    for file in files:
        file.reopenIfNeeded()
    return bool(files)


def log_handler(file: str | None, stream: TextIO) -> logging.Handler:
    """What writes to this file, and opens it anew when it was moved away; without one, to the stream.

    :raises SettingsError: the file cannot be written.
    """
    if file is None:
        return logging.StreamHandler(stream)
    from logging.handlers import WatchedFileHandler

    try:
        return WatchedFileHandler(file, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise SettingsError(f"The log file {file!a} cannot be written: {error.strerror}.") from error
