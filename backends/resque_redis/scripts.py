"""Loads this package's Lua: one file for each transition, whose header names its keys and arguments.

A header line `-- KEYS name` or `-- ARGV name` makes a local variable of that name; `-- ARGV ...` sets
REST to the index of the first further argument; `-- BOUNDS name` makes a table of the bounds of
histograms. `-- include: _file` puts that file's code, and the keys of its header, in front.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from importlib.resources import files
from types import MappingProxyType

from resque_core.timing import BOUNDS

#: The file that each script begins with.
_IN_EVERY = "_calling"
_FOLDER = files("resque_redis").joinpath("scripts")
_HEADING = re.compile(r"^-- (KEYS|ARGV|BOUNDS|include:) +([\w.]+)", re.MULTILINE)
_COMMENT = re.compile(r"^ *--.*\n|^\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """A script as the server gets it."""

    name: str
    text: bytes
    #: SHA-1 of the text, by which the server knows it.
    digest: bytes
    #: Names of its keys, in the order of KEYS.
    keys: tuple[str, ...]


def _load() -> Mapping[str, Script]:
    sources = {
        file.name.removesuffix(".lua"): file.read_text("utf-8")
        for file in _FOLDER.iterdir()
        if file.name.endswith(".lua")
    }
    names = (name for name in sources if not name.startswith("_"))
    return MappingProxyType({name: _assemble(name, sources) for name in names})


def _assemble(name: str, sources: Mapping[str, str]) -> Script:
    parts = [sources[_IN_EVERY], *(sources[part] for part in _with_included(name, sources))]
    keys = tuple(dict.fromkeys(key for part in parts for key in _headings(part, "KEYS")))
    lines = [f"local {key} = KEYS[{place}]" for place, key in enumerate(keys, 1)]
    for place, argument in enumerate(_headings(sources[name], "ARGV"), 1):
        local = "REST" if argument == "..." else argument
        lines.append(f"local {local} = {place if local == 'REST' else f'ARGV[{place}]'}")
    bounds = f"{{{', '.join(map(str, BOUNDS))}}}"
    lines += [f"local {table} = {bounds}" for part in parts for table in _headings(part, "BOUNDS")]
    text = "\n".join((*lines, *(_COMMENT.sub("", part) for part in parts))).encode()
    return Script(name, text, sha1(text, usedforsecurity=False).hexdigest().encode(), keys)


def _with_included(name: str, sources: Mapping[str, str]) -> list[str]:
    """The names of all files that make it up, each once, and before those that include it."""
    found: dict[str, None] = {}
    for included in _headings(sources[name], "include:"):
        found |= dict.fromkeys(_with_included(included, sources))
    return [*found, name]


def _headings(source: str, kind: str) -> list[str]:
    return [value for found, value in _HEADING.findall(source) if found == kind]


SCRIPTS = _load()
