"""Where a pool logs to, and in which form: `PoolLogs`."""

import logging
import os
import sys
from dataclasses import dataclass

from resque_core.process.logs import FORMATTERS, log_handler


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLogs:
    """How to log. Without a file, what the pool does goes to standard output, and its workers' to errors."""

    log_level: str = "info"
    log_file: str | None = None
    log_format: str = "text"


class _PoolFormatter(logging.Formatter):
    """Lines as resque-pool's: who speaks for which application, and from which process (spec pool §7)."""

    def __init__(self, app_name: str) -> None:
        super().__init__()
        self._app_name = app_name
        self._manager = os.getpid()

    def format(self, record: logging.LogRecord) -> str:
        """`resque-pool-manager[shop][123]: started manager`."""
        who = "manager" if record.process == self._manager else "worker"
        return f"resque-pool-{who}[{self._app_name}][{record.process}]: {super().format(record)}"


def set_up_pool_logs(app_name: str, logs: PoolLogs) -> None:
    """Have the pool and its workers log so.

    :raises SettingsError: the file cannot be written.
    """
    text = logs.log_format == "text"
    formatter = _PoolFormatter(app_name) if text else FORMATTERS[logs.log_format]()
    for name, stream in (("resque", sys.stderr), ("resque.pool", sys.stdout)):
        handler = log_handler(logs.log_file, stream)
        handler.setFormatter(formatter)
        log = logging.getLogger(name)
        log.handlers = [handler]
        log.setLevel(logs.log_level.upper())
        log.propagate = False
