"""`run_pool`: what `resque pool` does, from checked settings to an exit code."""

from resque_core.client import Resque
from resque_core.pool.settings import PoolSettings
from resque_core.process.pool.logs import PoolLogs
from resque_core.process.pool.manager import Pool


def run_pool(settings: PoolSettings, config: str | None, resque: Resque, logs: PoolLogs) -> int:
    """Manage a pool as the settings say until told to stop; return the exit code.

    :raises ResqueError: the settings, the configuration or the application cannot be used.
    """
    return Pool(config, resque=resque, settings=settings, logs=logs).run()
