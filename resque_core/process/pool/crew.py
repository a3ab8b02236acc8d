"""`Crew`: the live workers of a pool: forks them, counts them by group, and buries them."""

import logging
import os
import selectors
import signal
from collections.abc import Callable, Iterable, Iterator

from resque_core.display import one_line
from resque_core.pool.backoff import HEALTHY, Backoff
from resque_core.pool.group import Group, Groups
from resque_core.process.pool.seat import Seat
from resque_core.process.signals import held_back
from resque_core.process.streams import flush_streams
from resque_core.timers import Every

log = logging.getLogger("resque.pool")

#: `become(group, writer)` runs in the forked worker and never returns; it writes pulses to `writer`.
Become = Callable[[Group, int], None]


class Crew:
    """Who works in the pool. Its selector wakes the manager when a worker shows something."""

    def __init__(
        self,
        become: Become,
        selector: selectors.BaseSelector,
        held: Iterable[signal.Signals],
        spawn_delay: float = 0.0,
    ) -> None:
        self._become = become
        self._selector = selector
        self._held = tuple(held)
        #: Between two forks, for machines on which many at once are too much.
        self._gap = Every(spawn_delay)
        self._tries = self._arrivals = 0
        self._seats: dict[int, Seat] = {}
        self._backoffs: dict[str, Backoff] = {}

    def __len__(self) -> int:
        return len(self._seats)

    def __iter__(self) -> Iterator[Seat]:
        """Oldest first."""
        return iter(list(self._seats.values()))

    @property
    def pids(self) -> list[int]:
        """Process ids, oldest first."""
        return list(self._seats)

    def of(self, group: str) -> list[Seat]:
        """The workers of one group, those that were told to end among them; oldest first."""
        return [seat for seat in self._seats.values() if seat.group == group]

    def backoff(self, group: str) -> Backoff:
        """How patient to be with this group."""
        return self._backoffs.setdefault(group, Backoff())

    def groups(self, wanted: Groups) -> list[str]:
        """Every group that is wanted or has workers left."""
        return list(dict.fromkeys([*wanted, *(seat.group for seat in self._seats.values())]))

    def left(self, wanted: Groups) -> float:
        """Seconds until somebody who is missing may be forked."""
        waits = (self.backoff(name).left() for name in self._lacking(wanted))
        return max(self._gap.left(), min(waits, default=float("inf")))

    def complete(self, wanted: Groups) -> bool:
        """Whether all are there, or have been at least, as far as that can be done now."""
        each_was = self._tries >= _total(wanted)
        return each_was or all(self.backoff(name).left() for name in self._lacking(wanted))

    def arrived(self, wanted: Groups) -> bool:
        """Whether as many workers have come into the store's register as are wanted."""
        return self._arrivals >= _total(wanted)

    def reconcile(self, wanted: Groups) -> Iterator[Seat]:
        """Set the numbers right: ask the oldest of too many to end, and fork who is missing, one by one.

        With a `spawn_delay` it forks at most one: who calls waits until `left` is over, and comes again.
        """
        for name in self.groups(wanted):
            group, seats = wanted.get(name) or Group(name, 0), self.of(name)
            for seat in seats[: max(0, len(seats) - group.workers)]:
                seat.tell(signal.SIGQUIT)
            for _ in range(group.workers - len(seats)):
                forked = self._fork(group) if self._may_fork(name) else None
                if forked is not None:
                    yield forked

    def _lacking(self, wanted: Groups) -> list[str]:
        return [name for name, group in wanted.items() if len(self.of(name)) < group.workers]

    def _may_fork(self, name: str) -> bool:
        return self._gap.due() and not self.backoff(name).left()

    def _fork(self, group: Group) -> Seat | None:
        """One more worker for the group; None when the machine has no process for it."""
        self.backoff(group.queues).workers = group.workers
        self._tries += 1
        self._gap.restart()
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        flush_streams()
        try:
            with held_back(self._held):
                pid = os.fork()
                if pid == 0:
                    self._become_worker(group, reader, writer)
        except OSError as error:
            os.close(reader)
            self.backoff(group.queues).note_end(lived=0.0, registered=False)
            log.error("No worker for %s could be forked: %s", one_line(group.queues), error)  # noqa: TRY400
            return None
        finally:
            os.close(writer)
        seat = Seat(group.queues, pid, reader)
        self._seats[pid] = seat
        self._selector.register(seat, selectors.EVENT_READ)
        return seat

    def listen(self) -> None:
        """Take note of what the workers have shown."""
        for seat in self._seats.values():
            if seat.fileno() in self._selector.get_map() and not self._hear(seat):
                self._selector.unregister(seat)
            if seat.registered and seat.lived >= HEALTHY:
                self.backoff(seat.group).note_health()

    def _hear(self, seat: Seat) -> bool:
        was_there = seat.registered
        goes_on = seat.listen()
        self._arrivals += seat.registered and not was_there
        return goes_on

    def reap(self) -> list[Seat]:
        """Bury each worker that has ended, and any other child of this process; tell which workers."""
        ended = []
        while found := _next_ended():
            pid, code = found
            seat = self._seats.pop(pid, None)
            if seat is None:
                log.info("Process %d had already died", pid)
                continue
            self._bury(seat, code)
            ended.append(seat)
        return ended

    def _bury(self, seat: Seat, code: int) -> None:
        self._hear(seat)
        if seat.fileno() in self._selector.get_map():
            self._selector.unregister(seat)
        os.close(seat.pulses)
        log.info("Reaped resque worker[%d] (status: %d) queues: %s", seat.pid, code, one_line(seat.group))
        if seat.told is None:
            self.backoff(seat.group).note_end(
                lived=seat.lived,
                registered=seat.registered,
                killed=code == -signal.SIGKILL,
                in_order=code == 0,
            )

    def let_go(self) -> None:
        """In a forked process, which has nothing to do with the workers."""
        for seat in self._seats.values():
            os.close(seat.pulses)

    def _become_worker(self, group: Group, reader: int, writer: int) -> None:
        os.close(reader)
        self._become(group, writer)


def _total(groups: Groups) -> int:
    return sum(group.workers for group in groups.values())


def _next_ended() -> tuple[int, int] | None:
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, os.waitstatus_to_exitcode(status)) if pid else None
