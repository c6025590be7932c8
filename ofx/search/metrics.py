"""Numbers of bulk qualification, for `/metrics`."""

from collections.abc import Iterator

from ofx.core.health.gauges import Gauge, gauges, rows

RUNS = "SELECT state, count(*) FROM search_bulkrun WHERE state IN ('queued', 'running') GROUP BY state"


@gauges
def bulk_runs() -> Iterator[Gauge]:
    """Files of places that wait or are being worked."""
    found = dict(rows(RUNS))
    for state in ("queued", "running"):
        yield Gauge("ofx_bulk_runs", "Bulk qualifications by state", found.get(state, 0), {"state": state})
