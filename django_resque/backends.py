"""The three names that `RESQUE_BACKEND` knows, and what each of them means alone."""

from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from resque_core.discovery import GROUP


@dataclass(frozen=True, slots=True)
class Backend:
    """A store that a short name stands for."""

    #: The package that opens its URLs.
    package: str
    #: The plain scheme of its URLs.
    scheme: str
    #: Where it is unless a URL says otherwise; None: a file in BASE_DIR.
    url: str | None
    #: The driver's module, and the extra that installs it; None where none is needed.
    driver: str | None = None
    extra: str | None = None

    @property
    def schemes(self) -> list[str]:
        """The schemes of its URLs."""
        return [point.name for point in entry_points(group=GROUP) if point.module == self.package]

    @property
    def installed(self) -> bool:
        """Whether its driver is there."""
        return self.driver is None or find_spec(self.driver) is not None


BACKENDS = {
    "redis": Backend("resque_redis", "redis", "redis://localhost:6379/0", "redis", "redis"),
    "mongo": Backend("resque_mongo", "mongodb", "mongodb://localhost:27017/resque", "pymongo", "mongo"),
    "sqlite": Backend("resque_sqlite", "sqlite", None),
}


def project_file() -> str | None:
    """The URL of the SQLite file in BASE_DIR; None for a project that has none."""
    folder = getattr(settings, "BASE_DIR", None)
    return f"sqlite:///{quote(str(Path(folder).resolve() / 'resque.sqlite3'))}" if folder else None
