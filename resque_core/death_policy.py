"""`DeathPolicy`: what becomes of a job whose worker dies, for each queue."""

from collections.abc import Mapping

from resque_core.errors import SettingsError
from resque_core.job import DEATH_POLICIES

#: Stands for every queue that the mapping does not name.
_OTHERS = "*"


class DeathPolicy:
    """`requeue` or `fail`, for all queues or by name.

    :raises SettingsError: a value is neither.
    """

    def __init__(self, setting: str | Mapping[str, str]) -> None:
        by_queue = {_OTHERS: setting} if isinstance(setting, str) else setting
        if not isinstance(by_queue, Mapping):
            raise SettingsError(
                f"on_worker_death={setting!a:.80}: write 'requeue', 'fail', or a mapping of queues."
            )
        for queue, policy in by_queue.items():
            if policy not in DEATH_POLICIES:
                raise SettingsError(
                    f"on_worker_death for queue {queue!a:.80} is {policy!a:.80}: write 'requeue' or 'fail'."
                )
        self._by_queue = dict(by_queue)
        self._default = self._by_queue.get(_OTHERS, "requeue")

    def of(self, queue: str) -> str:
        """What becomes of a job of this queue that does not say itself."""
        return self._by_queue.get(queue, self._default)
