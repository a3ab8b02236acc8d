"""`Plan`: which groups a pool is to have: as its loader says, and over that what it was told meanwhile."""

import logging
from collections.abc import Callable

from resque_core.display import one_line
from resque_core.errors import ResqueError
from resque_core.pool.group import Group, Groups
from resque_core.pool.loaders import CodeLoader, FileLoader
from resque_core.schedule_file import load_schedule

log = logging.getLogger("resque.pool")


class Plan:
    """The loader's groups; for some of them another number of workers, until the next `refresh`."""

    def __init__(
        self, loader: FileLoader | CodeLoader, environment: str | None, schedule: str | None = None
    ) -> None:
        self._loader = loader
        self._environment = environment
        self._schedule = schedule
        self._counts: dict[str, int] = {}
        self._complaint = ""
        #: What the loader said and could not be used with this schedule: it is not tried again and again.
        self._refused: Groups | None = None
        #: As the loader said last.
        self.configured: Groups = {}

    @property
    def groups(self) -> Groups:
        """Each group, of the size that it is to have now."""
        return {name: self._sized(group) for name, group in self.configured.items()}

    def read(self) -> None:
        """Ask the loader, and read the schedule if there is to be a scheduler.

        :raises Exception: it cannot say, or what it or the schedule says cannot be used.
        """
        self._take_over(self._loader(self._environment))

    def reload(self) -> bool:
        """Ask the loader; False while it cannot say: the groups stay (ruling 19); logged once."""
        return self._try(self._ask)

    def refresh(self) -> bool:
        """Have the loader look anew. If it can say, what was told meanwhile counts no more; else False."""
        self._complaint = ""
        usable = self._try(self._look_anew)
        if usable:
            self._counts = {}
        return usable

    def scale(self, queues: str, workers: int) -> bool:
        """Let the group of these queues be so many; False when there is none."""
        if queues not in self.configured:
            log.warning("This pool has no group %s: nothing is changed.", one_line(queues))
            return False
        self._counts[queues] = workers
        return True

    def _look_anew(self) -> None:
        self._loader.reset()
        self.read()

    def _ask(self) -> None:
        groups = self._loader(self._environment)
        if groups not in (self.configured, self._refused):
            self._take_over(groups)

    def _take_over(self, groups: Groups) -> None:
        self._refused = groups
        if self._schedule and any(group.schedules for group in groups.values()):
            load_schedule(self._schedule)
        self._refused, self.configured = None, groups

    def _try(self, look: Callable[[], None]) -> bool:
        try:
            look()
        except Exception as error:
            said = f"{type(error).__name__}: {error}" if not isinstance(error, ResqueError) else str(error)
            if said != self._complaint:
                log.error("The pool stays as it is: %s", said)  # noqa: TRY400 - a message for operators
            self._complaint = said
        else:
            self._complaint = ""
        return not self._complaint

    def _sized(self, group: Group) -> Group:
        return group.of_size(self._counts.get(group.queues, group.workers))
