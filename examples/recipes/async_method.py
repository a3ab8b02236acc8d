"""Call a method of a model later: enqueue what it is and its primary key, never the object itself.

The object is loaded in the job, as it is then. `user.later("suspend", reason="spam")` is one job for
all models, and only methods that say so can be called: a payload is data that anybody may have written.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

from resque_core import Job, Resque, job

F = TypeVar("F", bound=Callable[..., Any])

#: The models that the job may load, by the name that payloads have for them.
MODELS: dict[str, type["Later"]] = {}


def callable_later(method: F) -> F:
    """Let the method be called by a job."""
    method.callable_later = True  # type: ignore[attr-defined]
    return method


class Later:
    """A model whose methods can be called later."""

    pk: int

    def __init_subclass__(cls) -> None:
        MODELS[cls.__name__] = cls

    @classmethod
    def load(cls, pk: int) -> Self:
        """The object with this primary key: `cls.objects.get(pk=pk)` in Django."""
        raise NotImplementedError

    def later(self, resque: Resque, method: str, *args: Any, **kwargs: Any) -> Job | None:
        """Enqueue a call of one of its methods."""
        _method_of(type(self), method)
        return resque.enqueue(call_method, type(self).__name__, self.pk, method, *args, **kwargs)


@job(queue="methods", name="recipes.call_method")
def call_method(model: str, pk: int, method: str, *args: Any, **kwargs: Any) -> None:
    """Load the object and call its method."""
    kind = MODELS[model]
    _method_of(kind, method)(kind.load(pk), *args, **kwargs)


def _method_of(kind: type[Later], name: str) -> Callable[..., Any]:
    method: Callable[..., Any] = getattr(kind, name)
    if not getattr(method, "callable_later", False):
        raise ValueError(f"{kind.__name__}.{name} is not to be called by a job: mark it @callable_later.")
    return method


class User(Later):
    """A model. This one lives in a dict; yours has a database."""

    rows: ClassVar[dict[int, dict[str, Any]]] = {}

    def __init__(self, pk: int) -> None:
        self.pk = pk

    @classmethod
    def load(cls, pk: int) -> Self:
        """From the dict."""
        if pk not in cls.rows:
            raise LookupError(f"There is no user {pk} any more.")
        return cls(pk)

    @callable_later
    def suspend(self, *, reason: str) -> None:
        """What is to be done later."""
        self.rows[self.pk] = {"suspended": True, "reason": reason}
