"""What `ps` shows of a pool's manager: `resque-pool-master[shop]: managing [123, 124]` (spec pool §7)."""

from setproctitle import setproctitle

from resque_core.display import one_line

_LONGEST = 200


def pool_title(app_name: str, state: str) -> str:
    """The title of this application's manager in this state; without one, what all its titles begin with."""
    return f"resque-pool-master[{app_name}]: {one_line(state, _LONGEST)}"


def show_pool(app_name: str, state: str) -> None:
    """Let `ps` show it."""
    setproctitle(pool_title(app_name, state))
