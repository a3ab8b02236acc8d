"""Two processes that want opposite things of the same job: exactly one of them gets its way."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from resque_core.records import Verdict
from resque_core.storage import Storage
from resque_core.testing.contract.actors import perform
from resque_core.testing.contract.factories import numbered
from resque_core.testing.contract.fixtures import StartActor
from resque_core.testing.contract.scenes import bury, counted, hold, ids, join, let_lapse, take, until


def lapse_all(storage: Storage, workers: Sequence[str]) -> None:
    """End the leases of all of them."""
    for worker in workers:
        storage.workers.beat(worker, 0)
    until(lambda: len(storage.workers.lapsed(len(workers))) == len(workers))


def hold_many(storage: Storage, count: int) -> list[str]:
    """So many workers that hold a job each."""
    storage.jobs.enqueue(numbered(count))
    return [take(storage, join(storage)).worker for _ in range(count)]


def won_once(answers: Sequence[Sequence[str]]) -> list[str]:
    """All that were won, sorted; nothing was won twice."""
    wins = Counter(chain(*answers))
    assert all(times == 1 for times in wins.values()), wins
    return sorted(wins)


def test_a_stale_token_of_another_process_settles_nothing(storage: Storage, start_actor: StartActor) -> None:
    """The other process was frozen: it was swept, and its job is in new hands."""
    held = hold(storage)
    frozen = start_actor("settle")
    frozen.wait_ready()
    storage.workers.sweep(let_lapse(storage, held.worker), Verdict())
    again = take(storage, join(storage))
    frozen.begin()
    assert frozen.answer() == []
    assert storage.jobs.complete(again)
    assert counted(storage) == (1, 0)


def test_a_worker_is_swept_by_one_process(
    storage: Storage, race_rounds: int, start_actor: StartActor
) -> None:
    """Each lapsed worker once, each job rescued once."""
    workers = hold_many(storage, race_rounds)
    lapse_all(storage, workers)
    answers = perform([start_actor("sweep") for _ in range(3)])
    assert won_once(answers) == sorted(workers)
    assert sorted(ids(storage), key=int) == [str(number) for number in range(race_rounds)]
    assert list(storage.workers.all()) == []
    assert [take(storage, join(storage)).rescues for _ in range(race_rounds)] == [1] * race_rounds


def test_a_job_is_completed_or_swept(storage: Storage, race_rounds: int, start_actor: StartActor) -> None:
    """The loser is told so: counters and queue agree with the answers."""
    workers = hold_many(storage, race_rounds)
    lapse_all(storage, workers)
    completed, swept = perform([start_actor("settle"), start_actor("sweep")])
    assert won_once([completed, swept]) == sorted(workers)
    assert counted(storage) == (len(completed), 0)
    assert storage.queues.size("mail") == len(swept)


def test_a_job_is_completed_once_however_many_try(
    storage: Storage, race_rounds: int, start_actor: StartActor
) -> None:
    """The same token from several processes is one settlement, counted once."""
    workers = hold_many(storage, race_rounds)
    answers = perform([start_actor("settle") for _ in range(3)])
    assert {worker for answer in answers for worker in answer} == set(workers)
    assert counted(storage) == (race_rounds, 0)
    assert [info.processed for info in storage.workers.all()] == [1] * race_rounds


def test_a_worker_leaves_or_gets_a_job(storage: Storage, race_rounds: int, start_actor: StartActor) -> None:
    """No job is left in the hands of a worker that nobody knows."""
    storage.jobs.enqueue(numbered(race_rounds))
    workers = [join(storage) for _ in range(race_rounds)]
    left, got = perform([start_actor("unregister"), start_actor("seize", queue="mail")])
    assert won_once([left, got]) == sorted(workers)
    assert [info.id for info in storage.workers.all() if info.reservation] == sorted(got)
    assert storage.queues.size("mail") == race_rounds - len(got)


def test_a_failure_is_requeued_by_one_process(
    storage: Storage, race_rounds: int, start_actor: StartActor
) -> None:
    """Two people press the same button."""
    failures = [bury(storage) for _ in range(race_rounds)]
    answers = perform([start_actor("requeue") for _ in range(3)])
    assert won_once(answers) == sorted(failure.id for failure in failures)
    assert sorted(ids(storage)) == sorted(failure.job_id for failure in failures)
