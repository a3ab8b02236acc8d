"""`resque enqueue`: put one job on a queue, or all that a file has."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, BinaryIO

import typer

from resque_core.cli.command import command
from resque_core.cli.ending import fail
from resque_core.cli.job_lines import InvalidLineError, JobLines, Progress, opened_lines
from resque_core.cli.options import OutputOptions, StoreOptions, option
from resque_core.cli.render import print_json, print_text
from resque_core.cli.shapes import job_shape
from resque_core.cli.store import opened
from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.errors import EnqueueError, SettingsError
from resque_core.job import Job
from resque_core.loading import load_modules
from resque_core.outbox import StoreOutbox
from resque_core.records import When


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"--at: {one_line(text, 60)} is no time. Write it like 2026-12-24T18:00:00+01:00."
        ) from None


@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """Which job, with what, and where to."""

    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            show_default=False,
            help="The job's name, e.g. shop.jobs.send_receipt or Mailer.",
        ),
    ] = None
    args: Annotated[
        list[str] | None,
        typer.Argument(metavar="JSON", show_default=False, help="Its arguments as JSON: 42 true '\"text\"'"),
    ] = None
    kwargs: Annotated[
        str, option("--kwargs", metavar="JSON", help="Its keyword arguments as a JSON object.")
    ] = "{}"
    queue: Annotated[
        str | None,
        option("--queue", "-q", metavar="NAME", help="The queue. With --require, the job's own by default."),
    ] = None
    at_front: Annotated[bool, option("--at-front", help="Put it before all that wait.")] = False
    expires: Annotated[
        float | None,
        option("--expires", metavar="SECONDS", help="Do not run it so long after it should have run."),
    ] = None
    then: Annotated[
        list[str] | None,
        option("--then", metavar="NAME", help="When it is done, enqueue this with its result. Repeatable."),
    ] = None
    delay: Annotated[
        float | None, option("--in", metavar="SECONDS", help="Run it so long from now, not at once.")
    ] = None
    moment: Annotated[
        str | None,
        option("--at", metavar="TIME", help="Run it then: 2026-12-24T18:00:00+01:00."),
    ] = None
    lines: Annotated[
        str | None,
        option(
            "--from-jsonl",
            metavar="FILE",
            help="Enqueue all jobs of this file, a JSON object on each line; - is the standard input.",
        ),
    ] = None
    require: Annotated[
        list[str] | None,
        option(
            "--require", "-r", metavar="MODULE", help="Import this module first, for its hooks and queues."
        ),
    ] = None


def add_to(app: typer.Typer) -> None:
    """Add this file's command."""
    # A negative number would otherwise be taken for an option. What is neither is refused as no JSON.
    command(app, "enqueue", context_settings={"ignore_unknown_options": True})(enqueue)


def enqueue(job: JobOptions, store: StoreOptions, output: OutputOptions) -> None:
    """Put a job on a queue, now or later, and print its id.

    \b
    Examples:
      resque enqueue shop.jobs.send_receipt 42 --queue mail
      resque enqueue Mailer 7 '"Hello"' '{"html": true}' --queue mail --at-front
      resque enqueue shop.jobs.send_receipt 42 --queue mail --in 3600 --expires 600
      resque enqueue shop.jobs.resize --kwargs '{"width": 80}' --require shop.jobs
      resque enqueue shop.jobs.resize 7 --then shop.jobs.publish --require shop.jobs
      resque enqueue --from-jsonl receipts.jsonl --queue mail
    """
    if job.lines is not None:
        _enqueue_lines(job.lines, job, store, output)
    elif job.name is not None:
        _enqueue_one(job.name, job, store, output)
    else:
        raise SettingsError("Which job? Give its NAME, or a file of jobs: --from-jsonl FILE.")


def _enqueue_one(name: str, job: JobOptions, store: StoreOptions, output: OutputOptions) -> None:
    args = [json_value(text, f"argument {number}") for number, text in enumerate(job.args or (), 1)]
    kwargs = _keywords(job.kwargs)
    load_modules(job.require or ())
    with opened(store, create=True) as resque:
        resque.outbox = outbox = _Attentive(lambda: resque.storage)
        placed = _place(resque, name, job, args, kwargs)
    if placed is None:
        fail(f"{name} was not enqueued: {_reason(job, outbox.holders)}")
    if output.json:
        print_json(job_shape(placed))
    else:
        print_text(placed.id)


class _Attentive(StoreOutbox):
    """Notes which jobs hold the claims of those that were not stored."""

    holders: tuple[str, ...] = ()

    def put(
        self, jobs: Sequence[Job], *, at_front: bool = False, run_at: When | None = None
    ) -> Mapping[str, str]:
        """Store them, and note that."""
        refused = super().put(jobs, at_front=at_front, run_at=run_at)
        self.holders = tuple(refused.values())
        return refused


