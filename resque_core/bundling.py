"""`Bundling`: how a worker goes from job to job of a bundle, and from a bundle back to one job.

The store hears of the jobs of a bundle together, once the last one is done. As soon as there is more to say
of one than that it is done, the store is told to hold that one alone: then all is as without bundles.
"""

from collections.abc import Sequence

from resque_core.bundle import Bundle, BundleSize, wants_alone
from resque_core.records import Idle, Lost, Reservation, Stale
from resque_core.settling import InHand
from resque_core.steering import Steering

#: What the store says to a worker that has a job done and wants another.
Answer = Reservation | Idle | Lost | Stale


class Bundling(Steering):
    """The side of a worker that holds several jobs at once."""

    _bundle: Bundle | None
    _bundle_size: BundleSize

    def begin(self, reservation: Reservation) -> None:
        """Have the runner perform the job."""
        raise NotImplementedError

    def _let_go_of(self, held: InHand, *, heard: bool) -> None:
        """The store has heard of the job's end, or (not `heard`) had taken it from us."""
        raise NotImplementedError

    def _open(self, answer: Reservation) -> Reservation | None:
        """The first job of what the store gave us, held alone if it must be; None: it is not ours now."""
        self._bundle = bundle = Bundle(answer) if answer.bundle or self._bundle_size.most > 1 else None
        if bundle is None or not bundle.several or not wants_alone(answer.entry):
            return answer
        alone = self._narrow(bundle, answer.entry.id)
        return alone if isinstance(alone, Reservation) else None

    @property
    def _shared(self) -> Bundle | None:
        """The bundle, if the store holds more under its token than one job."""
        return self._bundle if self._bundle and self._bundle.several else None

    def _goes_on_in_bundle(self, held: InHand) -> bool:
        """Whether the next job of the bundle can be begun, and the store hear of this one later."""
        bundle = self._shared
        return bundle is not None and not bundle.over and self._is_plain(held)

    def _is_plain(self, held: InHand) -> bool:
        """Whether all there is to say of its end is that it is done, and nobody has it but us."""
        return not held.cancelled and not self.presence.doubtful and held.sequel() is None

    def _go_on_in_bundle(self, held: InHand) -> None:
        """Put this job to those that are done, and begin the next."""
        if self._bundle:
            self._bundle.done.append(held)
            self.begin(self._bundle.next())

    def _ends_bundle(self, held: InHand) -> bool:
        """Whether this is the last job of a bundle, and the store can hear of all of them together."""
        bundle = self._shared
        if bundle is None or bundle.narrowed:
            return False
        return bundle.over and held.done and self._is_plain(held)

    def _complete_bundle(self, held: InHand, queues: Sequence[str], token: str, *, discover: bool) -> Answer:
        """Complete all that is done, this last job among it, and ask these queues for the next."""
        bundle = self._bundle or Bundle(held.reservation)
        # From now on the store may have heard of it, whatever becomes of its answer.
        bundle.told = True
        answer = self.resque.storage.jobs.complete_and_reserve(
            bundle.held,
            queues,
            token,
            discover=discover,
            spells=bundle.spells(held),
            most=self._bundle_size.now,
        )
        self._bundle = None
        self._let_go_of_done(bundle, heard=not isinstance(answer, Stale))
        return answer

    def _note_size(self, held: InHand) -> None:
        """See from how this went how many jobs are worth taking at once."""
        if self._bundle and held.sequel() is None:
            self._bundle_size.note(self._bundle)
        else:
            self._bundle_size.be_one()

    def _share(self) -> None:
        """Tell of the jobs before one that takes long, and let other workers have those behind it."""
        if self._bundle and self._bundle.left() == 0 and self.in_hand:
            self._hold_alone(self.in_hand)

    def _hold_alone(self, held: InHand) -> None:
        """Have the store hold the job in hand alone: those before are done, those behind it wait again."""
        bundle = self._shared
        if bundle is None:
            return
        alone = self._narrow(bundle, held.reservation.entry.id)
        if isinstance(alone, Reservation):
            held.reservation = alone
        else:
            held.fate = "drop"

    def _narrow(self, bundle: Bundle, job_id: str) -> Reservation | Stale:
        bundle.narrowed = True
        answer = self.resque.storage.jobs.narrow(bundle.held, bundle.spells(), job_id, bundle.token)
        self._bundle_size.be_one()
        self._bundle = Bundle(answer) if isinstance(answer, Reservation) else None
        self._let_go_of_done(bundle, heard=self._bundle is not None)
        return answer

    def _let_go_of_done(self, bundle: Bundle | None, *, heard: bool) -> None:
        """The store has heard of the jobs that are done, or does not take them from us."""
        for done in bundle.done if bundle else ():
            self._let_go_of(done, heard=heard)
