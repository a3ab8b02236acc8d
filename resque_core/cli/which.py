"""The options that choose failures: `--exception --class --queue --worker --since --until`."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from resque_core.cli.options import option
from resque_core.clock import from_iso, utc_now
from resque_core.display import one_line
from resque_core.errors import SettingsError
from resque_core.failure import FailureFilter

PANEL = "Which failures"

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AGE = re.compile(r"(\d{1,9})([smhdw])", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class WhichOptions:
    """Failures by what they have in common."""

    exception: Annotated[
        str | None,
        option(
            "--exception",
            metavar="NAME",
            help="Exception name, in full or its last part: Timeout",
            rich_help_panel=PANEL,
        ),
    ] = None
    job_class: Annotated[
        str | None, option("--class", metavar="NAME", help="Name of the job.", rich_help_panel=PANEL)
    ] = None
    queue: Annotated[
        str | None,
        option("--queue", metavar="NAME", help="The queue that the job was on.", rich_help_panel=PANEL),
    ] = None
    worker: Annotated[
        str | None,
        option(
            "--worker",
            metavar="NAME",
            help="The worker that ran it, by its id, or by its machine: web-1",
            rich_help_panel=PANEL,
        ),
    ] = None
    since: Annotated[
        str | None,
        option(
            "--since",
            metavar="WHEN",
            help="Failed then or later: 30m, 2h, 7d ago, or a UTC date and time: 2026-11-22T08:30",
            rich_help_panel=PANEL,
        ),
    ] = None
    until: Annotated[
        str | None,
        option("--until", metavar="WHEN", help="Failed then or before; as --since.", rich_help_panel=PANEL),
    ] = None

    def chosen(self, *, retried: bool | None = None) -> FailureFilter:
        """The filter that these options mean.

        :raises SettingsError: a time that cannot be read.
        """
        return FailureFilter(
            exception=self.exception,
            name=self.job_class,
            queue=self.queue,
            worker=self.worker,
            since=moment(self.since, "--since"),
            until=moment(self.until, "--until"),
            retried=retried,
        )

    @property
    def empty(self) -> bool:
        """Whether nothing was chosen, so that every failure matches."""
        return self == WhichOptions()


def moment(text: str | None, where: str) -> datetime | None:
    """The moment that `2h` (ago) or an ISO 8601 text means; None for None.

    :raises SettingsError: it is neither.
    """
    if text is None:
        return None
    try:
        age = _AGE.fullmatch(text)
        found = utc_now() - timedelta(seconds=int(age[1]) * _UNITS[age[2]]) if age else from_iso(text)
    except OverflowError:
        found = None
    if found is None:
        raise SettingsError(
            f"{where}: '{one_line(text, 40)}' is not a time. "
            f"Write an age (45s, 30m, 2h, 7d) or a UTC date and time (2026-11-22T08:30)."
        )
    return found
