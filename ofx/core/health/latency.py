"""How long requests take, by view: any web process of a machine can tell for all of them."""

import os

from prometheus_client import REGISTRY, CollectorRegistry, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 10.0)
SECONDS = Histogram(
    "ofx_request_seconds", "Time of a request in the server", ["view", "method", "status"], buckets=BUCKETS
)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def note(view: str, method: str, status: int, seconds: float) -> None:
    """Count one request. `view` is the name of a URL of ours; an address that is none is `unknown`."""
    SECONDS.labels(view or "unknown", method if method in METHODS else "other", f"{status // 100}xx").observe(seconds)


def registry() -> CollectorRegistry:
    """The numbers of all processes of this machine."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    found = CollectorRegistry()
    MultiProcessCollector(found)
    return found
