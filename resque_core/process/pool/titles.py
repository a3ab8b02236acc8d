"""What `ps` shows of a pool: `resque-pool-master[shop]: managing [123, 124]` (spec pool §7)."""

from setproctitle import setproctitle

from resque_core.display import one_line

_LONGEST = 200


def pool_title(app_name: str, state: str) -> str:
    """The title of this application's manager in this state; without one, what all its titles begin with."""
    return f"resque-pool-master[{app_name}]: {one_line(state, _LONGEST)}"


def show_pool(app_name: str, state: str) -> None:
    """Let `ps` show it."""
    setproctitle(pool_title(app_name, state))


def show_helper(pool_id: str) -> None:
    """Let `ps` show whose helper this is; it must not look like a manager to a hot swap."""
    setproctitle(f"resque-pool-helper: tells the store of {one_line(pool_id, _LONGEST)}")
