"""What a pool's manager says of itself to the store, and does as it is told from there."""

import logging
from typing import TYPE_CHECKING

from resque_core.display import one_line
from resque_core.errors import SettingsError
from resque_core.identity import host_name
from resque_core.pool_info import GroupInfo, PoolInfo, read_command
from resque_core.worker_count import check_count

if TYPE_CHECKING:
    from resque_core.process.pool.manager import Pool

log = logging.getLogger("resque.pool")


def describe(pool: "Pool") -> PoolInfo:
    """The pool as it is now."""
    wanted, configured = pool.wanted(), pool.plan.configured
    groups = (
        GroupInfo(
            queues=name,
            configured=configured[name].workers if name in configured else 0,
            wanted=wanted[name].workers if name in wanted else 0,
            pids=tuple(seat.pid for seat in pool.crew.of(name)),
            backoff=pool.crew.backoff(name).left(),
        )
        for name in pool.crew.groups(pool.plan.groups)
    )
    return PoolInfo(
        id=pool.id,
        app_name=pool.settings.app_name,
        host=host_name(),
        pid=pool.pid,
        started_at=pool.started_at,
        environment=pool.settings.environment,
        state=pool.state,
        groups=tuple(groups),
    )


def obey(pool: "Pool", text: str) -> None:
    """Carry out what somebody left for this pool: `scale`, `pause`, `resume` or `restart`."""
    verb, about = read_command(text)
    log.info("Told to %s", one_line(" ".join(map(str, about.values()))))
    match verb:
        case "scale":
            _scale(pool, str(about.get("queues")), about.get("workers"))
        case "pause":
            pool.pause()
        case "resume":
            pool.resume()
        case "restart":
            pool.restart()
        case _:
            log.warning("This pool does not know the command %s", one_line(verb))


def _scale(pool: "Pool", queues: str, workers: object) -> None:
    try:
        pool.scale(queues, check_count(workers, one_line(queues)))
    except SettingsError as error:
        log.warning("%s", error)
