"""What was sent to a worker before a job was enqueued is heard before that job is begun."""

import signal
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from stores import prepared
from watched_jobs import Watched

from resque_core import Resque, Worker, job, register
from resque_core.errors import StorageError
from resque_core.idle_wait import IdleWait
from resque_core.records import Idle, Lost, Reservation
from resque_core.registry import registry

RAN: list[int] = []
each = pytest.mark.parametrize(
    "number", [signal.SIGUSR2, signal.SIGQUIT, signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
)


class Parcel:
    queue = "shop"

    @staticmethod
    def perform(number: int) -> None:
        RAN.append(number)


@job(queue="shop", name="order.alone", limit=1)
def alone() -> None:
    RAN.append(9)


class Doorbell:
    """A waker that rings as soon as it is asked; `before` happens first."""

    def __init__(self, before: Callable[[], object]) -> None:
        self._before = before

    def listen(self, queues: Sequence[str], seconds: float, *, discover: bool = False) -> None: ...

    def fileno(self) -> int:
        return -1

    def left(self) -> float:
        return 0.0

    def heard(self) -> bool:
        self._before()
        return True

    def stop(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _registered() -> None:
    RAN.clear()
    if registry.made_of(Parcel) is None:
        register(Parcel)


@pytest.fixture
def resque(tmp_path: Path) -> Iterator[Resque]:
    with Resque(prepared(tmp_path / "resque.sqlite3")) as resque:
        yield resque


class Paused(Worker):
    """Ends once it is paused; a second look, a beat and a sweep are far off."""

    def __init__(self, resque: Resque, **options: Any) -> None:
        super().__init__(resque, "shop", fork=False, interval=3600, lease=3600, sweep=3600, **options)

    def pause(self) -> None:
        super().pause()
        self.shutdown()


def send(number: int) -> None:
    """Python has noted it when this returns."""
    signal.raise_signal(number)


def send_then_enqueue(resque: Resque, number: int, job: Any, *args: Any) -> None:
    send(number)
    resque.enqueue(job, *args)


@each
def test_who_is_woken_by_a_job_hears_first_what_was_sent_before_it(
    resque: Resque, watched: Watched, number: int
) -> None:
    worker = Paused(resque)
    act = partial(send_then_enqueue, resque, number, Parcel, 1)
    worker._idle_wait = IdleWait(lambda: Doorbell(act))
    assert worker.work() == 0
    assert RAN == []
    assert resque.size("shop") == 1
    assert watched.calls == ["reserve", "enqueue"]


def before(watched: Watched, name: str, act: Callable[[], object]) -> None:
    """Have `act` done right before the first call of this name reaches the store."""
    call = getattr(watched, name)

    def act_then_call(*arguments: Any, **options: Any) -> Any:
        delattr(watched, name)
        act()
        return call(*arguments, **options)

    setattr(watched, name, act_then_call)


@each
def test_a_job_that_came_after_a_signal_while_the_store_was_asked_is_not_begun(
    resque: Resque, watched: Watched, number: int
) -> None:
    before(watched, "reserve", partial(send_then_enqueue, resque, number, Parcel, 1))
    assert Paused(resque).work() == 0
    assert RAN == []
    assert resque.size("shop") == 1
    assert watched.calls == ["enqueue", "reserve", "release"]
    assert resque.stats.all() == {}


@each
def test_nor_is_one_that_came_with_the_end_of_the_job_before_it(
    resque: Resque, watched: Watched, number: int
) -> None:
    resque.enqueue(Parcel, 0)
    before(watched, "complete_and_reserve", partial(send_then_enqueue, resque, number, Parcel, 1))
    assert Paused(resque).work() == 0
    assert RAN == [0]
    assert resque.size("shop") == 1
    assert watched.calls[-2:] == ["complete_and_reserve", "release"]
    assert resque.stats.all() == {"processed": 1}


def test_a_bundle_that_came_after_a_signal_goes_back_in_its_order(resque: Resque, watched: Watched) -> None:
    def enqueue_several() -> None:
        send(signal.SIGUSR2)
        resque.enqueue_many([(Parcel, number) for number in (1, 2, 3)])

    worker = Paused(resque)
    worker._bundle_size.now = 3
    before(watched, "reserve", enqueue_several)
    assert worker.work() == 0
    assert watched.brought == [3]
    assert RAN == []
    assert [job.args for job in resque.peek("shop", 0, 9)] == [(1,), (2,), (3,)]


def test_one_that_goes_back_gives_its_slot_to_the_next(resque: Resque, watched: Watched) -> None:
    before(watched, "reserve", partial(send_then_enqueue, resque, signal.SIGUSR2, alone))
    assert Paused(resque).work() == 0
    assert "admit" in watched.calls
    assert Worker(resque, "shop", fork=False, burst=True).work() == 0
    assert RAN == [9]


def test_one_goes_back_though_the_store_does_not_answer_at_first(resque: Resque, watched: Watched) -> None:
    def break_down() -> None:
        raise StorageError("away")

    before(watched, "reserve", partial(send_then_enqueue, resque, signal.SIGUSR2, Parcel, 1))
    before(watched, "release", break_down)
    assert Paused(resque).work() == 0
    assert watched.calls[-1] == "release"
    assert RAN == []
    assert resque.size("shop") == 1


def test_who_is_resumed_takes_what_went_back_under_another_token(resque: Resque, watched: Watched) -> None:
    tokens = []

    class Resumed(Worker):
        def reserve(self) -> Reservation | Idle | Lost:
            answer = super().reserve()
            if isinstance(answer, Reservation):
                tokens.append(answer.token)
            return answer

        def settle(self) -> None:
            super().settle()
            if self.stopping.paused and not self.in_hand:
                send(signal.SIGCONT)

    before(watched, "reserve", partial(send_then_enqueue, resque, signal.SIGUSR2, Parcel, 1))
    assert Resumed(resque, "shop", fork=False, burst=True).work() == 0
    assert RAN == [1]
    assert resque.stats.all() == {"processed": 1}
    assert len(set(tokens)) == 2


def test_what_ends_a_running_job_does_not_end_one_that_came_later(resque: Resque, watched: Watched) -> None:
    before(watched, "reserve", partial(send_then_enqueue, resque, signal.SIGUSR1, Parcel, 1))
    assert Worker(resque, "shop", fork=False, burst=True).work() == 0
    assert RAN == [1]
