"""`ScheduleEntry`: what a recurring entry says, in resque-scheduler's words and ours, read and checked."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from resque_core.closest import closest
from resque_core.display import one_line
from resque_core.errors import InvalidQueueName, SettingsError
from resque_core.queue_name import check_queue_name
from resque_core.ticks import Every, Never, Ticks, read_cron, read_every

CatchUp = Literal["none", "last", "all"]
Overlap = Literal["allow", "skip"]

#: Seconds. A tick that is later than this counts as missed, where `catch_up` makes a difference.
GRACE = 10.0
#: The id of a tick's job is its entry's name and the time, and stores take 255 characters.
LONGEST_NAME = 200
#: What an entry may say. resque-scheduler's: all but `kwargs`, `timezone`, `catch_up` and `overlap`.
KEYS = (
    *("cron", "every", "class", "queue", "args", "kwargs", "description", "timezone", "catch_up", "overlap"),
    *("environment", "env", "rails_env", "parameters", "custom_job_class", "persist", "never"),
)
#: Keys that begin so are the user's own, and kept.
CUSTOM = "x-"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about a tick that has come."""

    #: The tick that gets a job; None: it was missed, and is not made up for.
    tick: datetime | None
    #: When the next one is; it may have come, too.
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEntry:
    """A recurring entry. Its job gets an id of its name and the time of the tick."""

    name: str
    #: The wire name of the job.
    job: str
    queue: str | None = None
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    #: Where it is scheduled; empty: everywhere.
    environments: tuple[str, ...] = ()
    catch_up: CatchUp = "last"
    overlap: Overlap = "allow"
    #: When it is due, as it was written.
    when: str = ""
    ticks: Ticks = field(default_factory=Never)
    #: What it was read from: what a store keeps.
    config: Mapping[str, Any] = field(default_factory=dict)

    def is_for(self, environment: str) -> bool:
        """Whether it is scheduled there."""
        return not self.environments or environment in self.environments

    def plan(self, tick: datetime, now: datetime) -> Plan:
        """What is to be done now about a tick that has come."""
        if self.catch_up == "all":
            return Plan(tick, self.ticks.following(tick))
        latest = self.ticks.latest(tick, now)
        missed = self.catch_up == "none" and (now - latest).total_seconds() > GRACE
        return Plan(None if missed else latest, self.ticks.after(tick, now))


def read_entry(name: object, config: object) -> ScheduleEntry:
    """The entry that a mapping says, as in a file of resque-scheduler's.

    :raises SettingsError: it cannot be used; the message says what and what to write instead.
    """
    if not isinstance(name, str) or not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise SettingsError(
            f"{one_line(name)!a:.80} cannot name an entry. Give it up to {LONGEST_NAME} printable characters."
        )
    if not isinstance(config, Mapping):
        raise SettingsError("an entry is a mapping: write lines like 'cron: \"30 6 * * 1\"' below its name.")
    for key in config:
        _check_key(key)
    when, ticks, overlap = _timing(config)
    args, kwargs = _arguments(config)
    job = config.get("custom_job_class") or config.get("class") or name
    return ScheduleEntry(
        name=name,
        job=_text(job, "class"),
        queue=_queue(config.get("queue")),
        args=args,
        kwargs=kwargs,
        description=_text(config.get("description") or "", "description"),
        environments=_environments(config),
        catch_up=_choice(config, "catch_up", get_args(CatchUp), "last"),
        overlap=_choice(config, "overlap", get_args(Overlap), overlap),
        when=when,
        ticks=ticks,
        config=_plain(config),
    )


def _check_key(key: object) -> None:
    if key in KEYS or (isinstance(key, str) and key.startswith(CUSTOM)):
        return
    close = closest(str(key), KEYS)
    way_out = f"Did you mean {close}?" if close else f"Known are {', '.join(KEYS)}."
    raise SettingsError(
        f"{one_line(key)} is not a key of an entry. {way_out} Your own begin with '{CUSTOM}'."
    )


