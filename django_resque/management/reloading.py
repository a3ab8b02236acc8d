"""What has to be watched while a project is written: what Django's own autoreloader watches."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.apps import apps
from django.utils.autoreload import StatReloader, autoreload_started

#: Seconds between two looks at signals, and between two at all files.
PERIOD, BETWEEN_LOOKS = 0.2, 1.0
#: Where others' packages are installed.
_INSTALLED = {"site-packages", "dist-packages"}


def project_files() -> Iterator[Sequence[str]]:
    """Looks at the files of this project: every loaded module, and all that is below its applications.

    A module that is new, or that a mistake keeps from being loaded, is below one of these.
    """
    reloader = StatReloader()
    for config in apps.get_app_configs():
        if not _INSTALLED.intersection(Path(config.path).parts):
            reloader.watch_dir(config.path, "**/*.py")
    # Projects have more watched by this signal: templates and translations, for example.
    autoreload_started.send(sender=reloader)
    seen, looked_at = dict(reloader.snapshot_files()), time.monotonic()
    while True:
        time.sleep(PERIOD)
        changed: list[str] = []
        if time.monotonic() - looked_at >= BETWEEN_LOOKS:
            now = dict(reloader.snapshot_files())
            changed = [str(path) for path, moment in now.items() if seen.get(path) != moment]
            seen, looked_at = now, time.monotonic()
        yield changed
