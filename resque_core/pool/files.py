"""The file in which a pool is described: where it is looked for, and what it says."""

from collections.abc import Mapping
from pathlib import Path

from resque_core.config import read_text
from resque_core.display import one_line
from resque_core.errors import SettingsError
from resque_core.pool.group import Groups
from resque_core.pool.reading import Place, read_groups
from resque_core.yaml_text import lines_of, parse_yaml

#: The variable that names the file.
VARIABLE = "RESQUE_POOL_CONFIG"
#: Where it is looked for if nothing names it, as resque-pool does.
USUAL = ("resque-pool.yml", "config/resque-pool.yml")


def find_file(named: str | None, environ: Mapping[str, str]) -> str | None:
    """The file that is meant: the one named, else RESQUE_POOL_CONFIG's, else a usual one; None for no file.

    :raises SettingsError: a file was named and is not there.
    """
    path = named or environ.get(VARIABLE)
    if path is None or not path:
        return next((usual for usual in USUAL if Path(usual).is_file()), None)
    if not Path(path).is_file():
        source = "named" if named else f"that {VARIABLE} names"
        raise SettingsError(
            f"The pool's file {one_line(path)} {source} does not exist. Write it, or leave the name out: "
            f"then {' or '.join(USUAL)} is read where there is one."
        )
    return path


def read_file(path: str, environment: str | None) -> Groups:
    """The groups that the file means in this environment. An empty file is an empty pool.

    :raises SettingsError: it cannot be read or used; the message names file, line and way out.
    """
    text = read_text(path)
    name = one_line(path)
    body = parse_yaml(text, name)
    return read_groups(body, environment, _places(name, lines_of(text)))


def _places(name: str, lines: Mapping[tuple[object, ...], int]) -> Place:
    def place(path: tuple[object, ...]) -> str:
        line = lines.get(tuple(map(str, path)))
        keys = ".".join(one_line(key) for key in path)
        return ": ".join(filter(None, (name, f"line {line}" if line else "", keys)))

    return place
