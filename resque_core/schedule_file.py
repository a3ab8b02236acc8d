"""Reads recurring entries from a YAML file in resque-scheduler's format: names, and what each says."""

import re
from collections.abc import Mapping, Sequence

from resque_core.config import read_text
from resque_core.display import one_line
from resque_core.errors import SettingsError
from resque_core.schedule_entry import ScheduleEntry, read_entry
from resque_core.yaml_text import lines_of, parse_yaml

Lines = Mapping[tuple[object, ...], int]


def load_schedule(path: str) -> Sequence[ScheduleEntry]:
    """All entries in the file, or none.

    :raises SettingsError: it cannot be read, or one cannot be used: with file, line and entry.
    """
    text, file = read_text(path), one_line(path)
    body = parse_yaml(text, file)
    if not isinstance(body, dict):
        raise SettingsError(
            f"{file}: this is no schedule. Write names of entries, and below each what it says."
        )
    lines = lines_of(text)
    return [_read(name, config, file, lines) for name, config in body.items()]


def _read(name: object, config: object, file: str, lines: Lines) -> ScheduleEntry:
    try:
        return read_entry(name, config)
    except SettingsError as error:
        # What it is about comes first in the message: `cron: …`, `catchup is not a key …`.
        key = re.split(r"[:\s]", str(error), maxsplit=1)[0]
        line = lines.get((str(name), key)) or lines.get((str(name),), 1)
        raise SettingsError(f"{file}: line {line}: {one_line(name)}: {error}") from None
