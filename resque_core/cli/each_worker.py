"""The options that `resque work` and `resque pool` have in common: how each worker works."""

from dataclasses import dataclass
from typing import Annotated

from resque_core.cli.options import option

PATIENCE = "Patience (seconds)"


@dataclass(frozen=True, kw_only=True)
class EachWorkerOptions:
    """What each worker does. None: not said here, so the environment or the file decides."""

    require: Annotated[
        list[str] | None,
        option("--require", "-r", metavar="MODULE", help="Import this module, with jobs. Repeatable."),
    ] = None
    setup: Annotated[
        str | None,
        option("--setup", metavar="MODULE:FUNCTION", help="Call this once before the first job."),
    ] = None
    order: Annotated[
        str | None,
        option(
            "--order",
            metavar="strict|shuffle|round-robin",
            help="Which queue is asked first. Default strict.",
        ),
    ] = None
    max_jobs: Annotated[
        int | None, option("--max-jobs", metavar="N", help="End a worker after so many jobs.")
    ] = None
    max_rss: Annotated[
        float | None, option("--max-rss", metavar="MB", help="End a worker that uses more memory.")
    ] = None
    max_age: Annotated[
        float | None, option("--max-age", metavar="S", help="End a worker after so many seconds.")
    ] = None
    interval: Annotated[
        float | None,
        option(
            "--interval",
            metavar="S",
            help="Between looks at empty queues; 0 ends when they are empty. Else INTERVAL, or 5.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    grace: Annotated[
        float | None,
        option(
            "--grace",
            metavar="S",
            help="What a running job gets to finish when the worker is stopped. Default 25.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    lease: Annotated[
        float | None,
        option(
            "--lease",
            metavar="S",
            help="How long a worker may be silent before its job is taken back. Default 30.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    sweep: Annotated[
        float | None,
        option(
            "--sweep",
            metavar="S",
            help="Between looks for workers that fell silent. Default 5.",
            rich_help_panel=PATIENCE,
        ),
    ] = None
    failure_backend: Annotated[
        list[str] | None,
        option(
            "--failure-backend",
            metavar="NAME",
            help="Who is told of failures: logging, sentry, airbrake, MODULE:CLASS. Repeatable.",
        ),
    ] = None
    max_failures: Annotated[
        int | None,
        option("--max-failures", metavar="N", help="Keep so many failures at most; the oldest go."),
    ] = None
    max_failure_age: Annotated[
        float | None,
        option("--max-failure-age", metavar="S", help="Delete failures that are older than so many seconds."),
    ] = None
    log_level: Annotated[
        str | None,
        option("--log-level", metavar="debug|info|warning|error", help="How much to log. Default info."),
    ] = None
    log_file: Annotated[
        str | None,
        option("--log-file", metavar="FILE", help="Log to this file, opened anew on HUP. Default stderr."),
    ] = None
    log_format: Annotated[
        str | None,
        option("--log-format", metavar="text|json|ruby|ruby-verbose", help="How to log. Default text."),
    ] = None
