"""Many processes at one store: no job twice, none lost, each queue in order, counters exact."""

from collections.abc import Sequence
from itertools import chain, pairwise

import pytest

from resque_core.storage import Storage
from resque_core.testing.contract.actor import BATCH
from resque_core.testing.contract.actors import perform
from resque_core.testing.contract.factories import numbered
from resque_core.testing.contract.fixtures import OpenAnother, StartActor
from resque_core.testing.contract.scenes import counted, ids

#: A job's number, and when the call that took it began and ended, by the clock that all processes share.
Taken = tuple[str, float, float]

PROCESSES = 8
#: What is done beside the great contention, which needs no more than a few hundred jobs.
FEW_HUNDRED = 300


def test_many_processes_take_every_job_once_and_in_order(
    storage: Storage, contention_jobs: int, start_actor: StartActor
) -> None:
    """All that is promised of a queue, under contention."""
    storage.jobs.enqueue(numbered(contention_jobs, "busy"))
    actors = [start_actor("drain", queue="busy", total=contention_jobs) for _ in range(PROCESSES)]
    sequences: list[list[Taken]] = [[(it[0], it[1], it[2]) for it in said] for said in perform(actors)]
    assert_all_took_part(sequences)
    assert_each_once(sequences, contention_jobs)
    assert_each_process_saw_them_in_order(sequences)
    assert_none_overtook_another(sequences)
    assert_counters_are_exact(storage, sequences)
    assert ids(storage, "busy") == []


def assert_all_took_part(sequences: Sequence[Sequence[Taken]]) -> None:
    """Else there was no contention, and nothing was shown."""
    assert len([sequence for sequence in sequences if sequence]) > 1


def assert_each_once(sequences: Sequence[Sequence[Taken]], total: int) -> None:
    """None twice, none lost."""
    taken = sorted(int(number) for number, _, _ in chain(*sequences))
    assert taken == list(range(total))


def assert_each_process_saw_them_in_order(sequences: Sequence[Sequence[Taken]]) -> None:
    """One after the other, as they were enqueued."""
    for sequence in sequences:
        assert all(int(one[0]) < int(next_one[0]) for one, next_one in pairwise(sequence))


def assert_none_overtook_another(sequences: Sequence[Sequence[Taken]]) -> None:
    """No job was in a worker's hands before the call began that took an earlier one.

    That is all that an observer can prove: calls that overlap in time may take effect in either order.
    """
    earliest_end_of_later = float("inf")
    for number, began, ended in sorted(chain(*sequences), key=lambda taken: -int(taken[0])):
        assert began <= earliest_end_of_later, f"a job behind {number} was taken before it"
        earliest_end_of_later = min(earliest_end_of_later, ended)


def assert_counters_are_exact(storage: Storage, sequences: Sequence[Sequence[Taken]]) -> None:
    """In total, for each worker, and in the history."""
    total = sum(len(sequence) for sequence in sequences)
    assert counted(storage) == (total, 0)
    assert sorted(info.processed for info in storage.workers.all()) == sorted(map(len, sequences))
    assert sum(bucket.value for bucket in storage.stats.history("processed", "minute", 10)) == total


def test_producers_and_workers_do_not_disturb_each_other(
    storage: Storage, contention_jobs: int, start_actor: StartActor
) -> None:
    """Each batch is stored whole and in order while others take jobs away."""
    producers = 3
    batches = max(1, min(contention_jobs, FEW_HUNDRED) // (producers * BATCH))
    total = batches * BATCH * producers
    actors = [
        start_actor("produce", queue="busy", start=1000 * producer, batches=batches)
        for producer in range(producers)
    ]
    actors += [start_actor("drain", queue="busy", total=total) for _ in range(2)]
    answers = perform(actors)
    assert counted(storage) == (total, 0)
    assert answers[:producers] == [batches * BATCH] * producers
    sequences = answers[producers:]
    assert sorted(int(taken[0]) for taken in chain(*sequences)) == numbers_of(producers, batches * BATCH)
    for producer in range(producers):
        assert_each_process_saw_them_in_order([of_producer(producer, sequence) for sequence in sequences])


def numbers_of(producers: int, each: int) -> list[int]:
    """What they enqueued."""
    return [1000 * producer + number for producer in range(producers) for number in range(each)]


def of_producer(producer: int, sequence: Sequence[Taken]) -> list[Taken]:
    """Those jobs in it that this producer enqueued."""
    return [taken for taken in sequence if int(taken[0]) // 1000 == producer]


def test_a_job_is_either_dequeued_or_worked(
    storage: Storage, contention_jobs: int, start_actor: StartActor
) -> None:
    """Never both, and never neither, while one process weeds what others take."""
    total = min(contention_jobs, FEW_HUNDRED)
    storage.jobs.enqueue(numbered(total, "busy"))
    weeder = start_actor("weed", queue="busy")
    workers = [start_actor("drain", queue="busy", total=0) for _ in range(3)]
    weeded, *sequences = perform([weeder, *workers])
    worked = [taken[0] for taken in chain(*sequences)]
    assert len(worked) == len(set(worked))
    assert weeded + len(worked) == total
    assert counted(storage) == (len(worked), 0)
    assert ids(storage, "busy") == []


def test_the_same_jobs_enqueued_by_many_processes_are_stored_once(
    storage: Storage, start_actor: StartActor
) -> None:
    """However their calls interleave, the counts that they were told add up."""
    actors = [start_actor("produce", queue="busy", start=0, batches=10) for _ in range(4)]
    assert sum(perform(actors)) == 10 * BATCH
    assert ids(storage, "busy") == [str(number) for number in range(10 * BATCH)]


@pytest.mark.usefixtures("unprepared")
def test_many_processes_may_prepare_a_new_store_at_once(
    open_another: OpenAnother, start_actor: StartActor
) -> None:
    """The first start of a pool: nobody prepared anything before."""
    actors = [start_actor("prepare") for _ in range(PROCESSES)]
    assert perform(actors) == [1] * PROCESSES
    assert open_another().queues.size("mail") == PROCESSES
