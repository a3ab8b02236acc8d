"""Conservation: whatever happens in whatever order, every accepted job is in exactly one place."""

from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from resque_core.discovery import open_storage
from resque_core.testing.contract.operator_rules import OperatorRules
from resque_core.testing.contract.rules import ProducerRules, WorkerRules

#: A store may be slow, and a busy machine slower.
UNHURRIED: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck)}


class Conservation(ProducerRules, WorkerRules, OperatorRules):
    """All rules together."""


def test_no_job_is_lost_or_doubled_whatever_happens(
    quick_storage_url: str, conservation_settings: settings, steps_between_looks: int
) -> None:
    """Some hundred random lives of a store, each in a namespace of its own, beside their model."""

    def begin() -> Conservation:
        """A new life."""
        machine = Conservation(open_storage(quick_storage_url, f"contract-{uuid4().hex}"))
        machine.steps_between_looks = steps_between_looks
        return machine

    run_state_machine_as_test(
        begin,  # type: ignore[arg-type]  # Annotated as a class, documented as anything that makes a machine.
        settings=settings(conservation_settings, **UNHURRIED),
    )
