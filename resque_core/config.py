"""The configuration file: YAML settings, with sections for environments. Read strictly, evaluated never."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from resque_core.closest import closest
from resque_core.display import one_line
from resque_core.errors import SettingsError
from resque_core.time_limits import TimeLimits
from resque_core.work_settings import WorkSettings, check_setting
from resque_core.yaml_text import parse_yaml

#: More than any hand-written settings need.
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Given:
    """A setting's value, and what the user wrote it under: `--lease`, `INTERVAL`, `resque.yml: lease`."""

    value: Any
    where: str


def load_config(path: str, environment: str) -> dict[str, Given]:
    """The settings in the file: its plain keys, with those of the section `environment` over them.

    Every section is checked, so that a mistake in `production` is found in development.

    :raises SettingsError: the file cannot be read, or says something that cannot be used.
    """
    body = parse_yaml(read_text(path), one_line(path))
    if not isinstance(body, dict):
        raise SettingsError(f"{one_line(path)}: {_kind(body)}, not settings. Write lines like 'interval: 5'.")
    sections = {key: value for key, value in body.items() if _is_section(key, value)}
    plain = {key: value for key, value in body.items() if key not in sections}
    settings = read_settings(plain, f"{one_line(path)}: ")
    for name, section in sections.items():
        inner = read_settings(section, f"{one_line(path)}: {one_line(name)}.")
        if name == environment:
            settings |= inner
    return {name: given for name, given in settings.items() if given.value is not None}


def split_list(text: str) -> tuple[str, ...]:
    """`a, b` as Ruby reads it: split at commas, blanks around the parts dropped."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def read_settings(
    body: Mapping[Any, Any], where: str, names: Collection[str] | None = None
) -> dict[str, Given]:
    """The settings that a mapping says; `where` stands before each name in messages. `names`: no others.

    :raises SettingsError: it says something that cannot be used.
    """
    names = _READERS if names is None else names
    return {_known(key, where, names): _given(key, value, f"{where}{key}") for key, value in body.items()}


def read_text(path: str) -> str:
    """What the configuration file holds, within bounds.

    :raises SettingsError: it cannot be read, is not text, or is far too long.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        text = raw.decode()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or one_line(error)
        raise SettingsError(f"The configuration file {one_line(path)} cannot be read: {reason}.") from None
    if len(raw) > MAX_BYTES:
        raise SettingsError(
            f"The configuration file {one_line(path)} is longer than {MAX_BYTES} bytes. Is it the right file?"
        )
    return text


def _is_section(key: object, value: object) -> bool:
    return isinstance(key, str) and key not in _READERS and isinstance(value, dict)


def _known(key: object, where: str, names: Collection[str]) -> str:
    if isinstance(key, str) and key in names:
        return key
    close = closest(str(key), names)
    way_out = f"Did you mean {close}?" if close else f"Known are {', '.join(names)}."
    raise SettingsError(f"{where}{one_line(key)} is not a setting. {way_out}")


def _given(key: str, value: object, where: str) -> Given:
    if value is None:
        return Given(None, where)
    read, wanted = _READERS[key]
    usable = read(value)
    if usable is None:
        raise SettingsError(f"{where} is {_kind(value)}, not {wanted}.")
    check_setting(key, usable, where)
    return Given(usable, where)


def _kind(value: object) -> str:
    # Never the value itself: a small file of anchors can stand for gigabytes.
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "true/false", type(None): "empty"}
    return kinds.get(type(value), "a number" if isinstance(value, int | float) else "a date")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return split_list(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _time_limits(value: object) -> TimeLimits:
    return value if isinstance(value, Mapping) else _number(value)


_BY_TYPE: dict[Any, tuple[Callable[[object], Any], str]] = {
    str: (_text, "text (put it in quotes)"),
    str | None: (_text, "text (put it in quotes)"),
    tuple[str, ...]: (_texts, "a list of texts, or one text with commas"),
    float: (_number, "a number"),
    float | None: (_number, "a number"),
    TimeLimits: (_time_limits, "a number of seconds, or a mapping of queues to seconds"),
    int: (_whole, "a whole number"),
    int | None: (_whole, "a whole number"),
    bool: (_flag, "true or false"),
}

#: Known to a program that starts workers, and not the user's to write.
_FROM_PROGRAMS = ("source", "backend")
#: How each setting is read.
_READERS = {
    field.name: _BY_TYPE[field.type] for field in fields(WorkSettings) if field.name not in _FROM_PROGRAMS
}
