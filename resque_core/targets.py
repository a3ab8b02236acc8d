"""What may be enqueued: a `JobFunction`, a registered class or module, or a wire name."""

from resque_core.definition import Definition
from resque_core.display import one_line
from resque_core.errors import RegistrationError
from resque_core.registry import registry


def find_definition(target: object) -> Definition:
    """The definition of `target`. A name that nobody registered here is a job of another code base.

    :raises RegistrationError: the target is neither a name nor registered.
    """
    own = getattr(target, "definition", None)
    if isinstance(own, Definition):
        return own
    if isinstance(target, str):
        return registry.get(target) or Definition(name=target)
    if target is None:
        return Definition(name="")
    definition = registry.made_of(target)
    if definition is None:
        raise RegistrationError(
            f"{one_line(repr(target))} is not a registered job. Put @job on it, call register(…) with it, "
            f"or give its wire name as a string; jobs that were built go to enqueue_many."
        )
    return definition
