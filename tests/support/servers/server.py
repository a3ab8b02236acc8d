"""`Server`: one server process, which can be killed and started again on the same port and data."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

GUARD = Path(__file__).with_name("guard.py")
PATIENCE = 60.0


class Program(Protocol):
    """What is special about one kind of server."""

    @property
    def version(self) -> str:
        """`7.0.15`."""
        ...

    def command(self, port: int, folder: Path) -> list[str]:
        """How to start it; it logs to `folder/log`."""
        ...

    def answers(self, port: int) -> bool:
        """Whether it is there and ready for work; may take a step towards that."""
        ...

    def url(self, port: int) -> str:
        """What a `Resque` takes."""
        ...


class Server:
    """A server on a free loopback port, its data in `folder`. `close` ends it and removes the folder."""

    def __init__(self, program: Program, folder: Path) -> None:
        self._program = program
        self.folder = folder
        self.port = _free_port()
        self._guard: subprocess.Popen[str] | None = None
        #: Of the server that was started last.
        self.pid = 0

    @property
    def url(self) -> str:
        """What a `Resque` takes; the same after a restart."""
        return self._program.url(self.port)

    @property
    def version(self) -> str:
        """`7.0.15`."""
        return self._program.version

    @property
    def log(self) -> str:
        """What the server has logged."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._guard is not None and self._guard.poll() is None

    def start(self) -> None:
        """Start it, on the data that are there, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._spawn()
        limit = time.monotonic() + PATIENCE
        while not self._program.answers(self.port):
            if not self.running or time.monotonic() > limit:
                raise RuntimeError(f"The server died, or is mute; its log:\n{self.log[-4000:]}")
            time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL: nothing is written, nobody is told."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and wait until it is gone."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Start it again on the same port and data; it is stopped before, if it runs."""
        if self.running:
            self.stop()
        self.start()

    def close(self) -> None:
        """End it if it runs, and remove its data."""
        if self._guard is not None:
            self._guard.communicate(timeout=PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn(self) -> None:
        if self.running:
            raise RuntimeError("The server runs already.")
        command = [sys.executable, "-I", "-S", str(GUARD), str(self.folder)]
        # A session of its own: ctrl-c at a terminal is for pytest, which ends its servers when it is done.
        self._guard = subprocess.Popen(
            [*command, *self._program.command(self.port, self.folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert self._guard.stdout is not None
        self.pid = int(self._guard.stdout.readline())

    def _end(self, number: signal.Signals) -> None:
        assert self._guard is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
        self._guard.wait(PATIENCE)
        for pipe in (self._guard.stdin, self._guard.stdout):
            if pipe is not None:
                pipe.close()
        self._guard = None


def _free_port() -> int:
    while True:
        # Below the ports that the kernel gives to clients: they leave it free while the server is down.
        port = random.randrange(12000, 32000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
