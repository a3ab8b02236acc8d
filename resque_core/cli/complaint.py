"""What a command says of an error, and the exit code that it means. Workers use it too: no typer here."""

import contextlib
import errno
import os
import sys
import traceback

from resque_core import hooks
from resque_core.display import one_line
from resque_core.errors import ResqueError, SettingsError

#: It did not work: the store cannot be reached, nothing has that id, a job was refused.
FAILED = 1
#: The command line, an environment variable or the configuration file cannot be used.
USAGE = 2
#: As shells report a process that ctrl-c, or a closed pipe, ended.
INTERRUPTED = 130
PIPE_CLOSED = 141

_LONGEST = 2000
#: What writing to a full disk, to a broken one or over a quota ends with.
_UNWRITABLE = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG)


def exit_code_of(error: KeyboardInterrupt | Exception) -> int:
    """Say what went wrong, in one line (with RESQUE_DEBUG: after a traceback), and return the exit code."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _drop_output()
        return PIPE_CLOSED
    _tell(error)
    if _output_problem(error):
        _drop_output()
    return USAGE if isinstance(error, SettingsError) else FAILED


def complain(message: str) -> None:
    """One `resque: error:` line on stderr, and below it what else a message carries (a traceback)."""
    first, *rest = message.splitlines() or [""]
    _say(f"resque: error: {one_line(first, _LONGEST)}")
    for line in rest:
        indent = len(line) - len(line.lstrip(" "))
        _say(" " * indent + one_line(line.strip(), _LONGEST))


def _say(line: str) -> None:
    # Standard error may be closed, or a full disk: then there is nobody to tell.
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _tell(error: Exception) -> None:
    if os.environ.get("RESQUE_DEBUG"):
        traceback.print_exception(error)
    complain(" ".join([_message_of(error), *getattr(error, "__notes__", ())]))


def _message_of(error: Exception) -> str:
    if isinstance(error, ResqueError):
        return str(error)
    if problem := _output_problem(error):
        return f"the output cannot be written: {problem}"
    what = f"{type(error).__name__}: {error} (RESQUE_DEBUG=1 shows where)"
    whose = (
        "a hook of a job raised" if _came_of_a_hook(error) else "this is a fault of resque itself, not yours:"
    )
    return f"{whose} {what}"


def _came_of_a_hook(error: Exception) -> bool:
    """Whether it was raised in what a job's hooks called."""
    return any(frame.filename == hooks.__file__ for frame in traceback.extract_tb(error.__traceback__)[:-1])


def _output_problem(error: Exception) -> str | None:
    """Why stdout took no more; None for other errors: a store's are StorageErrors, other files' name them."""
    if isinstance(error, OSError) and error.errno in _UNWRITABLE and error.filename is None:
        return error.strerror
    return None


def _drop_output() -> None:
    # The interpreter flushes stdout once more as it leaves, and would complain about what is left there.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
