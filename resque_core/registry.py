"""The jobs that this process knows: wire names to definitions, and nothing else ever runs."""

from resque_core.definition import Definition
from resque_core.errors import DuplicateJobError


class Registry:
    """Definitions by wire name, and by the class, module or function that they were made of."""

    def __init__(self) -> None:
        self._by_name: dict[str, Definition] = {}
        self._by_target: dict[int, Definition] = {}

    def add(self, definition: Definition) -> None:
        """Make a definition known. The same one again, as after `importlib.reload`, replaces itself.

        :raises DuplicateJobError: another one has its name.
        """
        known = self._by_name.get(definition.name)
        if known and known.source != definition.source:
            raise DuplicateJobError(
                f"The name {definition.name!r} is taken by {known.source}; {definition.source} cannot have "
                f"it too. Rename one, or give it another name: @job(name=…)."
            )
        self._by_name[definition.name] = definition
        # By identity: classes may define equality, and be unhashable, as they please.
        self._by_target[id(definition.target)] = definition

    def get(self, name: str) -> Definition | None:
        """The definition with exactly this name."""
        return self._by_name.get(name)

    def made_of(self, target: object) -> Definition | None:
        """The definition of this class, module or function."""
        return self._by_target.get(id(target))

    def names(self) -> list[str]:
        """Every registered name, sorted."""
        return sorted(self._by_name)

    def isolated(self) -> list[str]:
        """The names of the jobs that want a child of their own, sorted."""
        return [name for name in self.names() if self._by_name[name].options.isolate]

    def clear(self) -> None:
        """Forget everything. For tests: jobs register when their module is imported, and only then."""
        self._by_name.clear()
        self._by_target.clear()


#: The one registry of this process, shared by all `Resque` objects (ruling 17).
registry = Registry()
