"""Reads YAML that may be hostile or come from Ruby: nothing in it is executed, and it cannot blow up."""

from collections.abc import Sequence
from typing import Any

from resque_core.display import one_line
from resque_core.errors import SettingsError

#: More keys than this in one mapping come from nested merges (`<<`), which multiply.
MAX_KEYS = 1000
#: No setting of ours is deeper. An alias may lead back to its own beginning.
_DEEPEST = 3
_MERGE = "tag:yaml.org,2002:merge"


def parse_yaml(text: str, name: str) -> Any:
    """What the YAML `text` says; `name` is the file it is from. An empty file is an empty mapping.

    :raises SettingsError: it is not plain YAML. ERB is refused and never evaluated.
    """
    _refuse_erb(text, name)
    # Imported here because most commands have no configuration file, and the parser is slow to import.
    import yaml

    path: list[str] = []

    class Loader(yaml.SafeLoader):
        """Plain YAML, within bounds."""

        def flatten_mapping(self, node: yaml.MappingNode) -> None:
            """Merge `<<` keys, up to a limit."""
            super().flatten_mapping(node)
            if len(node.value) > MAX_KEYS:
                raise yaml.constructor.ConstructorError(problem=f"more than {MAX_KEYS} keys in one mapping")

        def compose_node(self, parent: Any, index: Any) -> Any:
            """Each value by the key that leads to it."""
            path.append(str(getattr(index, "value", "")))
            node = super().compose_node(parent, index)
            path.pop()
            return node

        def compose_mapping_node(self, anchor: Any) -> Any:
            """As written: what `<<` merges in comes later, and may say the same again."""
            node = super().compose_mapping_node(anchor)
            _refuse_doubles(node, name, path)
            return node

    try:
        body = yaml.load(text, Loader)  # noqa: S506 - a SafeLoader, with a limit
    except RecursionError:
        raise SettingsError(f"{name}: nested too deeply to be read.") from None
    except (yaml.YAMLError, ValueError) as error:
        raise SettingsError(f"{name}: {_problem(error)}") from None
    return {} if body is None else body


def lines_of(text: str) -> dict[tuple[object, ...], int]:
    """The line of each key in YAML that `parse_yaml` has read, by the path of keys (as text) to it."""
    import yaml

    reader = yaml.constructor.SafeConstructor()
    lines: dict[tuple[object, ...], int] = {}

    def note(node: yaml.Node | None, path: tuple[object, ...]) -> None:
        if not isinstance(node, yaml.MappingNode):
            return
        for key, value in node.value:
            # `yes` is True, and `010` is 8: as they are called in messages.
            place = (*path, str(reader.construct_object(key)) if key.tag != _MERGE else key.value)
            lines[place] = key.start_mark.line + 1
            if len(path) < _DEEPEST:
                note(value, place)

    note(yaml.compose(text, yaml.SafeLoader), ())
    return lines


def _refuse_doubles(mapping: Any, name: str, path: Sequence[str]) -> None:
    """YAML has the keys of a mapping be unique. PyYAML would let the last one win, in silence."""
    lines: dict[object, int] = {}
    for key, _ in mapping.value:
        said, line = (key.tag, str(key.value)), key.start_mark.line + 1
        if said in lines:
            where = "".join(f"{one_line(it)}: " for it in path if it)
            raise SettingsError(
                f"{name}: line {line}: {where}{one_line(key.value)} is there already, in line {lines[said]}. "
                f"Write it once."
            )
        if key.tag != _MERGE:
            lines[said] = line


def _refuse_erb(text: str, name: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        if "<%" in line:
            raise SettingsError(
                f"{name}: line {number} holds ERB (<% … %>), which is Ruby and is not evaluated here. "
                f"Write the value itself, or leave the key out and set its environment variable or option."
            )


def _problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    place = f"line {mark.line + 1}: " if mark else ""
    return f"{place}not plain YAML: {said}. Put text that begins with * or ! in quotes, as in queues: '*'."
