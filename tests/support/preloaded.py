"""`start`: a process that begins at once, forked from one that has imported everything, but opened nothing.

A new Python takes most of a second to import the command and the drivers; most tests of a process take less.
"""

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
#: There is one such server in each process of pytest: whoever comes first has it load this for all.
MODULES = (
    "__main__",
    "resque_command",
    "resque_core.testing.contract.actor",
    "faults.victims",
    "golden.worker",
    # A backend is imported when a URL of it is opened: nearly all of these processes open one.
    "resque_sqlite.storage",
    "resque_redis.storage",
    "resque_mongo.storage",
    # Last: it looks at what is there by then.
    "ready",
)

_fresh = multiprocessing.get_context("forkserver")
_lock = threading.Lock()
#: Two threads that ask for the end of one process: the second is told 255. And a start asks for all of them.
ALONE = threading.Lock()


@dataclass(frozen=True)
class Streams:
    """The files, or the terminal, that a process reads from and writes to."""

    output: Path
    #: Where the output goes, if it is not said.
    errors: Path | None = None
    input: Path = Path(os.devnull)


def start(
    act: Callable[..., Any], *args: Any, env: Mapping[str, str], folder: Path, output: Path | Streams
) -> ForkServerProcess:
    """Call `act` in a process and session of its own, with this environment, folder, stdout and stderr."""
    preload()
    streams = output if isinstance(output, Streams) else Streams(output)
    process = _fresh.Process(target=_live, args=(act, args, dict(env), folder, streams))
    with ALONE:
        process.start()
    return process


def exit_code(process: ForkServerProcess, seconds: float) -> int | None:
    """Its exit code, once it has ended; None if it has not within so many seconds."""
    wait([process.sentinel], seconds)
    with ALONE:
        return process.exitcode


def surroundings() -> dict[str, str]:
    """The environment of this process, but for what `preload` adds to it for a moment."""
    with _lock:
        return dict(os.environ)


def preload() -> None:
    """Have the server begin, if it has not yet."""
    forkserver.set_forkserver_preload(list(MODULES))
    with _lock, pytest.MonkeyPatch.context() as patch:
        # Up to Python 3.12 it does not look where we do, and says nothing of what it does not find.
        patch.setenv("PYTHONPATH", str(HERE), prepend=os.pathsep)
        forkserver.ensure_running()


def _live(
    act: Callable[..., Any], args: tuple[Any, ...], env: Mapping[str, str], folder: Path, streams: Streams
) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.path[:0] = filter(None, env.get("PYTHONPATH", "").split(os.pathsep))
    # A new program has no other descriptors. Whatever is written to those of the server is the end of it.
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    _open(streams.input, os.O_RDONLY, 0)
    _open(streams.output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 1)
    _open(streams.errors or streams.output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - for as long as the process lives
    act(*args)


def _open(path: Path, flags: int, standard: int) -> None:
    descriptor = os.open(path, flags)
    os.dup2(descriptor, standard)
    if descriptor != standard:
        os.close(descriptor)
