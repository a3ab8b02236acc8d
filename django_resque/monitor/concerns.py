"""`concerns_of`: what of a store somebody should look at, each with the next step."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django_resque.monitor import programs
from django_resque.monitor.instance import resque
from django_resque.monitor.listening import Listeners, alive
from django_resque.monitor.numbers import counted, number
from django_resque.monitor.schedule import is_late
from resque_core.clock import utc_now
from resque_core.records import Overview, QueueInfo

#: Delayed jobs are promoted within seconds of their time: later than this, nobody does it.
LATE = timedelta(minutes=1)
#: As many delayed jobs are read to count those that are late.
COUNTED = 100
#: As many queues without a worker have a line of their own.
LINES = 5
#: The failed store is nearly full from this part of its limit on.
NEARLY = 0.9


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that is wrong or soon will be, and what to do about it."""

    text: str
    #: The next step, in words; then one that can be typed.
    step: str = ""
    command: str = ""
    #: The list that shows more of it, and how it is narrowed.
    page: str = ""
    query: str = ""
    #: Whether a press of a button ends it: all queues are resumed.
    resumes: bool = False


def concerns_of(now: Overview) -> list[Concern]:
    """What is wrong, the worst first.

    :raises StorageError: the store cannot be reached.
    """
    return [*_lost_workers(now), *_pause(now), *_alone(now), *_overdue(now), *_late_entries(), *_full(now)]


def _lost_workers(now: Overview) -> Iterator[Concern]:
    lost = [worker for worker in now.workers if worker.state == "lapsed"]
    if not lost:
        return
    names = ", ".join(f"{worker.host}:{worker.pid}" for worker in lost[:3])
    more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
    text = f"{counted(len(lost), 'worker has', 'workers have')} missed the heartbeat: {names}{more}."
    if alive(now.workers):
        step = "The sweep of any other worker takes their jobs back within seconds."
        yield Concern(text, step, page="worker", query="state=lapsed")
    else:
        step = "No worker is left to take their jobs back. Start one:"
        yield Concern(text, step, programs.work_on("*"), page="worker", query="state=lapsed")


def _pause(now: Overview) -> Iterator[Concern]:
    if now.paused:
        text = "All queues are paused: no worker takes a job until they are resumed."
        yield Concern(text, page="queue", resumes=True)


def _alone(now: Overview) -> Iterator[Concern]:
    """The queues with jobs that nobody takes, the fullest first."""
    if now.pending and not alive(now.workers):
        text = f"No worker runs, and {counted(now.pending, 'job waits', 'jobs wait')}."
        yield Concern(text, "Start one:", programs.work_on("*"), page="queue")
        return
    listeners = Listeners(now)
    waiting = [queue for queue in now.queues if queue.size and not listeners.of(queue.name)]
    queues = sorted(waiting, key=lambda queue: (-queue.size, queue.name))
    yield from map(_alone_with, queues[:LINES])
    if rest := queues[LINES:]:
        jobs = counted(sum(queue.size for queue in rest), "job waits", "jobs wait")
        text = f"No worker listens to {counted(len(rest), 'more queue', 'more queues')}, where {jobs}."
        yield Concern(text, page="queue", query="state=alone")


def _alone_with(queue: QueueInfo) -> Concern:
    text = f"No worker listens to {queue.name}, where {counted(queue.size, 'job waits', 'jobs wait')}."
    return Concern(text, "Start one:", programs.work_on(queue.name), page="queue", query="state=alone")


def _overdue(now: Overview) -> Iterator[Concern]:
    late = _count_late(1) if now.delayed else 0
    if not late:
        return
    late = _count_late(COUNTED)
    jobs = counted(
        late, "delayed job is", "or more delayed jobs are" if late == COUNTED else "delayed jobs are"
    )
    if alive(now.workers):
        step = "Workers run: does each have --no-promote, or does a resque-scheduler hold its lock? Start:"
    else:
        step = "Workers and schedulers do that, and no worker runs. Start one:"
    yield Concern(
        f"{jobs} overdue: nobody puts them on their queues.", step, programs.schedule(), "delayedjob"
    )


def _count_late(most: int) -> int:
    """How many of so many that are due first should have been promoted by now."""
    latest = utc_now() - LATE
    return sum(delayed.run_at < latest for delayed in resque.storage.schedule.peek(0, most))


def _late_entries() -> Iterator[Concern]:
    late = sum(is_late(entry) for entry in resque.all_schedules())
    if late:
        text = f"{counted(late, 'recurring entry is', 'recurring entries are')} due, and not run."
        yield Concern(text, "No scheduler seems to run. Start one:", programs.schedule(), "schedule")


def _full(now: Overview) -> Iterator[Concern]:
    most = resque.keeping.most
    if most and now.failed >= NEARLY * most:
        text = f"The failed store has {number(now.failed)} of at most {number(most)} jobs."
        yield Concern(text, "With each new failure, the oldest goes for good.", page="failedjob")
