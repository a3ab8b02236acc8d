"""What the keeper says to the app process, and how that is read."""

from datetime import datetime

from resque_core.display import one_line
from resque_core.errors import ResqueError, SettingsError, WorkerError
from resque_core.failing import describe
from resque_core.process.child import job_frame
from resque_core.process.frames import Frame, text_frame
from resque_core.records import Reservation, WorkerInfo
from resque_core.worker_hooks import WorkerHookKind


def mourn_frame(job: Reservation, exception: str, message: str) -> Frame:
    """The word to the app process that the child of this job has died, and how that is called."""
    head = text_frame("mourn", job.token, exception, message)
    return Frame(head.kind, head.parts + job_frame(job.entry).parts)


def prepare_frame(job: Reservation) -> Frame:
    """The word to the app process to run its before_fork hooks for this job, and then to fork a child."""
    head = text_frame("prepare", job.token)
    return Frame(head.kind, head.parts + job_frame(job.entry).parts)


def hook_frame(kind: WorkerHookKind, worker: WorkerInfo | None) -> Frame:
    """The word to the app process to run its hooks of this kind."""
    if worker is None:
        return text_frame("hook", kind)
    started = worker.started_at.isoformat()
    return text_frame("hook", kind, worker.id, worker.host, str(worker.pid), started, *worker.queues)


def read_hook_frame(frame: Frame) -> tuple[WorkerHookKind, WorkerInfo | None]:
    """What a frame of `hook_frame` says."""
    kind, *about = frame.texts()
    if not about:
        return kind, None  # type: ignore[return-value]
    worker, host, pid, started, *queues = about
    info = WorkerInfo(
        id=worker,
        host=host,
        pid=int(pid),
        queues=tuple(queues),
        started_at=datetime.fromisoformat(started),
    )
    return kind, info  # type: ignore[return-value]


def unloadable_frame(error: BaseException) -> Frame:
    """The word to the keeper that loading the jobs raised this."""
    problem = describe(error)
    # A SettingsError says all itself: what was named and, if that raised, the traceback of the user's code.
    backtrace = () if isinstance(error, SettingsError) else problem.backtrace
    return text_frame("unloadable", problem.error, *backtrace)


def unloadable(reason: str, backtrace: list[str]) -> ResqueError:
    """What a frame of `unloadable_frame` says, to be raised; with the end of the traceback."""
    if not backtrace:
        return SettingsError(reason)
    said = reason.partition("\n")[0]
    last = "\n".join(one_line(line, 500) for line in backtrace[-12:])
    return WorkerError(f"The jobs could not be loaded: {one_line(said, 1000)}\n{last}".rstrip())
