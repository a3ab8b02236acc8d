"""Reads a pool's groups from a mapping in resque-pool's format: counts by queues, and sections."""

from collections.abc import Callable, Mapping
from typing import Any

from resque_core.closest import closest
from resque_core.config import read_settings
from resque_core.display import one_line
from resque_core.errors import ResqueError, SettingsError
from resque_core.pool.group import SCHEDULER, WORKERS, Group, Groups
from resque_core.queue_list import QueueList
from resque_core.worker_count import check_count

#: The settings that a group may have of its own.
GROUP_OPTIONS = ("interval", "max_jobs", "max_age", "max_rss", "lease", "grace", "order", SCHEDULER)

#: Where a key stands, for messages: `resque-pool.yml: line 3: mail`.
Place = Callable[[tuple[object, ...]], str]


def read_groups(body: object, environment: str | None, place: Place) -> Groups:
    """The groups that `body` means in this environment: its plain entries, the section's over them.

    A mapping that says `workers` is a group with settings of its own; any other is the section of
    an environment. Every section is read, so that a mistake in `production` shows in development.

    :raises SettingsError: something cannot be used; the message says where and what to write instead.
    """
    entries = _as_written(_mapping(body, place, ()))
    sections = {key: value for key, value in entries.items() if _is_section(value)}
    groups = _groups({key: entries[key] for key in entries if key not in sections}, (), place)
    for name, section in sections.items():
        _refuse_half_a_group(section, place((name,)))
        inner = _groups(section, (name,), place)
        if name == environment:
            groups |= inner
    return {**groups, **_schedulers(groups, place)}


def _as_written(entries: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A loader may answer with what another has read: groups, and the schedulers beside them."""
    if not any(isinstance(value, Group) for value in entries.values()):
        return entries
    return {
        key: value.written if isinstance(value, Group) else value
        for key, value in entries.items()
        if not (isinstance(value, Group) and value.schedules)
    }


def _is_section(value: object) -> bool:
    return isinstance(value, Mapping) and WORKERS not in value


def _refuse_half_a_group(section: Mapping[Any, Any], where: str) -> None:
    """A mapping of nothing but settings is no section: its `workers` is missing, or misspelt."""
    settings = [key for key, value in section.items() if _is_setting(key) and not isinstance(value, Mapping)]
    if section and len(settings) == len(section):
        names = ", ".join(map(one_line, settings))
        raise SettingsError(
            f"{where}: a group with settings of its own says '{WORKERS}: N', and this has only {names}. "
            f"If that is a queue, write {{{one_line(settings[0])}: {{{WORKERS}: N}}}}."
        )


def _is_setting(key: object) -> bool:
    return isinstance(key, str) and bool(key in GROUP_OPTIONS or closest(key, [WORKERS], cutoff=0.8))


def _groups(entries: Mapping[Any, Any], path: tuple[object, ...], place: Place) -> dict[str, Group]:
    found = {}
    for key, value in entries.items():
        where = (*path, key)
        found[_queues(key, place(where))] = _group(key, value, where, place)
    return found


def _group(key: str, value: object, path: tuple[object, ...], place: Place) -> Group:
    if value is None:
        raise SettingsError(
            f"{place(path)}: there is nothing behind it. Write a number of workers, or {{}} for an "
            f"environment without entries."
        )
    if not isinstance(value, Mapping):
        return Group(key, check_count(value, place(path)))
    if WORKERS not in value:
        raise SettingsError(
            f"{place(path)}: a section cannot hold another. Write a number of workers, or a mapping with "
            f"'{WORKERS}: N' and any of {', '.join(GROUP_OPTIONS)}."
        )
    workers = check_count(value[WORKERS], place((*path, WORKERS)))
    options = _options(value, path, place)
    scheduler = options.pop(SCHEDULER, False)
    return Group(key, workers, options, scheduler)


def _schedulers(groups: Groups, place: Place) -> Groups:
    found = {it.beside.queues: it.beside for it in groups.values() if it.scheduler}
    if taken := next((name for name in found if name in groups), None):
        raise SettingsError(f"{place((taken,))}: this is what the scheduler of another group is called.")
    return found


def _options(value: Mapping[Any, Any], path: tuple[object, ...], place: Place) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, setting in value.items():
        if name != WORKERS:
            said |= read_settings({name: setting}, f"{place(path)}: ", GROUP_OPTIONS)
    if said.get("interval") and said["interval"].value == 0:
        raise SettingsError(
            f"{place(path)}: interval: 0 would end its workers as soon as there is nothing to do."
        )
    return {name: given.value for name, given in said.items() if given.value is not None}


def _queues(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise SettingsError(f"{where}: a {type(key).__name__} is not a list of queues. Put it in quotes.")
    try:
        QueueList(key)
    except ResqueError as error:
        raise SettingsError(f"{where}: {error}") from None
    return key


def _mapping(body: object, place: Place, path: tuple[object, ...]) -> Mapping[Any, Any]:
    if isinstance(body, Mapping):
        return body
    raise SettingsError(
        f"{place(path)}: this is a {one_line(type(body).__name__)}, not a pool. Write lines like "
        f"'mail: 2', which is two workers on the queue mail."
    )
