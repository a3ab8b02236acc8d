"""`AirbrakeBackend`: a notice for each failed job, as Ruby's Airbrake backend sends."""

import os
from typing import Any

from resque_core.errors import SettingsError
from resque_core.failures.report import Report


class AirbrakeBackend:
    """Sends notices through pybrake. Without arguments: AIRBRAKE_PROJECT_ID and AIRBRAKE_PROJECT_KEY.

    :raises SettingsError: pybrake is not installed, or nothing names a project.
    """

    def __init__(self, project_id: int | None = None, project_key: str | None = None, **options: Any) -> None:
        self._project = project_id or os.environ.get("AIRBRAKE_PROJECT_ID")
        self._key = project_key or os.environ.get("AIRBRAKE_PROJECT_KEY")
        self._options = options
        if not self._project or not self._key:
            raise SettingsError(
                "The failure backend airbrake needs a project: "
                "set AIRBRAKE_PROJECT_ID and AIRBRAKE_PROJECT_KEY."
            )
        try:
            import pybrake
        except ModuleNotFoundError as error:
            raise SettingsError(
                'The failure backend airbrake needs: pip install "resque-core[airbrake]"'
            ) from error
        self._pybrake: Any = pybrake

    def save(self, report: Report) -> None:
        """Send the notice, and wait for the answer.

        :raises RuntimeError: Airbrake did not take it.
        """
        # Made here: it has threads, which would not live on in the process that reports.
        notifier = self._pybrake.Notifier(
            project_id=self._project, project_key=self._key, remote_config=False, **self._options
        )
        notice = notifier.build_notice(report.error)
        notice["errors"] = [
            {
                "type": report.exception,
                "message": report.error,
                "backtrace": [{"file": line, "line": 0, "function": ""} for line in report.backtrace],
            }
        ]
        notice["context"] |= {"component": "resque", "action": report.name, "severity": "error"}
        notice["params"] = {
            "class": report.name,
            "args": report.args,
            "kwargs": report.kwargs,
            "queue": report.queue,
            "worker": report.worker,
            "job_id": report.job_id,
            "failure_id": report.failure_id,
        }
        sent = notifier.send_notice_sync(notice)
        notifier.close()
        if "id" not in sent:
            raise RuntimeError(f"Airbrake did not take it: {sent.get('error', 'it gave it no id')}")
