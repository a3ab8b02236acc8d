"""Loads this package's SQL: `.sql` files of blocks that each begin with `-- name: NAME`."""

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

_PACKAGE = files("resque_sqlite")
_HEADING = "-- name:"


def load(part: str) -> Mapping[str, str]:
    """The statements of `PART.sql`, by name, without their comments."""
    blocks: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in _PACKAGE.joinpath(f"{part}.sql").read_text("utf-8").splitlines():
        if line.startswith(_HEADING):
            lines = blocks.setdefault(line.removeprefix(_HEADING).strip(), [])
        elif not line.startswith("--"):
            lines.append(line)
    return MappingProxyType({name: "\n".join(block).strip() for name, block in blocks.items()})


def load_schema() -> list[str]:
    """The scripts of `schema/` in order: the n-th (from 1) leads to layout n."""
    scripts = (file for file in _PACKAGE.joinpath("schema").iterdir() if file.name.endswith(".sql"))
    return [file.read_text("utf-8") for file in sorted(scripts, key=lambda file: file.name)]
