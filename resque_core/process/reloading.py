"""`run_reloading`: keeps a worker running while its code is written: each change replaces it (`--reload`)."""

import importlib
import logging
import signal
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from resque_core.errors import SettingsError
from resque_core.process.signals import ENDING, STEERING, Signals

log = logging.getLogger("resque")

#: Milliseconds between looks at signals and at the worker's end.
PERIOD = 200


def run_reloading(command: Sequence[str], looks: Iterable[Sequence[str]]) -> int:
    """Run the command, and start it anew whenever a look tells of files that have changed.

    Looks are taken one after the other, each of which takes a moment. Signals are passed on to it. It is
    over when the command ends with status 0, or on a signal; one that ends otherwise, as for a mistake in
    the code, is started again at the next change.
    """
    kept = _Kept(command)
    passed_on = {number: partial(kept.pass_on, number) for number in (*ENDING, *STEERING)}
    with Signals(passed_on) as signals:
        kept.start()
        for changed in looks:
            signals.carry_out()
            if kept.over:
                break
            if changed:
                log.warning(
                    "Reloading: %s changed.", ", ".join(sorted({Path(path).name for path in changed}))
                )
                kept.replace()
    return kept.code()


def python_files(folder: Path) -> Iterator[Sequence[str]]:
    """Looks at the Python files below a folder.

    :raises SettingsError: watchfiles is not installed.
    """
    watchfiles = _watchfiles()
    return (
        [path for _, path in changes]
        for changes in watchfiles.watch(
            folder,
            watch_filter=watchfiles.PythonFilter(),
            rust_timeout=PERIOD,
            yield_on_timeout=True,
            raise_interrupt=False,
        )
    )


class _Kept:
    """The command, one process of it at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = False

    @property
    def over(self) -> bool:
        """Whether it ended, and is not to be started again."""
        code = self._process.poll() if self._process else None
        return code == 0 or (self._ending and code is not None)

    def start(self) -> None:
        """Run it in a group of its own: a ctrl-c reaches it once, through us."""
        self._process = subprocess.Popen(self._command, process_group=0)

    def replace(self) -> None:
        """Let it end its job within its grace, and run it again."""
        self.pass_on(signal.SIGTERM)
        self._ending = False
        self.code()
        self.start()

    def pass_on(self, number: signal.Signals) -> None:
        """Send it this signal."""
        self._ending = self._ending or number in ENDING
        if self._process:
            self._process.send_signal(number)

    def code(self) -> int:
        """Wait for its end; its exit code."""
        return abs(self._process.wait()) if self._process else 0


def _watchfiles() -> Any:
    try:
        return importlib.import_module("watchfiles")
    except ImportError:
        raise SettingsError(
            '--reload needs watchfiles, which is not installed: pip install "resque-core[reload]"'
        ) from None
