"""`PoolInfo`: what the manager of a pool says of itself; and how that, and what it is told, are written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from resque_core.clock import from_iso, to_iso
from resque_core.records import PoolReport


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInfo:
    """A group of a pool's workers."""

    #: The queues as they are written in the configuration: the group's name.
    queues: str
    #: How many workers the configuration says, and how many there are to be now.
    configured: int
    wanted: int
    #: The process ids of those that live, oldest first; some of them may be ending.
    pids: tuple[int, ...] = ()
    #: Seconds until another is forked, after several that ended early.
    backoff: float = 0.0

    @property
    def alive(self) -> int:
        """How many live."""
        return len(self.pids)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolInfo:
    """A pool whose manager was heard of lately."""

    #: `HOST+NONCE:PID:APPLICATION`; never reused.
    id: str
    app_name: str
    host: str
    pid: int
    #: None only for what another version wrote.
    started_at: datetime | None = None
    environment: str | None = None
    #: `running`; `paused` (its workers take no jobs), `stopped` (it keeps none), or `ending`.
    state: str = "running"
    groups: tuple[GroupInfo, ...] = ()
    #: Seconds until it is forgotten unless it says something, by the store's clock.
    lease_left: float = 0.0


def pool_text(pool: PoolInfo) -> str:
    """The pool as it is kept in a store."""
    return json.dumps(
        {
            "app_name": pool.app_name,
            "host": pool.host,
            "pid": pool.pid,
            "started_at": to_iso(pool.started_at) if pool.started_at else None,
            "environment": pool.environment,
            "state": pool.state,
            "groups": [_group_shape(group) for group in pool.groups],
        }
    )


def read_pool(report: PoolReport) -> PoolInfo:
    """The pool that a store tells of; of what another version wrote, what can be read."""
    said = _mapping(report.about)
    return PoolInfo(
        id=report.pool,
        app_name=str(said.get("app_name", "")),
        host=str(said.get("host", "")),
        pid=_number(said.get("pid")),
        started_at=from_iso(said.get("started_at")),
        environment=said.get("environment"),
        state=str(said.get("state", "")),
        groups=tuple(_read_group(group) for group in said.get("groups", ()) if isinstance(group, dict)),
        lease_left=report.lease_left,
    )


def command_text(verb: str, **about: str | int) -> str:
    """Something that a pool is told: `scale` with `queues` and `workers`, `pause`, `resume`, `restart`."""
    return json.dumps({"verb": verb, **about})


def read_command(text: str) -> tuple[str, Mapping[str, Any]]:
    """The verb that a pool is told, and all about it."""
    said = _mapping(text)
    return str(said.get("verb", "")), said


def _group_shape(group: GroupInfo) -> dict[str, Any]:
    return {
        "queues": group.queues,
        "configured": group.configured,
        "wanted": group.wanted,
        "pids": list(group.pids),
        "backoff": round(group.backoff, 3),
    }


def _read_group(said: Mapping[str, Any]) -> GroupInfo:
    return GroupInfo(
        queues=str(said.get("queues", "")),
        configured=_number(said.get("configured")),
        wanted=_number(said.get("wanted")),
        pids=tuple(map(_number, said.get("pids", ()))),
        backoff=float(said.get("backoff", 0.0)),
    )


def _mapping(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
