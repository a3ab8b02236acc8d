"""Jobs written one to a line, as JSON: what `resque enqueue --from-jsonl` reads."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import typer

from resque_core.codec import read_job
from resque_core.display import one_line
from resque_core.errors import BadPayload, ResqueError, SettingsError
from resque_core.job import Job

#: Bytes. A job's text may have a megabyte; a longer line without an end is no list of jobs.
LONGEST_LINE = 64 * 2**20


class JobLines:
    """The jobs in a file, one after the other. `number` is the line that was read last, from 1."""

    def __init__(self, file: BinaryIO, queue: str | None) -> None:
        self.number = 0
        self.read = 0
        #: How many jobs the store has got, and up to which line.
        self.stored = self.stored_to = 0
        #: The lines since then whose job has an id of its own, by that.
        self._lines: dict[str, int] = {}
        self._file = file
        self._queue = queue

    def __iter__(self) -> Iterator[Job]:
        """The job of each line that is not empty.

        :raises InvalidLineError: a line is not a job.
        """
        while line := self._file.readline(LONGEST_LINE):
            self.number += 1
            self.read += len(line)
            if line.strip():
                yield self._job(line)

    def note_stored(self, stored: int) -> None:
        """What was read up to here is stored, which makes so many jobs."""
        self.stored, self.stored_to = stored, self.number
        self._lines.clear()

    def _job(self, line: bytes) -> Job:
        try:
            body = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidLineError(f"not JSON: {error}. {_WAY_OUT}") from None
        if not isinstance(body, dict):
            raise InvalidLineError(f"not a JSON object. {_WAY_OUT}")
        queue = body.pop("queue", None) or self._queue or ""
        if not isinstance(queue, str):
            raise InvalidLineError(f"its queue is no text. {_WAY_OUT}")
        return self._read(queue, body)

    def _read(self, queue: str, body: dict[str, Any]) -> Job:
        try:
            return read_job(queue, self._id_of(body), body)
        except BadPayload as error:
            raise InvalidLineError(f"{error}. {_WAY_OUT}") from None

    def _id_of(self, body: dict[str, Any]) -> str:
        job_id = "" if body.get("id") is None else body["id"]
        if not isinstance(job_id, str):
            raise InvalidLineError(f"its id is no text. {_WAY_OUT}")
        if job_id and (line := self._lines.setdefault(job_id, self.number)) != self.number:
            raise InvalidLineError(f"line {line} has its id, {one_line(job_id)}, too. Leave one of them out.")
        return job_id


class InvalidLineError(ResqueError):
    """A line says no job."""


_WAY_OUT = 'Write each line like {"class": "Mailer", "args": [42], "queue": "mail"}.'


@contextmanager
def opened_lines(name: str) -> Iterator[BinaryIO]:
    """The file of this name; `-` is the standard input.

    :raises SettingsError: it cannot be read.
    """
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; only opening it is guarded
    except OSError as error:
        raise SettingsError(f"--from-jsonl: {name} cannot be read: {error.strerror}.") from None
    with file:
        yield file


class Progress:
    """A bar on a terminal that shows how much of a file was read; nothing where nobody looks."""

    def __init__(self, file: BinaryIO, terminal: TextIO = sys.stderr) -> None:
        size = _size_of(file) if terminal.isatty() else 0
        self._bar = typer.progressbar(length=size, file=terminal) if size else None

    def show(self, read: int) -> None:
        """So many bytes were read."""
        if self._bar:
            self._bar.update(read - self._bar.pos)

    def end(self) -> None:
        """Leave the line."""
        if self._bar:
            self._bar.render_finish()


def _size_of(file: BinaryIO) -> int:
    """Bytes; 0 for a pipe and whatever else has no size."""
    return os.fstat(file.fileno()).st_size if file.seekable() else 0
