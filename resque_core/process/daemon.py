"""Goes on in the background, away from the terminal that the command was typed on.

`become_daemon` does so at once; with `daemon` the command waits until it is known how the start went.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import NoReturn

from resque_core.process.streams import flush_streams

_STDIN, _STDERR = 0, 2
_READY = b"r"


def become_daemon() -> None:
    """Fork twice and leave the session: the caller's shell goes on, we can never get a terminal again.

    Standard input reads nothing from now on. The current folder and the umask stay as they are.
    """
    flush_streams()
    if os.fork():
        os._exit(0)
    _leave_session()


@contextlib.contextmanager
def daemon(log: str | None) -> Iterator[Callable[[], None]]:
    """Be a daemon in the block. Call what it gives once all is well, and before anything is forked.

    Until then the command waits. It ends with 0, or with 1 and a word about `log` if this process ended
    before: not sooner, since what ends it is told outside the block.
    """
    reader, writer = os.pipe()
    flush_streams()
    if os.fork():
        os.close(writer)
        _end_as_told(reader, log)
    os.close(reader)
    _leave_session()

    def be_sure() -> None:
        # The command may have been ended meanwhile.
        with contextlib.suppress(BrokenPipeError):
            os.write(writer, _READY)
        os.close(writer)

    yield be_sure


def _leave_session() -> None:
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _STDIN)
    if nothing != _STDIN:
        os.close(nothing)


def _end_as_told(reader: int, log: str | None) -> NoReturn:
    status = 1
    try:
        if os.read(reader, 1) == _READY:
            status = 0
        else:
            where = f", or in {log}" if log else ""
            os.write(_STDERR, f"The daemon did not start. The reason is told above{where}.\n".encode())
    finally:
        os._exit(status)


def be_silent() -> None:
    """Have what is printed go nowhere, as Ruby's Process.daemon does."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
