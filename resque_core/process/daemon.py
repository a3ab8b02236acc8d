"""`become_daemon`: goes on in the background, away from the terminal that the command was typed on."""

import os

from resque_core.process.streams import flush_streams

_STDIN = 0


def become_daemon() -> None:
    """Fork twice and leave the session: the caller's shell goes on, we can never get a terminal again.

    Standard input reads nothing from now on. The current folder and the umask stay as they are.
    """
    flush_streams()
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _STDIN)
    if nothing != _STDIN:
        os.close(nothing)


def be_silent() -> None:
    """Have what is printed go nowhere, as Ruby's Process.daemon does."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
