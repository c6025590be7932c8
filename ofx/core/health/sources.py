"""The kernel's own numbers: events that wait for a subscriber, and signs of life."""

from collections.abc import Iterator

from ofx.core.health.gauges import Gauge, gauges, rows

EVENTS = """
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)
FROM (SELECT recorded_at FROM core_event WHERE NOT settled ORDER BY id LIMIT %(limit)s) open
"""
FAILING = "SELECT count(*) FROM (SELECT FROM core_failing LIMIT %(limit)s) failing"
BEATS = "SELECT part, extract(epoch FROM clock_timestamp() - at) FROM core_heartbeat ORDER BY part LIMIT 100"


@gauges
def events() -> Iterator[Gauge]:
    """Events that not every subscriber has handled."""
    [(count, age)] = rows(EVENTS)
    yield Gauge("ofx_events_open", "Events that a subscriber has yet to handle", count)
    yield Gauge("ofx_events_oldest_seconds", "Age of the oldest of them", age)
    [(failing,)] = rows(FAILING)
    yield Gauge("ofx_events_failing", "Subscribers that failed on an event and try again", failing)


@gauges
def heartbeats() -> Iterator[Gauge]:
    """How long ago worker and scheduler said that they live."""
    for part, age in rows(BEATS):
        yield Gauge("ofx_heartbeat_age_seconds", "Time since a part said that it lives", age, {"part": part})