def _reason(job: JobOptions, holders: Sequence[str]) -> str:
    if holders:
        return f"it is unique, and job {one_line(holders[0])} is the same and has not come to its end."
    kind = "before_enqueue" if _when(job) is None else "before_schedule"
    return f"one of its {kind} hooks refused it."


def _enqueue_lines(name: str, job: JobOptions, store: StoreOptions, output: OutputOptions) -> None:
    """Enqueue what the file has; what is wrong with one line is told with its number."""
    kept = {"NAME": job.name, "--at-front": job.at_front, "--expires": job.expires, "--then": job.then}
    for what, given in kept.items():
        if given:
            raise SettingsError(f"--from-jsonl: leave {what} out: each line says what it wants.")
    if _when(job) is not None or job.kwargs != "{}":
        raise SettingsError("--from-jsonl: leave --in, --at and --kwargs out: all lines are enqueued now.")
    load_modules(job.require or ())
    with opened_lines(name) as file, opened(store, create=True) as resque:
        stored = _stream(resque, name, file, job.queue)
    if output.json:
        print_json({"enqueued": stored})
    else:
        print_text(f"{stored} jobs were enqueued.")


def _stream(resque: Resque, name: str, file: BinaryIO, queue: str | None) -> int:
    lines, bar = JobLines(file, queue), Progress(file)

    def show(stored: int) -> None:
        lines.note_stored(stored)
        bar.show(lines.read)

    try:
        return resque.enqueue_stream(lines, progress=show)
    except (EnqueueError, InvalidLineError) as error:
        before = f"{lines.stored} jobs before it were enqueued (up to line {lines.stored_to})"
        fail(f"{name}, line {lines.number}: {error} {before}; no other was.")
    except Exception as error:
        # A store that went away may have stored what it did not answer to; a hook may raise after that.
        before = f"{lines.stored} jobs were enqueued, up to line {lines.stored_to}"
        error.add_note(f"{name}: {before}; of the lines after that, to {lines.number}, all or none.")
        raise
    finally:
        bar.end()


def _place(
    resque: Resque, name: str, job: JobOptions, args: Sequence[Any], kwargs: dict[str, Any]
) -> Job | None:
    when = _when(job)
    if when is not None:
        return _delay(resque, when, name, job, args, kwargs)
    wishes: Any = {"at_front": job.at_front, "expires": job.expires, "then": job.then}
    if job.queue is None:
        return resque.enqueue(name, *args, **wishes, **kwargs)
    return resque.enqueue_to(job.queue, name, *args, **wishes, **kwargs)


def _delay(
    resque: Resque,
    when: float | datetime,
    name: str,
    job: JobOptions,
    args: Sequence[Any],
    kwargs: dict[str, Any],
) -> Job | None:
    if job.at_front:
        raise SettingsError("--at-front puts a job before all that wait now: leave --in and --at out.")
    wishes: Any = {"expires": job.expires, "then": job.then}
    enqueue: Any = resque.enqueue_at if isinstance(when, datetime) else resque.enqueue_in
    if job.queue is None:
        return enqueue(when, name, *args, **wishes, **kwargs)  # type: ignore[no-any-return]
    enqueue = resque.enqueue_at_to if isinstance(when, datetime) else resque.enqueue_in_to
    return enqueue(job.queue, when, name, *args, **wishes, **kwargs)  # type: ignore[no-any-return]


def _when(job: JobOptions) -> float | datetime | None:
    if job.delay is not None and job.moment is not None:
        raise SettingsError("--in and --at say two times: give one of them.")
    return job.delay if job.moment is None else _moment(job.moment)


def _keywords(text: str) -> dict[str, Any]:
    kwargs = json_keywords(text, "--kwargs")
    for name in ("at_front", "expires", "then"):
        if name in kwargs:
            way_out = f"Use the option --{name.replace('_', '-')}."
            raise SettingsError(f"--kwargs: {name} is no argument of a job. {way_out}")
    return kwargs


def json_keywords(text: str, where: str) -> dict[str, Any]:
    """The JSON object that a word of the command line says.

    :raises SettingsError: it is none.
    """
    said = json_value(text, where)
    if not isinstance(said, dict):
        raise SettingsError(f"{where}: this is not a JSON object. Write it like '{{\"width\": 80}}'.")
    return said


def json_value(text: str, where: str) -> Any:
    """What a word of the command line says, as JSON.

    :raises SettingsError: it is none.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        advice = _breakage(error) if text.lstrip().startswith(("{", "[")) else _quoting(text)
        raise SettingsError(f"{where}: {one_line(text, 60)} is not JSON. {advice}") from None


def _breakage(error: Exception) -> str:
    """Where the JSON of an object or a list breaks."""
    if isinstance(error, json.JSONDecodeError):
        return f"It breaks at character {error.pos + 1}: {error.msg}."
    return "It is nested too deeply, or holds a number of too many digits."


def _quoting(text: str) -> str:
    hint = shlex.quote(json.dumps(text, ensure_ascii=False)) if len(text) <= 60 else "'\"text\"'"
    return f"Text needs double quotes inside the shell's quotes: {hint}"
