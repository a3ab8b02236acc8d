"""`Performer`: runs one job through its hooks, step by step."""

from resque_core.around import within
from resque_core.attempts import after
from resque_core.current import performing
from resque_core.definition import Definition
from resque_core.display import one_line
from resque_core.errors import DontPerform, JobInterrupt, PromotionRefused, UnknownJobClass
from resque_core.failing import describe, exception_message, exception_name
from resque_core.hooks import Kind
from resque_core.job import Job
from resque_core.outcome import Again, Problem
from resque_core.redaction import shown_safely
from resque_core.registry import Registry
from resque_core.surroundings import surrounded
from resque_core.tracker import Tracker


class DirtyExit(Exception):
    """Handed to `on_failure` hooks when the job's process died. Never raised."""


class Performer:
    """Runs jobs, one at a time. Only registered jobs run; nothing is imported for them."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._failed: Job | None = None

    def perform(self, job: Job, tracker: Tracker | None = None) -> bool:
        """Perform the job within its hooks. False when a hook kept it from being performed.

        The tracker gets what the job returned.

        :raises UnknownJobClass: nobody registered the job's name; no hook was called.
        """
        definition = self._look_up(job)
        tracker = tracker or Tracker(job)
        with surrounded(performing(tracker)):
            try:
                return _Run(job, definition, tracker).through_all_steps()
            except BaseException as error:
                if not (isinstance(error, JobInterrupt) and (error.hands_back or not error.fails)):
                    self.run_failure_hooks(job, error)
                raise

    def time_limit(self, name: str) -> float | None:
        """How many seconds a job of this name may run, if its definition says so."""
        definition = self.registry.get(name)
        return definition.options.timeout if definition else None

    def verdict(
        self,
        job: Job | None,
        error: BaseException,
        problem: Problem | None = None,
        *,
        wanted: bool = True,
    ) -> tuple[Problem, Again | None]:
        """What is to be said of a job that ended so, and what its retry policy says; its hooks are told.

        The policy of a job that is not `wanted` any more is not asked.
        A hook that raises makes the job fail, with both errors, and it is not tried again.
        """
        problem = problem or describe(error)
        try:
            return problem, self._again(job, error, problem) if job and wanted else None
        except BaseException as broken:
            return describe(broken), None

    def _again(self, job: Job, error: BaseException, problem: Problem) -> Again | None:
        definition = self.registry.get(job.name)
        if definition is None or (isinstance(error, JobInterrupt) and error.hands_back):
            return None
        again = after(job, definition.options.retry, error, problem)
        if again is not None:
            self._run_hooks(job, definition, "on_give_up" if again.delay is None else "on_retry", error)
        return again

    def run_failure_hooks(self, job: Job, error: BaseException) -> None:
        """Call the job's `on_failure` hooks, once for each job object.

        :raises RuntimeError: a hook raised; the message names both errors, the cause is the job's own.
        """
        definition = self.registry.get(job.name)
        if definition is None or self._failed is job:
            return
        self._failed = job
        self._run_hooks(job, definition, "on_failure", error)

    def _run_hooks(self, job: Job, definition: Definition, kind: Kind, error: BaseException) -> None:
        try:
            with surrounded(performing(Tracker(job))):
                definition.hooks.run(kind, (error, *job.args), job.kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException as broken:
            raise RuntimeError(_both(shown_safely(job, definition), error, broken)) from error

    def _look_up(self, job: Job) -> Definition:
        definition = self.registry.get(job.name)
        if definition is None:
            raise UnknownJobClass(
                f"No module that was imported here registers a job named '{one_line(job.name)}'. Have the "
                f"worker import the one that does: resque work --require MODULE."
            )
        return definition


class _Run:
    """One job on its way through its steps."""

    def __init__(self, job: Job, definition: Definition, tracker: Tracker) -> None:
        self.job = job
        self.definition = definition
        self.hooks = definition.hooks
        self.performed = False
        self._tracker = tracker
        self._result: object = None

    def through_all_steps(self) -> bool:
        """Before, around, perform, after; False when perform was not reached, or not to its end."""
        if self.job.delayed_hooks:
            self.end_delay()
        try:
            self.before()
        except DontPerform:
            return False
        self.around()
        self.after()
        self._tracker.finish(self._result)
        return self.performed

    def end_delay(self) -> None:
        """Call the hooks of a job that was delayed: here, because its promotion runs no code.

        :raises PromotionRefused: it is not to run.
        """
        args, kwargs = self.job.args, self.job.kwargs
        try:
            vetoed = self.hooks.veto("before_delayed_enqueue", args, kwargs)
            if not vetoed:
                self.hooks.run("after_delayed_enqueue", args, kwargs)
        except Exception as error:
            raise PromotionRefused(f"A hook of the {self._delayed} raised {_named(error)}") from error
        if vetoed:
            raise PromotionRefused(f"A before_delayed_enqueue hook vetoed the {self._delayed}")

    @property
    def _delayed(self) -> str:
        return f"delayed job {shown_safely(self.job, self.definition)}"

    def before(self) -> None:
        """Call the `before_perform` hooks."""
        self.hooks.run("before_perform", self.job.args, self.job.kwargs)

    def around(self) -> None:
        """Perform the job inside its `around_perform` hooks."""
        hooks = self.hooks.of("around_perform")
        perform = within(hooks, self.perform, self.job.args, self.job.kwargs) if hooks else self.perform
        self._result = perform()

    def perform(self) -> object:
        """Call the job itself."""
        result = self.definition.call(self.job.args, self.job.kwargs)
        self.performed = True
        return result

    def after(self) -> None:
        """Call the `after_perform` hooks."""
        self.hooks.run("after_perform", self.job.args, self.job.kwargs)


def _both(job: str, error: BaseException, broken: BaseException) -> str:
    return (
        f"Additional error ({_named(broken)}) occurred in running failure hooks for job {job}\n"
        f"Original error that caused job failure was {_named(error)}"
    )


def _named(error: BaseException) -> str:
    return f"{exception_name(error)}: {exception_message(error)}"
