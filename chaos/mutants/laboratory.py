"""`Laboratory`: a copy of the project in which mistakes may be made."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mutants.mutant import Mutant, Trial

ROOT = Path(__file__).parents[2]
COPIED = ("resque_core", "backends", "django_resque", "tests", "examples", "tox.ini", "setup.cfg")
#: What pytest answers when tests ran and some of them failed.
RED = 1
#: So many attempts has a test that kills at random moments.
ATTEMPTS = 3


class Laboratory:
    """The copy. What is imported there is the copy's, also in the processes that tests start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=ignored)
            elif (ROOT / name).exists():
                shutil.copy(ROOT / name, folder / name)

    @contextmanager
    def mutated(self, mutant: Mutant) -> Iterator[None]:
        """The copy with the mistake in it, for the length of a block.

        :raises RuntimeError: the patch does not apply: the code has changed, and so must the patch.
        """
        self._patch(mutant)
        try:
            yield
        finally:
            self._patch(mutant, "--reverse")

    def is_noticed(self, trial: Trial) -> bool:
        """Whether the test turns red.

        :raises RuntimeError: it did not run.
        """
        return any(self.run(trial) == RED for _ in range(ATTEMPTS))

    def run(self, trial: Trial) -> int:
        """What pytest answers: 0, or `RED`.

        :raises RuntimeError: it could not run the tests, or there are none.
        """
        done = subprocess.run(
            [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *trial.arguments],
            cwd=self._folder, env=self._env(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode not in (0, RED):
            raise RuntimeError(f"{' '.join(trial.arguments)} did not run:\n{done.stdout[-3000:]}")
        return done.returncode

    def _patch(self, mutant: Mutant, *options: str) -> None:
        command = ["git", "apply", "--whitespace=nowarn", *options, str(mutant.path)]
        # Else git would take the copy for a part of a repository around it.
        env = os.environ | {"GIT_CEILING_DIRECTORIES": str(self._folder.parent)}
        done = subprocess.run(command, cwd=self._folder, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{mutant.path.name} does not apply: {done.stderr.strip()}")

    def _env(self) -> dict[str, str]:
        paths = [self._folder, self._folder / "backends"]
        return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "CI": "1"}
