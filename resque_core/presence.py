"""`Presence`: one worker in the store's registry: its id, its lease, and its duty to sweep the dead."""

import logging
from collections.abc import Sequence

from resque_core.client import Resque
from resque_core.errors import StorageError
from resque_core.identity import new_identity
from resque_core.lease import LeaseKeeper
from resque_core.mending import BatchMender
from resque_core.pruning import prune_silent
from resque_core.records import Beat, Reservation
from resque_core.sampling import DepthSampler
from resque_core.storage import Workers
from resque_core.sweeper import Sweeper, SweepReport
from resque_core.timers import Every
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque")


class Presence:
    """Registers a worker, keeps its lease, sweeps others, and takes it off the register again."""

    def __init__(self, resque: Resque, patterns: Sequence[str], options: WorkerOptions) -> None:
        self._resque = resque
        self._patterns = patterns
        self._options = options
        self._lease = LeaseKeeper(options.lease)
        self._sweep = Every(options.sweep)
        self._mender = BatchMender()
        self._sampler = DepthSampler()
        self._first: Beat | None = None
        self.identity = new_identity(patterns, ruby=options.ruby)
        #: How failures are to be kept.
        self.keeping = options.kept_as(resque.keeping)

    @property
    def _workers(self) -> Workers:
        return self._resque.storage.workers

    def register(self) -> SweepReport:
        """Make this worker known to the store; its lease begins. What became of Ruby's dead workers."""
        self._workers.register(self.identity, self._options.lease)
        # Commands are handed over once: those that came with this beat wait for `beat` to tell of them.
        self._first = self._lease.renew(self._ask)
        self._sweep.restart()
        return prune_silent(self._workers, self._first.now, keeping=self.keeping)

    def renew(self) -> SweepReport:
        """Begin anew, under another id unless that is a Ruby worker's: the store has given this one up."""
        self.identity = new_identity(self._patterns, ruby=self._options.ruby)
        return self.register()

    def beat(self) -> Beat | None:
        """Renew the lease, if that is due; the answer says whether there still is one."""
        if first := self._first:
            self._first = None
            return first
        if not self._lease.timer.due():
            return None
        return self._lease.renew(self._ask)

    @property
    def doubtful(self) -> bool:
        """Whether the store may have given this worker up, by now: its next beat tells."""
        return self._lease.doubtful

    def missed(self) -> None:
        """The store did not answer: until beats are steady again, nobody else's silence means death."""
        self._lease.broken()

    def sweep(self) -> SweepReport:
        """Take back the jobs of dead workers, if that is due and our own view of time is sound."""
        if not self._sweep.due():
            return SweepReport()
        self._sweep.restart()
        if not self._lease.steady:
            return SweepReport()
        report = Sweeper(
            self._resque.storage,
            self._options.max_rescues,
            self._options.death_policy,
            keeping=self.keeping,
        ).sweep_all()
        if report.workers:
            log.warning("Swept dead workers: %s", report)
        self._mend()
        self._sampler.sample(self._resque.storage)
        return report

    def _ask(self) -> Beat:
        return self._workers.beat(self.identity.id, self._options.lease)

    def _mend(self) -> None:
        """Look after batches. Nobody's rescue is to wait for that, whatever goes wrong with it."""
        try:
            self._mender.mend(self._resque.storage)
        except StorageError as error:
            log.warning("Batches could not be looked after, and will be again: %s", error)

    def left(self) -> float:
        """Seconds until a beat or a sweep is due."""
        return min(self._lease.timer.left(), self._sweep.left())

    def give_back(self) -> bool:
        """Put a job that the store says is ours, and we know nothing of, back. False: it is no job."""
        ours = (worker.reservation for worker in self._workers.all() if worker.id == self.identity.id)
        held = next(filter(None, ours), None)
        return held is not None and self._resque.storage.jobs.release(held)

    def leave(self, token: str) -> None:
        """Unregister, giving back the job that a lost reply to `token` may have left with us."""
        if self._workers.unregister(self.identity.id):
            return
        jobs = self._resque.storage.jobs
        held = jobs.reserve((), self.identity.id, token)
        if isinstance(held, Reservation):
            jobs.release(held)
        self._workers.unregister(self.identity.id)
