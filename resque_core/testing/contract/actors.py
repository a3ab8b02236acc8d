"""`Actor`: starts `actor.py` as a process and speaks with it. `perform` lets several begin at once."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from resque_core.testing.contract.scenes import PATIENCE

SCRIPT = Path(__file__).with_name("actor.py")


class Actor:
    """One process, which waits for its cue."""

    def __init__(self, url: str, namespace: str, part: str, arguments: dict[str, Any]) -> None:
        self.part = part
        # -P: the script's folder is no place to import from. The path is ours, as multiprocessing does it.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", str(SCRIPT), url, namespace, part, json.dumps(arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._cue, self._voice = self._process.stdin, self._process.stdout

    def wait_ready(self) -> None:
        """Wait until it has opened the store and looked around."""
        readable, _, _ = select.select([self._voice], [], [], PATIENCE)
        assert readable, f"{self.part} was not ready within {PATIENCE:.0f} seconds"
        assert self._voice.readline() == "ready\n", f"{self.part} died before it was ready"

    def begin(self, cue: float = 0.0) -> None:
        """Give the cue: a moment of the monotonic clock, at which all begin."""
        self._cue.write(f"{cue}\n")
        self._cue.flush()

    def answer(self) -> Any:
        """Wait for the end: what it says came of its part."""
        spoken, _ = self._process.communicate(timeout=120)
        assert self._process.returncode == 0, f"{self.part} ended with {self._process.returncode}"
        return json.loads(spoken)

    def kill(self) -> None:
        """SIGKILL, wherever it is. Nothing happens if it has ended."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._cue, self._voice):
            pipe.close()


def perform(actors: Sequence[Actor]) -> list[Any]:
    """Let all of them begin at once; their answers, in the order of the actors."""
    for actor in actors:
        actor.wait_ready()
    cue = time.monotonic() + 0.02
    for actor in actors:
        actor.begin(cue)
    return [actor.answer() for actor in actors]
