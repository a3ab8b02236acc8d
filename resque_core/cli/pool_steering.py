"""`resque pool status`, `scale`, `pause`, `resume`, `restart`: pools are seen and steered while they run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from resque_core.cli.command import command
from resque_core.cli.ending import fail
from resque_core.cli.options import OutputOptions, StoreOptions, option
from resque_core.cli.render import age, note, print_json, print_text, seconds
from resque_core.cli.shapes import pool_shape
from resque_core.cli.store import opened
from resque_core.cli.tables import Column, print_table
from resque_core.client import Resque
from resque_core.display import one_line
from resque_core.pool_info import GroupInfo, PoolInfo
from resque_core.worker_count import check_count

Queues = Annotated[
    str, typer.Argument(metavar="QUEUES", help="The group's queues, as they are written in the pool's file.")
]
Workers = Annotated[int, typer.Argument(metavar="N", help="How many workers, 0 to 1000.")]

#: What can be said behind `resque pool`.
STEERING = ("status", "scale", "pause", "resume", "restart")

COLUMNS = (
    *(
        Column("APPLICATION"),
        Column("HOST"),
        Column("PID", right=True),
        Column("STATE"),
        Column("UP", right=True),
    ),
    *(Column("QUEUES"), Column("ALIVE", right=True), Column("WANTED", right=True)),
    *(Column("CONFIGURED", right=True), Column("WAITS", right=True), Column("PIDS")),
)


@dataclass(frozen=True, kw_only=True)
class WhichPools:
    """Which of the pools are meant."""

    appname: Annotated[
        str | None, option("--appname", "-a", metavar="NAME", help="Those of this application.")
    ] = None
    host: Annotated[str | None, option("--host", metavar="NAME", help="Those of this host.")] = None

    def mean(self, pool: PoolInfo) -> bool:
        """Whether this one is meant."""
        return self.appname in (None, pool.app_name) and self.host in (None, pool.host)


@dataclass(frozen=True, kw_only=True)
class SteeredPools(WhichPools):
    """Which of the pools are to be told something."""

    all: Annotated[bool, option("--all", help="All of them, if several are meant.")] = False


def add_to(group: typer.Typer) -> None:
    """Add this file's commands."""
    steering: tuple[Callable[..., None], ...] = (status, scale, pause, resume, restart)
    for name, steer in zip(STEERING, steering, strict=True):
        command(group, name)(steer)


def status(which: WhichPools, store: StoreOptions, output: OutputOptions) -> None:
    """List the pools that the store has heard of lately: their groups, and how many workers live.

    \b
    Examples:
      resque pool status
      resque pool status --appname shop --json
    """
    with opened(store) as resque:
        pools = [pool for pool in resque.pools() if which.mean(pool)]
    if output.json:
        print_json([pool_shape(pool) for pool in pools])
        return
    print_table(COLUMNS, (row for pool in pools for row in _rows(pool)))
    if not pools:
        note("No pool was heard of. Start one: resque pool --require MODULE")


def scale(queues: Queues, workers: Workers, which: SteeredPools, store: StoreOptions) -> None:
    """Have a group be of another size, until the pool is sent HUP or ends.

    \b
    Examples:
      resque pool scale "mail,*" 6
      resque pool scale mail 0 --appname shop --host web1
    """
    check_count(workers, "N")

    def tell(resque: Resque, pool: PoolInfo) -> bool:
        return resque.scale_pool(pool.id, queues, workers)

    _steer(which, store, f"has {workers} workers on {one_line(queues)} soon", tell, queues)


def pause(which: SteeredPools, store: StoreOptions) -> None:
    """Let a pool's workers finish their jobs and take no more, until it is resumed.

    \b
    Examples:
      resque pool pause --appname shop --all
    """
    _steer(which, store, "takes no more jobs soon", lambda resque, pool: resque.pause_pool(pool.id))


def resume(which: SteeredPools, store: StoreOptions) -> None:
    """Let the workers of a paused pool take jobs again.

    \b
    Examples:
      resque pool resume --appname shop --all
    """
    _steer(which, store, "takes jobs again soon", lambda resque, pool: resque.resume_pool(pool.id))


def restart(which: SteeredPools, store: StoreOptions) -> None:
    """Have each worker of a pool replaced once its job is done. The application is not loaded anew.

    \b
    Examples:
      resque pool restart --appname shop
    """
    _steer(which, store, "has new workers soon", lambda resque, pool: resque.restart_pool(pool.id))


def _steer(
    which: SteeredPools,
    store: StoreOptions,
    outcome: str,
    tell: Callable[[Resque, PoolInfo], bool],
    queues: str | None = None,
) -> None:
    with opened(store) as resque:
        for pool in _meant(resque.pools(), which, queues):
            if not tell(resque, pool):
                fail(f"The pool {one_line(pool.id)} is gone.")
            print_text(f"{one_line(pool.id)}: {outcome}")


def _meant(pools: list[PoolInfo], which: SteeredPools, queues: str | None) -> list[PoolInfo]:
    meant = [pool for pool in pools if which.mean(pool)]
    if not meant:
        fail("No such pool was heard of. `resque pool status` lists those that were.")
    having = [pool for pool in meant if queues is None or queues in _names(pool)]
    if not having:
        groups = ", ".join(dict.fromkeys(f"'{one_line(name)}'" for pool in meant for name in _names(pool)))
        fail(f"No such pool has a group '{one_line(str(queues))}'. There are: {groups or 'none'}.")
    if len(having) > 1 and not which.all:
        ids = ", ".join(one_line(pool.id) for pool in having)
        fail(f"That could be {len(having)} pools: {ids}. Say --appname or --host, or --all for all of them.")
    return having


def _names(pool: PoolInfo) -> list[str]:
    return [group.queues for group in pool.groups]


def _rows(pool: PoolInfo) -> list[tuple[object, ...]]:
    about = (pool.app_name, pool.host, pool.pid, pool.state, age(pool.started_at))
    return [(*about, *_cells(group)) for group in pool.groups] or [(*about, "", "", "", "", "", "")]


def _cells(group: GroupInfo) -> tuple[object, ...]:
    waits = seconds(group.backoff) if group.backoff else ""
    pids = " ".join(map(str, group.pids))
    return group.queues, group.alive, group.wanted, group.configured, waits, pids
