"""`Answers`: what a worker does on each signal; docs/reference/signals.md is the long form of this."""

import logging
import signal
from collections.abc import Callable, Mapping

from resque_core.ending import Patience
from resque_core.process.logs import reopen_logs
from resque_core.worker import WorkLoop

log = logging.getLogger("resque")


class Answers:
    """Carries out signals on one worker, from its loop and never from a handler."""

    def __init__(self, worker: WorkLoop) -> None:
        self._worker = worker
        self.interrupted = False

    def actions(self) -> Mapping[signal.Signals, Callable[[], None]]:
        """What to do, by signal."""
        return {
            signal.SIGTERM: self._terminate,
            signal.SIGINT: self._interrupt,
            signal.SIGQUIT: self._quit,
            signal.SIGHUP: self._hang_up,
            signal.SIGUSR1: self._end_job,
            signal.SIGUSR2: self._pause,
            signal.SIGCONT: self._resume,
        }

    def _terminate(self) -> None:
        if self._worker.options.graceful_term:
            self._quit()
        else:
            self._stop()

    def _hang_up(self) -> None:
        # Without a log file it means that the terminal is gone. Left alone it would end us in mid-job.
        if not reopen_logs():
            self._terminate()

    def _interrupt(self) -> None:
        if self.interrupted and self._worker.in_hand:
            log.info("Stopping now: the running job goes back to its queue.")
            self._worker.stop(Patience(0.0))
        else:
            self._stop(" (ctrl-c: none)")
        self.interrupted = True

    def _stop(self, more: str = "") -> None:
        patience = self._worker.options.stop_patience
        if self._worker.in_hand:
            log.info("Stopping: the running job has %g seconds%s.", patience.kill, more)
        else:
            log.info("Stopping.")
        self._worker.stop(patience)

    def _quit(self) -> None:
        log.info("Stopping once the running job has ended.")
        self._worker.stopping.finish()

    def _end_job(self) -> None:
        if self._worker.in_hand:
            self._worker.end_job(self._worker.options.kill_patience)
        else:
            log.info("Told to end the running job, but none is running.")

    def _pause(self) -> None:
        log.info("Paused: no more jobs are taken until CONT.")
        self._worker.pause()

    def _resume(self) -> None:
        # CONT is also what wakes a worker that was stopped by STOP.
        if self._worker.stopping.paused:
            log.info("Resumed.")
            self._worker.resume()
