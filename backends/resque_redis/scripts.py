"""Loads this package's Lua: one file for each transition, whose header names its keys and arguments.

A header line `-- KEYS name` or `-- ARGV name` makes a local variable of that name; `-- ARGV ...` sets
REST to the index of the first further argument; `-- BOUNDS name` makes a table of the bounds of
histograms. `-- include: _file` puts that file's code, and the keys of its header, in front; indented,
in a function, it puts the code there, where it costs nothing until that function is called. A key of
ours that only such code uses is not passed: its name is made there.

The server makes all functions of a script anew for each call, which took longer than the commands in
them. So a script gets only what it uses of the files that it includes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from importlib.resources import files
from textwrap import indent
from types import MappingProxyType

from resque_core.timing import BOUNDS
from resque_redis.keys import OURS, RUBY

_KEYS = frozenset((*RUBY, *OURS))
#: The file that each script begins with.
_IN_EVERY = "_calling"
_FOLDER = files("resque_redis").joinpath("scripts")
_HEADING = re.compile(r"^ *-- (KEYS|ARGV|BOUNDS) +([\w.]+)", re.MULTILINE)
_INCLUDE = re.compile(r"^-- include: +(\w+)", re.MULTILINE)
_INCLUDE_HERE = re.compile(r"^( +)-- include: +(\w+)\n", re.MULTILINE)
_COMMENT = re.compile(r"^ *--.*\n|^\n", re.MULTILINE)
#: What a file whose name begins with `_` consists of: functions, and values in one line.
_DEFINITION = re.compile(
    r"^local (?:function (\w+)\(.*?^end|(\w[\w, ]*) = [^\n]*)\n", re.MULTILINE | re.DOTALL
)
_WORD = re.compile(r"\w+")
#: What is put into a function: code in which a variable of its own stands for each key.
_MARK = re.compile(r"^ *@[<>]\n", re.MULTILINE)
_INNER = re.compile(r"^( +)@<\n.*?^\1@>\n", re.MULTILINE | re.DOTALL)
_OWN_KEY = re.compile(r"^( *local \w+ = )@(\w+)\n", re.MULTILINE)
#: A key whose name has to be passed: it is Ruby's, or another one where there are several lists of failures.
_PASSED = re.compile(rf"@(x_|failures|{'|'.join(RUBY)})\b")


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
    outer = [_IN_EVERY, *_with_included(name, sources)]
    whole = [_expanded(sources[part], outer[:place], sources) for place, part in enumerate(outer, 1)]
    *shared, own = (_COMMENT.sub("", text) for text in whole)
    code = "".join((*_used("".join(shared), own), own))
    words = {*_WORD.findall(_INNER.sub("", code)), *_PASSED.findall(code), *_headings(whole[-1:], "KEYS")}
    keys = tuple(dict.fromkeys(key for key in _headings(whole, "KEYS") if key in words))
    lines = [f"local {key} = KEYS[{place}]" for place, key in enumerate(keys, 1)]
    for place, argument in enumerate(_headings(whole[-1:], "ARGV"), 1):
        local = "REST" if argument == "..." else argument
        lines.append(f"local {local} = {place if local == 'REST' else f'ARGV[{place}]'}")
    bounds = f"{{{', '.join(map(str, BOUNDS))}}}"
    lines += [f"local {table} = {bounds}" for table in _headings(whole, "BOUNDS") if table in words]
    code = _OWN_KEY.sub(lambda found: _own_key(found, keys), _MARK.sub("", code))
    text = "\n".join((*lines, code)).encode()
    return Script(name, text, sha1(text, usedforsecurity=False).hexdigest().encode(), keys)


def _with_included(name: str, sources: Mapping[str, str]) -> list[str]:
    """The names of all files that make it up, each once, and before those that include it."""
    found: dict[str, None] = {}
    for included in _INCLUDE.findall(sources[name]):
        found |= dict.fromkeys(_with_included(included, sources))
    return [*found, name]


def _expanded(source: str, before: Sequence[str], sources: Mapping[str, str]) -> str:
    """A file with what its functions include, unless that is it, or before it anyway."""

    def put(here: re.Match[str]) -> str:
        parts = [part for part in _with_included(here[2], sources) if part not in before]
        inner = (
            _expanded(sources[part], [*before, *parts[:place]], sources)
            for place, part in enumerate(parts, 1)
        )
        return indent(_with_own_keys("".join(inner)), here[1])

    return _INCLUDE_HERE.sub(put, source)


def _with_own_keys(inner: str) -> str:
    """This code of a function's, with a variable of its own for each key that it uses.

    A variable of the script's it would share. To make a function, the server looks at all that are
    shared for each one of these; and a key of ours that nothing else uses need not be passed at all.
    """
    used = _KEYS.intersection(_WORD.findall(_COMMENT.sub("", inner)))
    keys = "".join(f"local {key} = @{key}\n" for key in sorted(used))
    return f"@<\n{keys}{inner}@>\n"


def _own_key(found: re.Match[str], keys: Sequence[str]) -> str:
    """The line that makes this variable; nothing for what is no key in this script."""
    line, key = found.groups()
    if key in keys:
        return f"{line}KEYS[{keys.index(key) + 1}]\n"
    if key in OURS:
        return f"{line}KEYS[{keys.index('x_') + 1}] .. '{OURS[key].removeprefix(OURS['x_'])}'\n"
    return ""


def _used(definitions: str, code: str) -> list[str]:
    """Of these definitions those that the code behind them uses, or another one that it uses."""
    used: list[str] = []
    words = set(_WORD.findall(code))
    for found in reversed(list(_DEFINITION.finditer(definitions))):
        if not words.isdisjoint(_WORD.findall(found[1] or found[2])):
            used.insert(0, found[0])
            words.update(_WORD.findall(found[0]))
    return used


def _headings(sources: Iterable[str], kind: str) -> list[str]:
    return [value for source in sources for found, value in _HEADING.findall(source) if found == kind]


SCRIPTS = _load()
