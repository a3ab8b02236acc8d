"""The table of fail points: in which scene each is reached, and where the job may be afterwards.

Each point of `resque_core.failpoints` has a row, or is a call that only operators make.
"""

from dataclasses import dataclass

#: Where a job can be: never stored, on its queue (`rescued`: once more, from a dead worker), run to its
#: end, or in the failed store with this exception.
NOTHING, WAITING, RESCUED, DONE = "nothing", "waiting", "rescued", "done"
RAISED, DIED = "failed ValueError", "failed DirtyExit"


@dataclass(frozen=True)
class Row:
    """A point; what happens to reach it; where the job may be once the dead were swept; and in the end."""

    point: str
    scene: str
    killed: frozenset[str]
    #: After a process that froze goes on, or a call failed that was repeated; and all was worked off.
    end: frozenset[str]


def _around(
    place: str, scene: str, before: str, after: str, end: str = DONE, *, end_after: str = ""
) -> list[Row]:
    """The two rows of a place; several allowed outcomes are parted by a bar."""
    return [
        Row(f"{place}.before", scene, _places(before), _places(end)),
        Row(f"{place}.after", scene, _places(after), _places(end_after or end)),
    ]


def _places(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


ROWS = [
    # The keeper, from its first call of the store to its last.
    *_around("keeper.launch", "a job", WAITING, WAITING),
    *_around("prepare", "a job", WAITING, WAITING),
    *_around("workers.register", "a job", WAITING, WAITING),
    *_around("workers.beat", "a job", WAITING, WAITING),
    *_around("schedule.promote", "a delayed job", WAITING, WAITING),
    *_around("jobs.reserve", "a job", WAITING, RESCUED),
    *_around("keeper.begin", "a job", RESCUED, RESCUED),
    *_around("jobs.complete_and_reserve", "a quick job", RESCUED, DONE),
    *_around("keeper.settle", "a job that raises", RESCUED, RAISED, RAISED),
    *_around("jobs.complete", "a last job", RESCUED, DONE),
    *_around("jobs.fail", "a job that raises", RESCUED, RAISED, RAISED),
    *_around("jobs.reschedule", "a job that is retried", RESCUED, WAITING),
    *_around("jobs.release", "a job handed back", RESCUED, WAITING),
    *_around("workers.lapsed", "a dead neighbour", RESCUED, RESCUED),
    *_around("workers.sweep", "a dead neighbour", RESCUED, RESCUED),
    *_around("keeper.leave", "a job", DONE, DONE),
    *_around("workers.unregister", "a job", DONE, DONE),
    *_around("close", "a job", DONE, DONE),
    # The app process. It opens no storage. Whoever has no app process any more hands its job back,
    # unless a child has begun it.
    *_around("app.load", "a job", WAITING, WAITING),
    *_around("app.fork", "a job", WAITING, f"{WAITING}|{DIED}|{DONE}", DONE, end_after=f"{DONE}|{DIED}"),
    *_around("app.bury", "a job that kills its child", DIED, DIED, DIED),
    *_around("app.mourn", "a job that kills its child", DIED, DIED, DIED),
    # The child. What it has said counts; what it has not, did not happen.
    *_around("child.read", "a job", DIED, DIED),
    *_around("child.perform", "a job", DIED, DIED),
    *_around("child.tell", "a job", DIED, DONE),
    # Who enqueues: a program, or a job.
    *_around("jobs.enqueue", "a producer", NOTHING, WAITING, f"{NOTHING}|{DONE}", end_after=DONE),
    *_around(
        *("jobs.enqueue_unique", "a producer of a unique job", NOTHING, WAITING, f"{NOTHING}|{DONE}"),
        end_after=DONE,
    ),
    *_around("batches.begin", "a producer of a batch", NOTHING, WAITING, f"{NOTHING}|{DONE}", end_after=DONE),
    # Of a job within a limit: with its slot it is still its worker's, and waking others is not its business.
    *_around("jobs.admit", "a limited job", RESCUED, RESCUED),
    *_around("jobs.wake", "a limited job", DONE, DONE),
    # Notes of tracked jobs: where the job is does not depend on them.
    *_around("records.open", "a producer of a tracked job", WAITING, WAITING),
    *_around("records.write", "a tracked job", RESCUED, RESCUED),
]

#: Calls that take several jobs: `tests/faults/test_bundle_kills.py` has them.
OF_BUNDLES = frozenset({"jobs.narrow"})

#: Calls that no process of a worker makes, nor one that enqueues: of schedulers, and of people who look at a
#: store and put it in order. What a death in their midst leaves behind is a matter of the contract suite.
OPERATORS = frozenset(
    {
        *("queues.all", "queues.size", "queues.peek", "queues.pop", "queues.dequeue", "queues.clear"),
        "queues.move",
        *("queues.remove", "queues.pause", "queues.resume", "queues.paused"),
        *("queues.latencies", "queues.timings"),
        *("failures.peek", "failures.count", "failures.get", "failures.requeue", "failures.remove"),
        "failures.each",
        *("schedule.promote_now", "schedule.size", "schedule.peek", "schedule.get"),
        *("schedule.overdue", "schedule.retrying"),
        *("schedule.find", "schedule.remove", "schedule.clear", "jobs.cancel", "records.read"),
        *("recurring.all", "recurring.put", "recurring.advance", "recurring.remove"),
        *(
            "failures.clear",
            "failures.sort",
            "workers.all",
            "workers.command",
            "overview",
            "server_info",
            "inventory",
            "examine",
            # Makes no call; a worker without one polls.
            "waker",
        ),
        # Workers make the first of each now and then, and go on without it.
        *("batches.mend", "batches.read", "batches.count", "batches.all", "queues.sample", "queues.samples"),
        # A pool's helper makes the first; without it the pool goes on.
        *("pools.report", "pools.withdraw", "pools.all", "pools.command"),
        *("stats.increment", "stats.all", "stats.clear", "stats.history"),
    }
)
