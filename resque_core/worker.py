"""`WorkLoop`: reserve a job, have it run, settle it; beat and sweep meanwhile. No signal, no fork, no SQL."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from resque_core.bundle import BundleSize
from resque_core.bundling import Answer, Bundling
from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.ending import Ending
from resque_core.errors import StorageError, WorkerBusyError, WorkerError
from resque_core.expiry import EXPIRED, JOB_EXPIRED, expired
from resque_core.idle_wait import IdleWait
from resque_core.ids import new_id
from resque_core.limiting import ASKS_AGAIN, limit_in
from resque_core.noting import said
from resque_core.outage import Outage
from resque_core.outcome import Ended
from resque_core.pace import Pace
from resque_core.presence import Presence
from resque_core.promoter import Promoter
from resque_core.queue_list import QueueList
from resque_core.queue_order import arranged
from resque_core.records import Idle, Lost, Reservation, Stale
from resque_core.retirement import Retirement
from resque_core.settling import InHand, log_end
from resque_core.stopping import Stopping
from resque_core.sweeper import SweepReport
from resque_core.time_limits import limit_of
from resque_core.timers import Every
from resque_core.worker_options import WorkerOptions

log = logging.getLogger("resque")

#: A runner that refuses so many jobs in a row cannot work here: the worker gives up.
MOST_REFUSALS = 5


class WorkLoop(Bundling):
    """The policy of a worker. A subclass gives it a `runner` and a way to `wait`.

    `reserve`, `begin`, `settle`, `settle_and_reserve`, `idle` and `obey` are made to be overridden.
    """

    _known: tuple[str, ...]

    #: Whether it ended because it had worked enough.
    retired = False
    _pace: Pace
    _retirement: Retirement
    _last_queue: str | None
    _idle_wait: IdleWait

    def __init__(self, resque: Resque, queues: str | Sequence[str], options: WorkerOptions) -> None:
        self.resque = resque
        self.queues = QueueList(queues)
        self._use(replace(options, ruby=options.ruby or resque.ruby))

    @property
    def id(self) -> str:
        """The worker's present id; a new one is taken when the store has given up the old one."""
        return self.presence.identity.id

    def loop(self) -> None:
        """Work until told to stop, drained (`burst`), or unable to run jobs."""
        while not self.finished():
            if not self._outage.left():
                self._serve()
            if not self._waits_for_jobs():
                self._idle_wait.end()
            self.wait(self._patience())
            self._hear()
            if self._waits_for_jobs() and self._idle_wait.woken():
                self._poll.now()

    def finished(self) -> bool:
        """Whether nothing is in hand and nothing more is to come."""
        if self.in_hand:
            return False
        return self.stopping.ending or self._drained or self.runner.dead is not None

    def wait(self, seconds: float) -> None:
        """Sleep until something happens, so many seconds at most, and carry out what was asked for."""
        raise NotImplementedError

    def attend(self) -> None:
        """Carry out what was asked for since the last wait. It costs next to nothing where nothing was."""

    def reserve(self) -> Reservation | Idle | Lost:
        """Ask the store for the next job of our queues.

        The token is made before the call and kept until a job came with it: asking again after a
        lost reply returns the same job instead of losing it (C5).
        """
        while True:
            answer = self.resque.storage.jobs.reserve(
                self._served(),
                self.id,
                self._token,
                discover=self.queues.dynamic,
                most=self._bundle_size.now,
            )
            if not self._should_ask_again(answer):
                return answer

    def begin(self, reservation: Reservation) -> None:
        """Have the runner perform the job."""
        self._token = new_id()
        self.in_hand = InHand(reservation, keeping=self.presence.keeping)
        self._worked = True
        self._pace.worked()
        self._idle_wait.worked()
        self._last_queue = reservation.entry.queue
        self._limit(self.in_hand, limit_of(self.options.timeout, reservation.entry.queue))
        if self.in_hand.expire():
            self._poll.now()
            return
        self.runner.start(reservation)
        # A runner without forks is done by now, and nothing would wake us to hear of it.
        self._watch()

    def settle(self) -> None:
        """Tell the store what became of the job in hand; keep it until the store has heard."""
        held = self.in_hand
        if held is None or held.running:
            return
        if self._ends_bundle(held):
            self._tell_of_bundle(held, ())
        else:
            self._hold_alone(held)
            self._put_down(held, heard=held.tell(self.resque.storage.jobs))

    def settle_and_reserve(self, held: InHand) -> Answer:
        """Tell the store that the job in hand is done, with its bundle, and ask for the next, in one call."""
        self._note_size(held)
        if self._ends_bundle(held):
            answer = self._tell_of_bundle(held, self._served())
        else:
            answer = self.resque.storage.jobs.complete_and_reserve(
                held.reservation,
                self._served(),
                self._token,
                discover=self.queues.dynamic,
                sequel=held.sequel(),
                most=self._bundle_size.now,
            )
            self._put_down(held, heard=not isinstance(answer, Stale))
        return self.reserve() if self._should_ask_again(answer) else answer

    def _tell_of_bundle(self, held: InHand, queues: Sequence[str]) -> Answer:
        """Complete all of the bundle that is done, and ask these queues for the next."""
        answer = self._complete_bundle(held, queues, self._token, discover=self.queues.dynamic)
        self._put_down(held, heard=not isinstance(answer, Stale))
        return answer

    def idle(self, answer: Idle) -> None:
        """There is nothing to do: ask again in `interval` seconds, or when woken; or end a burst."""
        rest = self._pace.rest(woken=self._idle_wait.wakes)
        self._poll.restart(rest)
        self._drained = self.options.drain
        if not self._drained:
            self._idle_wait.begin(self._served(), rest, discover=self.queues.dynamic)
        if self._worked and not answer.paused:
            self._worked = False
            self.runner.run_hooks("queue_empty")
        log.debug("Idle%s.", " (paused)" if answer.paused else "")

    def _use(self, options: WorkerOptions) -> None:
        """Be as new, with these options: nothing taken, nothing asked for, an id that nobody had."""
        self.options = options
        self.presence = Presence(self.resque, self.queues.patterns, options)
        self.promoter = Promoter(self.resque, options)
        self.stopping = Stopping()
        self.in_hand = None
        self.exit_code = 0
        self._drained = self._worked = self._announced = False
        self._refusals = 0
        self._known = ()
        self._token = new_id()
        self._outage = Outage()
        self._poll = Every(options.interval)
        self._pace = Pace(options)
        self._idle_wait = IdleWait(lambda: self.resque.storage.waker())
        self._last_queue = None
        self._retirement = Retirement(options, self.memory)
        self._bundle = None
        self._bundle_size = BundleSize(options.most_at_once)

    def _served(self) -> list[str]:
        """The queues that the patterns mean now, in the order in which they are asked."""
        return arranged(self.queues.resolve(self._known), self.options.order, self._last_queue)

    def memory(self) -> float:
        """Megabytes that the worker uses, for `max_rss`."""
        return 0.0

    def _serve(self) -> None:
        """Everything that needs the store, in the order of what must not wait."""
        try:
            self._go_on()
        except StorageError as error:
            self.presence.missed()
            self._outage.begin(error)
        else:
            if self._outage:
                # Nobody could wake us meanwhile.
                self._poll.now()
            self._outage.over()

    def _go_on(self) -> None:
        held = self.in_hand
        try:
            if held and self._wants_another_after(held) and self._goes_on_in_bundle(held):
                self._go_on_in_bundle(held)
            elif held and self._goes_straight_on(held):
                self._follow(self.settle_and_reserve(held))
            else:
                self._serve_in_turn()
        except WorkerBusyError as busy:
            # A Redis that was killed comes back without its last second: what we settled in it is ours again.
            log.warning("%s It goes back to its queue: the store has forgotten what became of it.", busy)
            if not self.presence.give_back():
                # What another program has put into our hands is no job: do not ask again and again.
                self._poll.restart(self.options.interval)

    def _serve_in_turn(self) -> None:
        self.settle()
        self._share()
        if self.in_hand and self.in_hand.unwritten:
            self._write_word()
        self._beat()
        swept = self.presence.sweep()
        self._report(swept)
        if swept.requeued or self.promoter.promote():
            self._poll.now()
        self._take()

    def _report(self, swept: SweepReport) -> None:
        """Have the failure backends told of the jobs of dead workers that failed."""
        for failure in swept.failures:
            self.runner.report(failure)

    def _write_word(self) -> None:
        """Keep what the job in hand says of itself."""
        held = self.in_hand
        if held:
            self._hold_alone(held)
            self.resque.storage.records.write(held.reservation, said(held.word))
            held.unwritten = False

    def _patience(self) -> float:
        """Seconds until the store, or a deadline, wants something."""
        held = self.in_hand
        if self.finished():
            return 0.0
        waits = [self.runner.left(), self._retirement.left()]
        if held:
            waits += [held.ending.left(), held.late.left()]
        if self._outage:
            return min([*waits, self._outage.left()])
        if held and not held.running:
            return 0.0
        if self._bundle:
            waits.append(self._bundle.left())
        waits += [self.presence.left(), self.promoter.left()]
        if self._waits_for_jobs():
            waits += [self._poll.left(), self._idle_wait.left()]
        return min(waits)

    def _beat(self) -> None:
        """Renew the lease when that is due, and do what was left for us to do."""
        beat = self.presence.beat()
        if beat is None:
            return
        if not beat.alive:
            self._renew()
        for verb in beat.commands:
            self.obey(verb)

    def _renew(self) -> None:
        """The store gave this worker up: drop its job, which is no longer ours, and begin anew."""
        log.warning("lost: the store does not know worker %s any more; it goes on under a new id", self.id)
        if self.in_hand:
            self.in_hand.fate, self.in_hand.ending = "drop", Ending()
            if self.in_hand.running:
                self.runner.kill()
        self._let_go_of_done(self._bundle, heard=False)
        self._bundle = None
        self._report(self.presence.renew())

    def _goes_straight_on(self, held: InHand) -> bool:
        """Whether one call does for two: the job is done, the next is wanted, nothing has to come between."""
        nothing_due = self.presence.left() > 0 and self.promoter.left() > 0
        return (
            self._wants_another_after(held) and nothing_due and (not self._shared or self._ends_bundle(held))
        )

    def _wants_another_after(self, held: InHand) -> bool:
        """Whether the job is done, and the next may be begun before anything else is looked at."""
        pressed = self._outage or self._retirement.after_jobs
        return held.done and self._wants_job() and not pressed

    def _take(self) -> None:
        """Reserve the next job and begin it, if it is time and nothing is in hand."""
        if not self.in_hand and self._wants_job():
            self._idle_wait.end()
            # Who asks us to pause and then enqueues a job (it may be what woke us) finds it waiting.
            self.attend()
            if self._wants_job():
                self._follow(self.reserve())

    def _waits_for_jobs(self) -> bool:
        """Whether nothing is in hand, and something may be taken as soon as there is something."""
        return not self.in_hand and self.stopping.taking and not self._outage

    def _wants_job(self) -> bool:
        """Whether it is time for another job, once nothing is in hand."""
        return not self.runner.dead and self.stopping.taking and self._poll.due()

    def _follow(self, answer: Answer) -> None:
        """Do what the store's answer to a wish for a job means. A stale one told of the last job only."""
        match answer:
            case Reservation():
                if first := self._open(answer):
                    self._begin_within_limit(first)
            case Idle():
                self.idle(answer)
            case Lost():
                self._renew()

    def _begin_within_limit(self, reservation: Reservation) -> None:
        """Begin the job; or, if as many of its kind run as may, let it wait, and go on with another."""
        limit = None if expired(reservation) else limit_in(reservation.entry)
        if limit is None or self.resque.storage.jobs.admit(reservation, limit, ASKS_AGAIN):
            self._begin_without_doubt(reservation)
            return
        log.debug(
            "Job %s waits: %s of %s run.", one_line(reservation.entry.id), limit.most, one_line(limit.key)
        )
        self._token = new_id()
        self._poll.now()

    def _begin_without_doubt(self, reservation: Reservation) -> None:
        """Begin the job, unless this process slept since it asked for it: then another may have it by now.

        A beat will tell; and asking once more, under the same token, gives the same job if it is still ours.
        Nor if we were asked to take none meanwhile: that may have been before the job was enqueued.
        """
        self.attend()
        if not self.stopping.taking:
            self._hand_back(reservation)
        elif self.presence.doubtful:
            self._poll.now()
        else:
            self.begin(reservation)

    def _hand_back(self, reservation: Reservation) -> None:
        """Put a job back that was not begun: in hand until the store has heard, as one that has ended."""
        log.info("Job %s goes back to its queue: this worker takes none now.", one_line(reservation.entry.id))
        self._token = new_id()
        self.in_hand = InHand(reservation)
        self.in_hand.hand_back()

    def _should_ask_again(self, answer: Answer) -> bool:
        """Note the queues that the answer names; whether there are new ones, which may have a job."""
        before, self._known = self._known, getattr(answer, "known", self._known)
        return isinstance(answer, Idle) and self.queues.dynamic and self._known != before

    def _put_down(self, held: InHand, *, heard: bool) -> None:
        """The store has heard of the job's end (or, not `heard`, does not take it from us): let go of it."""
        self.in_hand = None
        self._let_go_of(held, heard=heard)

    def _let_go_of(self, held: InHand, *, heard: bool) -> None:
        log_end(held, heard=heard)
        self._retirement.note_job()
        self._retire()
        if heard and held.failure:
            self.runner.report(held.failure)
            if held.failure.exception == JOB_EXPIRED:
                self.resque.storage.stats.increment(EXPIRED)
        if held.ended:
            self._count_refusals(held.ended)
        if limit := limit_in(held.reservation.entry):
            self.resque.storage.jobs.wake(limit.key)

    def _hear(self) -> None:
        self.runner.listen()
        self._watch()

    def _watch(self) -> None:
        """Note what the runner says, and let go of the job in hand when its time is over."""
        while ended := self.runner.ended():
            if self.in_hand and self.in_hand.note(ended):
                self._poll.now()
        if self.in_hand and (word := self.runner.word()):
            # Of one that has ended by now, too: it is told with its end.
            self.in_hand.word, self.in_hand.unwritten = word, True
        if self.in_hand and self.in_hand.running:
            self._limit(self.in_hand, self.runner.limit())
        if self.runner.dead and not self.exit_code:
            log.error("%s", self.runner.dead)
            self.exit_code = 1
        self._retire()
        self.end_in_time()

    def _limit(self, held: InHand, seconds: float | None) -> None:
        """Let the job run for so long, if somebody says how long: the worker, and after it the job itself."""
        if seconds is not None:
            held.be_limited(seconds, self.options.time_limit(seconds))

    def _retire(self) -> None:
        """Begin to end, if this worker has worked enough."""
        if not self.stopping.ending and (reason := self._retirement.reason()):
            log.info("This worker makes room for a fresh one: %s.", reason)
            self.retired = True
            self.stopping.finish()

    def _count_refusals(self, ended: Ended) -> None:
        if ended.refused is None:
            self._refusals = 0
            return
        self._refusals += 1
        log.error("A job could not be begun (%s); it is back on its queue.", ended.refused)
        self._poll.restart(min(5.0, 0.1 * 2**self._refusals))
        if self._refusals >= MOST_REFUSALS:
            raise WorkerError(f"{MOST_REFUSALS} jobs in a row could not be begun: {ended.refused}")
