"""`local_zone`: this machine's time zone, for the pages of a monitor without a project."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

#: On most systems a link to the zone's file.
LINK = Path("/etc/localtime")


def local_zone() -> str:
    """Its name, by the variable TZ or by the link; UTC where neither names a zone."""
    names = (os.environ.get("TZ", "").lstrip(":"), _target().partition("zoneinfo/")[2])
    return next(filter(_is_zone, names), "UTC")


def _target() -> str:
    try:
        return str(LINK.readlink())
    except OSError:
        # A file of its own, or none.
        return ""


def _is_zone(name: str) -> bool:
    try:
        return bool(name) and bool(ZoneInfo(name))
    except (ValueError, OSError, LookupError):
        return False
