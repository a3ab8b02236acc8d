"""What the lines of a worker's log look like, and what a library says by itself."""

import json
import logging
import os
import subprocess
import sys
from logging.handlers import MemoryHandler, WatchedFileHandler
from pathlib import Path
from typing import TextIO

import pytest

from resque_core.errors import SettingsError
from resque_core.process.logs import (
    FORMATTERS,
    JsonFormatter,
    TextFormatter,
    handlers,
    prompt_handlers,
    set_up_logs,
)
from resque_core.process.memory import resident, share
from resque_core.work_settings import LOG_FORMATS


def _record(**more: object) -> logging.LogRecord:
    record = logging.LogRecord("shop", logging.INFO, "shop.py", 1, "sold %d", (3,), None)
    vars(record).update(more)
    return record


def test_there_is_a_formatter_for_every_format_that_can_be_set() -> None:
    assert set(FORMATTERS) == set(LOG_FORMATS)


def test_a_line_of_json_says_who_spoke_in_which_job_and_what_went_wrong() -> None:
    error = ValueError("a\nb")
    failed = (ValueError, error, None)
    record = _record(resque_job_id="é1", resque_queue="mail", resque_attempt=2, exc_info=failed)
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert "\n" not in line
    said = json.loads(line)
    assert (said["level"], said["logger"], said["message"]) == ("info", "shop", "sold 3")
    assert (said["job_id"], said["queue"], said["attempt"]) == ("é1", "mail", 2)
    assert "ValueError: a\nb" in said["exception"]


def test_outside_of_jobs_nothing_is_said_of_one() -> None:
    record = _record(resque_job_id=None, resque_queue=None, resque_attempt=None)
    assert TextFormatter().format(record).endswith("INFO sold 3")
    assert "job_id" not in json.loads(JsonFormatter().format(record))


def test_a_log_file_that_cannot_be_written_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"/nowhere/shop.log.* cannot be written: No such file"):
        set_up_logs("info", "/nowhere/shop.log", "text")


def test_a_program_that_has_not_set_up_logging_hears_nothing_of_the_library() -> None:
    code = "import logging, resque_core; logging.getLogger('resque').error('unheard')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_the_memory_of_processes_is_added_up_and_one_that_is_gone_has_none() -> None:
    alone = resident([os.getpid()])
    assert 1 < alone < 10_000
    assert resident([2**22 + 1]) == 0
    assert resident([os.getpid(), 2**22 + 1]) > 0.5 * alone
    assert 1 < share([os.getpid(), 2**22 + 1]) < 10_000
    assert share([2**22 + 1]) == 0


class _Late(logging.StreamHandler[TextIO]):
    """It may keep lines back."""


def test_handlers_are_prompt_only_if_they_are_known_to_keep_nothing_back(tmp_path: Path) -> None:
    prompt: list[logging.Handler] = [
        logging.StreamHandler(),
        logging.FileHandler(tmp_path / "a.log"),
        WatchedFileHandler(tmp_path / "b.log"),
        logging.NullHandler(),
    ]
    late: list[logging.Handler] = [_Late(), MemoryHandler(10)]
    found = [handler() for handler in prompt_handlers()]
    for handler in (*prompt, *late):
        handler.close()
    assert [handler for handler in (*prompt, *late) if handler in found] == prompt
    assert {*late} <= {handler() for handler in handlers()}
    # Whoever configured logging in this process before, as Django does, has taken it off the list.
    assert logging.lastResort in found or logging.lastResort not in [handler() for handler in handlers()]
