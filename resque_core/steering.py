"""`Steering`: what a worker may be asked to do while it works, and how that ends the job in hand."""

import logging
from contextlib import suppress

from resque_core.cancelling import CANCEL, CANCEL_HARD, cancel
from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.ending import Patience
from resque_core.errors import StorageError
from resque_core.outage import Outage
from resque_core.presence import Presence
from resque_core.runner import Runner
from resque_core.settling import InHand
from resque_core.stopping import Stopping
from resque_core.timers import Every
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque")


class Steering:
    """The side of a worker that answers signals, commands, and its own deadlines."""

    resque: Resque
    options: WorkerOptions
    runner: Runner
    presence: Presence
    stopping: Stopping
    in_hand: InHand | None
    exit_code: int
    _announced: bool
    _outage: Outage
    _poll: Every

    def settle(self) -> None:
        """Tell the store what became of the job in hand."""
        raise NotImplementedError

    def obey(self, verb: str) -> None:
        """Carry out a command: `quiet`, `stop`, `kill-job`, `cancel ID` or `cancel-hard ID`."""
        log.info("Told to %s.", one_line(verb))
        if verb == "quiet":
            self.stopping.quiet()
        elif verb == "stop":
            self.stop(self.options.stop_patience)
        elif verb == "kill-job":
            self.end_job(self.options.kill_patience)
        elif verb.startswith((CANCEL, CANCEL_HARD)):
            self._cancel(verb.partition(" ")[2], hard=verb.startswith(CANCEL_HARD))
        else:
            log.warning("This worker does not know the command %s.", one_line(verb))

    def pause(self) -> None:
        """Take no more jobs until `resume`. The one in hand goes on."""
        self.runner.run_hooks("before_pause", self.presence.identity)
        self.stopping.pause()

    def resume(self) -> None:
        """Take jobs again, at once."""
        self.stopping.resume()
        self._poll.now()
        self.runner.run_hooks("after_pause", self.presence.identity)

    def stop(self, patience: Patience) -> None:
        """End, and let the job in hand run for as long as this."""
        self.stopping.finish()
        self.end_job(patience)

    def end_job(self, patience: Patience) -> None:
        """End the job in hand, if there is one, within this patience, and go on with the next."""
        if self.in_hand and self.in_hand.fate != "drop":
            self.in_hand.ending.ask(patience)

    def _cancel(self, job_id: str, *, hard: bool) -> None:
        """Let the job know that it is cancelled; `hard`: interrupt it, and kill it if it goes on."""
        held = self.in_hand
        if held is None or held.fate == "drop" or held.reservation.entry.id != job_id:
            # It went on meanwhile: it waits for another attempt, say, or another worker has it.
            cancel(self.resque.storage, job_id, hard=hard)
            return
        held.be_unwanted()
        if not held.running or held.fate != "settle":
            return
        self.runner.interrupt("cancel" if hard else "ask")
        if hard:
            held.fate = "cancel"
            held.ending.ask(Patience(self.options.term_timeout))

    def end_in_time(self) -> None:
        """Do what is due of what was asked for about the job in hand."""
        if self.stopping.ending and not self._announced:
            self._announced = True
            self.runner.run_hooks("shutdown")
        held = self.in_hand
        if held is None:
            return
        if self.stopping.ending and self._outage and not held.running:
            # A job may take its time; a store that is gone for good may not hold up the end for ever.
            held.ending.ask(Patience(self.options.grace))
        if held.limit is not None and held.running:
            self._keep_to_limit(held, held.limit)
        if held.ending.interrupts() and held.running:
            self._interrupt(held)
        if held.ending.kills():
            self._let_go(held)

    def _keep_to_limit(self, held: InHand, limit: float) -> None:
        """End a job that has run for as long as it may: by JobTimeout in it, and then by its process."""
        job = one_line(held.reservation.entry.id)
        if held.late.interrupts():
            log.warning("Job %s has run for its %g seconds: interrupting it.", job, limit)
            self.runner.interrupt("timeout", limit)
        if held.late.kills():
            log.warning("Job %s goes on after JobTimeout: killing it.", job)
            held.fate = "settle"
            self.runner.fail(limit)

    def _interrupt(self, held: InHand) -> None:
        """Let the job know that its time is nearly over."""
        log.info("Interrupting job %s.", one_line(held.reservation.entry.id))
        if not held.ending.fails:
            held.fate = "release"
        self.runner.interrupt("kill" if held.ending.fails else "stop")

    def _let_go(self, held: InHand) -> None:
        """The time to finish is over: end the running job, or leave its settlement to a sweep."""
        if not held.running:
            self._give_up(held)
        elif held.fate == "cancel":
            log.warning("Killing job %s, which was cancelled.", one_line(held.reservation.entry.id))
            self.runner.kill()
        elif held.ending.fails:
            log.warning("Killing job %s.", one_line(held.reservation.entry.id))
            held.fate = "settle"
            self._fail()
        else:
            log.warning("Handing back job %s.", one_line(held.reservation.entry.id))
            held.fate = "release"
            self.runner.kill()

    def _fail(self) -> None:
        if not self.runner.fail() and self.options.ruby:
            log.warning("Its process is gone: this worker is in a bad state, and ends.")
            self.stopping.finish()

    def _give_up(self, held: InHand) -> None:
        if not (self.stopping.ending and self._outage):
            return
        with suppress(StorageError):
            self.settle()
        if self.in_hand:
            job = one_line(held.reservation.entry.id)
            log.error("The store did not hear how job %s ended: a sweep will take it back.", job)
            self.exit_code = 1
            self.in_hand = None
