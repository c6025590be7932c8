"""What waits, read from the rows when somebody asks. A package registers its own in its metrics.py: `@gauges`.

Bounded: a source counts up to a limit through an index, and the database ends it after two seconds. A source that
fails is missing from the answer and named by `ofx_metrics_source_up`; it never costs the others.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, transaction
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

log = logging.getLogger(__name__)
LIMIT = 20_000  # rows that a source looks at
SOURCE_MS = 2000
KEEP_SECONDS = 5.0


class Gauge(NamedTuple):
    """One number. The same name with other labels makes a family; its help is the first one's."""

    name: str
    help: str
    value: float
    labels: dict[str, str] = {}


Source = Callable[[], Iterable[Gauge]]
SOURCES: dict[str, Source] = {}


def gauges(source: Source) -> Source:
    """Register a function that reads numbers by a constant number of bounded queries."""
    SOURCES[f"{source.__module__}.{source.__name__}"] = source
    return source


def rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query; `%(limit)s` is the limit that every source keeps to."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"limit": LIMIT, **values})
        return list(cursor.fetchall())


class Rows(Collector):
    """All sources; the answer is kept for a few seconds, so asking often costs nothing."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: tuple[float, list[GaugeMetricFamily]] = (float("-inf"), [])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families, at most five seconds old."""
        with self.lock:
            at, found = self.kept
            if time.monotonic() - at > KEEP_SECONDS:
                found = _families()
                self.kept = (time.monotonic(), found)
        yield from found


def _families() -> list[GaugeMetricFamily]:
    families: dict[str, GaugeMetricFamily] = {}
    for name, source in SOURCES.items():
        found = _asked(name, source)
        up = Gauge("ofx_metrics_source_up", "Whether this source could be read", found is not None, {"source": name})
        for gauge in [up, *(found or [])]:
            if gauge.name not in families:
                families[gauge.name] = GaugeMetricFamily(gauge.name, gauge.help, labels=list(gauge.labels))
            families[gauge.name].add_metric(list(gauge.labels.values()), float(gauge.value))
    return list(families.values())


def _asked(name: str, source: Source) -> list[Gauge] | None:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(SOURCE_MS)])
            return list(source())
    except DatabaseError as error:
        log.warning("metrics not read", extra={"source": name, "error": str(error).splitlines()[0][:200]})
        return None
