"""`Crew`: real schedulers and workers, killed at random and replaced."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

_WORKER = ("--lease", "1.5", "--sweep", "0.3", "--interval", "0.1", "--max-rescues", "1000")
#: They run in a folder of the storm's own, so none of these may be relative.
_PATHS = os.pathsep.join(str(Path(path).resolve()) for path in (str(Path(__file__).parents[1]), *sys.path))


class Crew:
    """So many schedulers and workers on one store. `killed` has the pid of each that was."""

    def __init__(self, url: str, folder: Path, schedulers: int, workers: int) -> None:
        self._url = url
        self._folder = folder
        self._commands = [["scheduler", "--interval", "1"]] * schedulers
        self._commands += [["work", "--queues", "*", *_WORKER]] * workers
        self._schedulers = schedulers
        self.killed: list[int] = []
        self._processes = [self._start(command) for command in self._commands]

    def kill_one(self) -> None:
        """End one of them as a power failure would, and put another in its place."""
        place = random.randrange(len(self._processes))
        self._processes[place].kill()
        self._processes[place].wait()
        self.killed.append(self._processes[place].pid)
        self._processes[place] = self._start(self._commands[place])

    def stop_schedulers(self) -> None:
        """Let no tick be carried out any more."""
        self._end(self._processes[: self._schedulers])

    def stop(self) -> None:
        """End all of them, gently."""
        self._end(self._processes)

    def _end(self, processes: list["subprocess.Popen[bytes]"]) -> None:
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(60)

    def _start(self, command: list[str]) -> "subprocess.Popen[bytes]":
        words = [sys.executable, "-m", "resque_core.cli.main", *command, "--url", self._url]
        with (self._folder / "storm.log").open("ab") as log:
            return subprocess.Popen(
                [*words, "--require", "tick_jobs"],
                env=os.environ | {"STORM_LOG": str(self._folder / "evidence"), "PYTHONPATH": _PATHS},
                cwd=self._folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
