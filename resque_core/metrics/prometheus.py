"""Metrics for Prometheus, by its own library: as a page, on a port, or in a program's registry."""

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

from resque_core.errors import SettingsError
from resque_core.metrics.collecting import Source
from resque_core.metrics.families import Family
from resque_core.store_client import StoreClient
from resque_core.timing import BOUNDS, Histogram

_BOUNDS = (*(str(bound / 1000) for bound in BOUNDS), "+Inf")


class ResqueCollector:
    """Has a registry of prometheus_client ask the store: `REGISTRY.register(ResqueCollector(resque))`.

    :raises SettingsError: prometheus_client is not installed.
    """

    def __init__(self, resque: StoreClient) -> None:
        try:
            from prometheus_client import metrics_core
        except ModuleNotFoundError as error:
            raise SettingsError(
                'Metrics for Prometheus need its library: pip install "resque-core[metrics]"'
            ) from error
        self._kinds: dict[str, Any] = {
            "counter": metrics_core.CounterMetricFamily,
            "gauge": metrics_core.GaugeMetricFamily,
            "histogram": metrics_core.HistogramMetricFamily,
        }
        self._source = Source(resque)

    def collect(self) -> Iterable[Any]:
        """All metrics, read from the store now; if that does not answer, `resque_up 0` alone."""
        return [self._told(family) for family in self._source.families()]

    def describe(self) -> Iterable[Any]:
        """Nothing: so a registry does not read the store when this is registered."""
        return []

    def _told(self, family: Family) -> Any:
        labels = [family.label] if family.label else []
        told = self._kinds[family.kind](family.name, family.help, labels=labels)
        for text, value in family.values.items():
            its = [_sound(text)] if family.label else []
            told.add_metric(its, *(_buckets(value) if isinstance(value, Histogram) else (value,)))
        return told


def page(resque: StoreClient, accept: str = "") -> tuple[bytes, str]:
    """The metrics as a page for Prometheus, in the format that it accepts; and the name of that format.

    :raises SettingsError: prometheus_client is not installed.
    """
    registry = _registry(resque)
    from prometheus_client import exposition

    encode, kind = exposition.choose_encoder(accept)
    return encode(registry), kind


def serve(resque: StoreClient, port: int, host: str) -> None:
    """Answer Prometheus on a port, in a thread, for as long as this process lives.

    :raises SettingsError: prometheus_client is not installed, or nobody can listen there.
    """
    registry = _registry(resque)
    from prometheus_client import exposition

    try:
        exposition.start_http_server(port, host, registry)
    except (OSError, OverflowError) as error:
        raise SettingsError(
            f"--prometheus {port}: nobody can listen there on {host}: {error}. Give another port, or --host."
        ) from error


def _registry(resque: StoreClient) -> Any:
    collector = ResqueCollector(resque)
    from prometheus_client import registry

    registered = registry.CollectorRegistry()
    registered.register(collector)
    return registered


def _buckets(histogram: Histogram) -> tuple[list[tuple[str, int]], float]:
    return list(zip(_BOUNDS, accumulate(histogram.counts), strict=True)), histogram.seconds


def _sound(text: str) -> str:
    """A name as UTF-8 can have it. The library escapes the rest."""
    return text.encode("utf-8", "backslashreplace").decode()