def _timing(config: Mapping[str, Any]) -> tuple[str, Ticks, Overlap]:
    """When it is due, in words and as ticks, and what rufus' options say of overlaps."""
    name = "cron" if config.get("cron") is not None else "every"
    said = config.get(name)
    if said is None:
        return "", Never(), "allow"
    value, options = _with_options(said, name)
    zone = config.get("timezone")
    if zone is not None and name == "every":
        raise SettingsError("timezone: a period is as long everywhere. Leave it out, or write a cron.")
    if name == "cron":
        ticks: Ticks = read_cron(value, None if zone is None else _text(zone, "timezone"))
    else:
        ticks = read_every(value, options.get("first_in"))
    shown = one_line(value) if isinstance(value, str) or name == "cron" else f"{_seconds_of(ticks):g}s"
    if zone is not None and name == "cron":
        shown += f" {zone}"
    return f"{name} {shown}", ticks, "skip" if options.get("overlap") is False else "allow"


def _seconds_of(ticks: Ticks) -> float:
    return ticks.seconds if isinstance(ticks, Every) else 0.0


def _with_options(said: object, name: str) -> tuple[object, Mapping[str, Any]]:
    """`["1h", {"first_in": "5m"}]`: the time, and rufus' options."""
    if not isinstance(said, list):
        return said, {}
    value, options = (*said, {})[:2] if said else (None, {})
    known = ("first_in", "overlap") if name == "every" else ("overlap",)
    if not isinstance(options, Mapping) or not set(options) <= set(known) or len(said) > 2:
        raise SettingsError(
            f"{name}: of rufus' options there are here: {', '.join(known)}. Leave others out."
        )
    return value, options


def _arguments(config: Mapping[str, Any]) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """A list is several arguments, anything else is one, nothing is none; and those that have names."""
    args, kwargs = config.get("args"), config.get("kwargs") or {}
    if not isinstance(kwargs, Mapping) or not all(isinstance(name, str) for name in kwargs):
        raise SettingsError("kwargs: write a mapping of names to values.")
    if isinstance(args, Mapping) or (args is None and config.get("parameters")):
        args = [_defaults(config.get("parameters")) | dict(args or {})]
    positional = () if args is None else tuple(args) if isinstance(args, list | tuple) else (args,)
    return positional, dict(kwargs)


def _defaults(parameters: object) -> dict[str, Any]:
    if parameters is None:
        return {}
    if not isinstance(parameters, Mapping):
        raise SettingsError(
            "parameters: write a mapping of names to mappings with 'description' and 'default'."
        )
    return {
        name: about["default"]
        for name, about in parameters.items()
        if isinstance(about, Mapping) and "default" in about
    }


def _environments(config: Mapping[str, Any]) -> tuple[str, ...]:
    for key in ("environment", "env", "rails_env"):
        said = config.get(key)
        if said is not None:
            names = re.split(r"[\s,]+", said.strip()) if isinstance(said, str) else said
            if isinstance(names, list | tuple) and names and all(isinstance(it, str) and it for it in names):
                return tuple(names)
            raise SettingsError(f"{key}: write names of environments, such as 'production, staging'.")
    return ()


def _queue(said: object) -> str | None:
    if said is None:
        return None
    try:
        return check_queue_name(said)
    except InvalidQueueName as error:
        raise SettingsError(f"queue: {error}") from None


def _choice(config: Mapping[str, Any], key: str, choices: tuple[str, ...], default: str) -> Any:
    said = config.get(key)
    if said is None:
        return default
    if said not in choices:
        raise SettingsError(f"{key}: {one_line(said)!a:.80} is not one of {', '.join(choices)}.")
    return said


def _text(value: object, key: str) -> str:
    if isinstance(value, str):
        return value
    raise SettingsError(f"{key}: a {type(value).__name__} cannot be used. Write text (put it in quotes).")


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that is JSON.

    :raises SettingsError: it is not.
    """
    try:
        copied: dict[str, Any] = json.loads(json.dumps({**config}, allow_nan=False, default=_written))
    except (TypeError, ValueError, RecursionError) as error:
        raise SettingsError(f"this cannot be kept as JSON: {one_line(error)}. Put dates in quotes.") from None
    return copied


def _written(value: object) -> object:
    # Of what JSON cannot carry, a timedelta for `every` is what programs write.
    if hasattr(value, "total_seconds"):
        return value.total_seconds()
    raise TypeError(f"a {type(value).__name__}")
